/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments: one zstd frame of whole records in one age file
 * (proto/FORMAT.md section 3).  Writing one is a single pass: the compressor
 * writes where the ciphertext will be, each chunk is encrypted there and
 * hashed while it is in the cache.
 */
#ifndef EVIDENCE_SEGMENT_H
#define EVIDENCE_SEGMENT_H

#include <stdbool.h>

#include "evidence/age.h"
#include "evidence/hash.h"
#include "evidence/record.h"

enum {
	SEGMENT_BYTES = 8 << 20, /* sealed, by default and at most */
	SEGMENT_MIN_BYTES = 4 << 20, /* so that the largest record fits */
	SEGMENT_PLAIN_BYTES = 64 << 20, /* of records */
	SEGMENT_NAME_CHARS = 32,
	SEGMENT_NUMBER_MAX = 999999,
	SEGMENT_LEVEL_FAST = -1,
	SEGMENT_LEVEL_DENSE = 3,
	/* Bounds the compressor's memory, and the reader's. */
	SEGMENT_WINDOW_LOG = 20,
	SEGMENT_FAST_WINDOW_LOG = 18, /* at levels below 0 */
	SEGMENT_DENSE_TABLE_LOG = 15,
	SEGMENT_READ_WINDOW_LOG = 27,
};

/*
 * segment_name(ret, number):
 * "segment-NNNNNN.age".
 */
void segment_name(char ret[SEGMENT_NAME_CHARS], unsigned number);

struct segment_writer;

/*
 * segment_writer_new(ret, recipients, n, e):
 * What writes segments for ${n} recipients, one after another, in one
 * thread.  The caller frees with segment_writer_free().
 */
int segment_writer_new(struct segment_writer **ret,
	const struct age_recipient *recipients, size_t n,
	struct err *e) MUST_CHECK;
void segment_writer_free(struct segment_writer *w);

/*
 * segment_begin(w, out, cap, level, e):
 * Begin a segment in ${out}, which ${w} borrows until segment_end(), of at
 * least SEGMENT_MIN_BYTES, compressed at the zstd ${level}.
 */
int segment_begin(struct segment_writer *w, uint8_t *out, size_t cap, int level,
	struct err *e) MUST_CHECK;

/*
 * segment_fits(w, bytes):
 * Whether a record of ${bytes} with its length is sure to fit.
 */
bool segment_fits(const struct segment_writer *w, size_t bytes);

/*
 * segment_add(w, r, e):
 * Add a record; -ENOSPC when it may not fit, and then nothing was added.
 */
int segment_add(struct segment_writer *w, const struct record *r,
	struct err *e) MUST_CHECK;

/* What a finished segment is. */
struct segment_info {
	size_t size_bytes;
	uint8_t sha256[HASH_BYTES];
	uint64_t plain_bytes;
};

/*
 * segment_end(w, ret, e):
 * Finish the segment.  ${w} is ready for segment_begin() again, also after
 * an error.
 */
int segment_end(struct segment_writer *w, struct segment_info *ret,
	struct err *e) MUST_CHECK;

/*
 * segment_record_fn(arg, buf, len, e):
 * Sees one record, without its length; a negative return ends the reading.
 */
typedef int segment_record_fn(
	void *arg, const uint8_t *buf, size_t len, struct err *e);

/*
 * segment_read(sealed, len, identities, n, fn, arg, e):
 * Decrypt, inflate and split one segment, in memory bounded by the limits
 * above.  -ENOKEY when it is for other keys, -EBADMSG when it is damaged:
 * what came before the damage has been seen by ${fn} already.
 */
int segment_read(const uint8_t *sealed, size_t len,
	const struct age_identity *identities, size_t n, segment_record_fn *fn,
	void *arg, struct err *e) MUST_CHECK;

#endif
