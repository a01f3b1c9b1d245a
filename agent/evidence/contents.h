/* SPDX-License-Identifier: Apache-2.0 */
/* What a segment holds, as its entry in the manifest will say it. */
#ifndef EVIDENCE_CONTENTS_H
#define EVIDENCE_CONTENTS_H

#include <stdbool.h>

#include "base/range.h"
#include "evidence/manifest.h"
#include "evidence/record.h"

struct contents {
	uint64_t kinds[RECORD_KINDS];
	struct ranges memory;
	struct ranges memory_gaps;
	uint64_t zero_bytes;
	uint64_t doubtful_bytes;
	uint64_t private_map_bytes;
};

/*
 * contents_add(c, m, e):
 * Count one record.
 */
int contents_add(struct contents *c, const Icecore__V1__Record *m,
	struct err *e) MUST_CHECK;

/*
 * contents_full(c):
 * Whether the next record might pass the limits of a manifest's entry.
 */
bool contents_full(const struct contents *c);

void contents_done(struct contents *c);

/*
 * contents_entry(ret, c, e):
 * A new entry with everything of ${c}; its name, size and hash are the
 * caller's to fill in: name and sha256.data are allocated with malloc().
 * Free it with icecore__v1__segment_entry__free_unpacked(ret, NULL).
 */
int contents_entry(Icecore__V1__SegmentEntry **ret, const struct contents *c,
	struct err *e) MUST_CHECK;

#endif
