/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents of chosen files: SHA-256, the weaker sum that a package tells of it,
 * and what kind of content it is, by one reading, several files at a time.  What
 * was read is dropped from the page cache.
 */
#ifndef DISK_DIGEST_H
#define DISK_DIGEST_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/cleanup.h"

struct disk_root;
struct err;
struct walk;

enum {
	DIGEST_SHA256_BYTES = 32,
	DIGEST_MD5_BYTES = 16,
	DIGEST_SHA1_BYTES = 20,
	DIGEST_THREADS_MAX = 16,
	DIGEST_PIECE_BYTES = 256 << 10,
	DIGEST_FILES_MAX = 1 << 20,
};

#define DIGEST_FILE_BYTES (4ULL << 30) /* a larger one is not read */
#define DIGEST_ALL_BYTES  (64ULL << 30) /* then no further one is read */

enum digest_content {
	DIGEST_OTHER,
	DIGEST_ELF,
	DIGEST_SCRIPT, /* begins with #! */
	DIGEST_BINARY, /* begins as no text does, and is no ELF */
};

/* What is made of a content beside SHA-256. */
enum digest_weak { DIGEST_NO_WEAK, DIGEST_MD5, DIGEST_SHA1 };

/* One file, and what became of it. */
struct digest {
	uint32_t file; /* in the walk */
	int result; /* 0, or why there is none: a negative errno */
	uint8_t content; /* enum digest_content */
	uint8_t weak; /* enum digest_weak: asked for */
	uint8_t sha256[DIGEST_SHA256_BYTES];
	uint8_t sum[DIGEST_SHA1_BYTES]; /* the weak one, zeros behind it */
};

struct digest_config {
	unsigned threads;
	const atomic_bool *interrupted; /* NULL = nobody will */
	uint64_t until_ns; /* of CLOCK_MONOTONIC; 0 = as long as it takes */
	uint64_t bytes_max; /* of all; 0 = DIGEST_ALL_BYTES */
};

/*
 * digest_judge(d, p, len): set ->content by the first bytes.
 */
void digest_judge(struct digest *d, const uint8_t *p, size_t len);

/*
 * digest_run(v, n, root, w, config, e):
 * Fill ${v}, whose ->file and ->weak are set; each tells its own result: -EFBIG
 * past DIGEST_FILE_BYTES, -EDQUOT past all bytes, -EINTR when it was interrupted,
 * -ETIME when the time was up.
 */
int digest_run(struct digest *v, size_t n, const struct disk_root *root,
	const struct walk *w, const struct digest_config *config,
	struct err *e) MUST_CHECK;

#endif
