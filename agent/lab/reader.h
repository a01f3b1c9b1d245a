/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture as it lies in a directory: its manifests, the chain they form,
 * the segments they list, and everything that is wrong with them.  Nothing
 * here needs the forensic key, and nothing that is read is trusted.
 */
#ifndef LAB_READER_H
#define LAB_READER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/range.h"
#include "evidence/manifest.h"
#include "evidence/segment.h"

struct err;

enum {
	READER_FINDINGS_MAX = 1000, /* that are told one by one */
	READER_FINDING_CHARS = 320,
	READER_THREADS_MAX = 16,
};

enum segment_state {
	SEGMENT_UNCHECKED,
	SEGMENT_GOOD,
	SEGMENT_MISSING,
	SEGMENT_DAMAGED,
};

struct reader_segment {
	unsigned number;
	bool present; /* a file of its name is there */
	bool vouched; /* a manifest of the chain lists it */
	int listed_by; /* number of that manifest, -1 = none */
	enum segment_state state;
	/* Of the manifest that lists it, NULL if none does. */
	const Icecore__V1__SegmentEntry *entry;
};

struct reader_manifest {
	unsigned number;
	bool valid; /* canonical, signed by the capture's key, in its place */
	struct manifest m;
};

struct finding {
	char text[READER_FINDING_CHARS]; /* "object: what is wrong" */
};

struct reader {
	int dirfd;
	struct reader_manifest *manifests; /* by number */
	size_t manifests_n;
	struct reader_segment *segments; /* by number */
	size_t segments_n;
	/* What most manifests agree on. */
	char capture_id[MANIFEST_CAPTURE_ID_CHARS];
	uint8_t public_key[MANIFEST_KEY_BYTES];
	const Icecore__V1__Beginning *beginning; /* NULL = not proved */
	const Icecore__V1__Ending *ending; /* NULL = partial */
	struct finding *findings; /* damage: the evidence is not whole */
	size_t findings_n; /* all of them; at most MAX are kept */
	size_t unlisted; /* segments in no manifest, of a partial capture */
	size_t leftovers; /* temporary files of a put that broke off */
};

/*
 * reader_open(ret, path, e):
 * Read the manifests in the directory ${path} and check their chain.  Damage
 * is no error but a finding; an error means that there is no capture there.
 * Close with reader_close().
 */
int reader_open(struct reader **ret, const char *path, struct err *e) MUST_CHECK;
void reader_close(struct reader *r);

/*
 * reader_check(r, threads, e):
 * Read every segment and compare size and SHA-256 with its manifest, then
 * what the capture claims to cover with what the segments do.
 */
int reader_check(struct reader *r, unsigned threads, struct err *e) MUST_CHECK;

/*
 * reader_load(r, s, ret, e):
 * The bytes of a segment, in ${ret} (emptied before), which the caller made
 * with room for SEGMENT_BYTES.
 */
int reader_load(const struct reader *r, const struct reader_segment *s,
	struct buf *ret, struct err *e) MUST_CHECK;

/*
 * reader_coverage(r, memory, gaps, e):
 * The union over the segments that are not missing or damaged of the memory
 * that they hold, and of that which they say is missing.  Either may be NULL.
 */
int reader_coverage(const struct reader *r, struct ranges *memory,
	struct ranges *gaps, struct err *e) MUST_CHECK;

/*
 * reader_system_ram(r, ret, e):
 * What the capture set out to read; empty when that is not proved.
 */
int reader_system_ram(
	const struct reader *r, struct ranges *ret, struct err *e) MUST_CHECK;

/*
 * reader_check_signer(r, signer):
 * Note as damage that the capture is signed by another key than ${signer},
 * in hexadecimal; NULL: it is not known.
 */
void reader_check_signer(struct reader *r, const char *signer);

/*
 * reader_finding(r, fmt, ...):
 * Note damage.  One thread at a time.
 */
void reader_finding(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
