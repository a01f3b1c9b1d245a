/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what a rule says of records, with references to the records that
 * prove it.  Whoever compares records calls finding_put() himself; what can be
 * seen in one record alone is a rule of judge.h.
 */
#ifndef COLLECT_FINDING_H
#define COLLECT_FINDING_H

#include <stddef.h>

#include "base/cleanup.h"
#include "evidence/finding.h"

struct err;
struct writer;

/*
 * finding_put(w, rule, refs, n, detail, e):
 * Write one finding; ${n} is at least 1, and ${detail}, at most
 * FINDING_DETAIL_BYTES, says what was seen here, or is NULL.
 */
int finding_put(struct writer *w, enum rule_id rule,
	const struct finding_ref *refs, size_t n, const char *detail,
	struct err *e) MUST_CHECK;

/*
 * finding_put_rule(w, rule, refs, n, detail, e):
 * The same of a rule that is made of another table, borrowed for the call.
 */
int finding_put_rule(struct writer *w, const struct rule *rule,
	const struct finding_ref *refs, size_t n, const char *detail,
	struct err *e) MUST_CHECK;

#endif
