/* SPDX-License-Identifier: Apache-2.0 */
/* What was found in captured memory, by the rules of evidence/rules.h. */
#ifndef INSPECT_VERDICT_H
#define INSPECT_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "evidence/finding.h"

struct err;

enum { VERDICTS_MAX = 1 << 14, VERDICT_NAME_CHARS = 96 };

struct verdict {
	const struct rule *rule;
	struct finding_ref ref; /* without its name */
	char name[VERDICT_NAME_CHARS]; /* of the reference; "" = none */
	char detail[FINDING_DETAIL_BYTES];
};

struct verdicts {
	struct verdict *v; /* in the order in which they were found */
	size_t n;
	uint64_t lost; /* past VERDICTS_MAX */
};

/*
 * verdicts_add(vs, rule, ref, e, fmt, ...):
 * One more; ref->name is copied.  -ENOMEM.
 */
int verdicts_add(struct verdicts *vs, const struct rule *rule,
	const struct finding_ref *ref, struct err *e, const char *fmt,
	...) MUST_CHECK __attribute__((format(printf, 5, 6)));
void verdicts_done(struct verdicts *vs);

#endif
