/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding as a message: what a rule says of records, with references to the
 * records that prove it.
 */
#ifndef EVIDENCE_FINDING_H
#define EVIDENCE_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/rules.h"
#include "icecore/v1/record.pb-c.h"

enum {
	FINDING_REFS_MAX = 64, /* of one finding; more are left out */
	FINDING_DETAIL_BYTES = 512,
};

/* One record; what is 0 or NULL is not told. */
struct finding_ref {
	unsigned kind; /* body_case of Record */
	uint32_t pid;
	uint32_t tid;
	uint32_t netns;
	uint64_t start_boot_ns;
	uint64_t id; /* as in finding.proto */
	const char *name; /* borrowed */
};

/* What the message is made of. */
struct finding_message {
	Icecore__V1__Finding finding;
	Icecore__V1__RecordRef refs[FINDING_REFS_MAX];
	Icecore__V1__RecordRef *refs_p[FINDING_REFS_MAX];
};

/*
 * finding_message(ret, rule, refs, n, detail):
 * Make ret->finding, which borrows from all of the others; ${n} is at least 1,
 * and ${detail}, at most FINDING_DETAIL_BYTES, is NULL where there is none.
 */
void finding_message(struct finding_message *ret, const struct rule *rule,
	const struct finding_ref *refs, size_t n, const char *detail);

#endif
