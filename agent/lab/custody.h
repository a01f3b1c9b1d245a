/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of custody of a capture, of what its manifests and the proofs say
 * and of what was checked of it: one model for icelab verify and for reports.
 * No key is needed, and nothing of it depends on when it is asked.
 */
#ifndef LAB_CUSTODY_H
#define LAB_CUSTODY_H

#include <stdint.h>

#include "base/json.h"

struct buf;
struct err;
struct proofs;
struct reader;

enum {
	/* Segments that are told one by one; further ones are counted. */
	CUSTODY_SEGMENTS_MAX = 65536,
	CUSTODY_TEXT_BYTES = 64 << 20, /* of custody_text() */
	CUSTODY_TIME_CHARS = 40,
};

/*
 * custody_json(r, p, signer):
 * The model of ${r}, which was checked, and its proofs, as an object that the
 * caller ends with json_decref(); NULL when there is no memory:
 *
 *	verdict, capture, agent_version, signed_by, expected_signer (null: the
 *	key was compared with none), case, trigger, host {...}, clock {...},
 *	recipients [], collectors [], system_ram_bytes, began, ended,
 *	manifests [ { name, number, state, sha256, previous_sha256, written,
 *		monotonic_ns, segments, sealed_bytes, manifest_at,
 *		manifest_bytes, token_bytes } ],
 *	segments [ { name, state, bytes, sha256, records, manifest, memory_bytes,
 *		memory_gap_bytes } ],
 *	segments_number, kinds { "process": records, ... }, ending (null: none),
 *	damage [], damage_number, unlisted_segments, leftovers,
 *	timestamps [], identity [] (proofs.h)
 *
 * What no manifest proves is not there.  Times are of the host's clock, UTC.
 */
json_t *custody_json(
	const struct reader *r, const struct proofs *p, const char *signer);

/*
 * custody_text(ret, custody, e):
 * Append the model as a report of numbered statements: what the evidence
 * says, what was checked and by which commands anybody checks it again, what
 * was not checked, and what none of it proves.  Text of the host is escaped.
 */
int custody_text(struct buf *ret, const json_t *custody, struct err *e) MUST_CHECK;

/*
 * custody_time(ret, realtime_ns):
 * "2026-01-31T12:00:00.000000000Z"
 */
void custody_time(char ret[CUSTODY_TIME_CHARS], uint64_t realtime_ns);

#endif
