/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content of one file, by descriptor, from its beginning to its end.  Holes
 * of a sparse file are not read: they are gaps between the pieces.  The page
 * cache stays as it was.  Every wait has a deadline (slow.h).
 */
#ifndef BINARY_CONTENT_H
#define BINARY_CONTENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/cleanup.h"

struct err;
struct slow;

enum {
	CONTENT_SHA256_BYTES = 32,
	CONTENT_MD5_BYTES = 16,
	/* A file gets this long, and a second more for each of those bytes. */
	CONTENT_SECONDS = 10,
	CONTENT_SECOND_BYTES = 4 << 20,
};

/* A longer file is not hashed as a whole, since its holes would be, too. */
#define CONTENT_HASH_BYTES (4ULL << 30)
/* Data, without holes, that is read of one file. */
#define CONTENT_DATA_BYTES (4ULL << 30)

/*
 * content_see(arg, offset, p, len, e):
 * Sees one piece; they come in order.  A negative return ends the reading.
 */
typedef int content_see(void *arg, uint64_t offset, const uint8_t *p,
	size_t len, struct err *e);

struct content_config {
	struct slow *slow;
	content_see *see; /* NULL = nobody */
	void *arg;
	uint64_t max_bytes; /* of data; 0 = CONTENT_DATA_BYTES */
	bool no_md5; /* ->md5 is not wanted */
	const atomic_bool *interrupted; /* NULL = nobody will */
};

struct content {
	uint64_t size_bytes; /* as the file says */
	uint64_t data_bytes; /* that were read */
	uint64_t end; /* behind the last piece, or hole */
	bool hashed; /* sha256 and md5 are of the whole file */
	uint8_t sha256[CONTENT_SHA256_BYTES];
	uint8_t md5[CONTENT_MD5_BYTES];
	/* The SHA-256 of each piece's offset and length (8 bytes each, little
	 * endian) and SHA-256, one piece behind the other. */
	uint8_t pieces_sha256[CONTENT_SHA256_BYTES];
	bool cut; /* there is more data than was to be read */
	bool changed; /* size or times, while it was read */
};

/*
 * content_read(ret, held, config, e):
 * Read the file that ${held}, an O_PATH of regular_look(), holds.  What was
 * read so far is in ${ret} after an error of the file, too: -ETIMEDOUT, -EINTR
 * and others.
 */
int content_read(struct content *ret, int held,
	const struct content_config *config, struct err *e) MUST_CHECK;

/*
 * content_open(s, held, e):
 * Open it for slow_read(), directly where that works.
 */
int content_open(struct slow *s, int held, struct err *e) MUST_CHECK;

#endif
