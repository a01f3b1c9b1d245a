/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that may never answer: each call is done by a thread (live/hand.h) and
 * waited for no longer than a deadline; a thread that does not come back is
 * left behind with what it works on.
 */
#ifndef BINARY_SLOW_H
#define BINARY_SLOW_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/cleanup.h"

struct err;
struct slow;

enum {
	SLOW_STUCK_MAX = 32, /* threads left behind; then nothing is asked */
	SLOW_PIECE_BYTES = 256 << 10, /* of one read */
	SLOW_NAME_CHARS = 4096,
};

/*
 * slow_new(ret, wait_ns, e), slow_free(s):
 * What waits ${wait_ns} for each call.
 */
int slow_new(struct slow **ret, uint64_t wait_ns, struct err *e) MUST_CHECK;
void slow_free(struct slow *s);

/*
 * slow_look(s, dirfd, name, st, e), slow_open(s, held, how, e):
 * regular_look() and regular_open(); -ETIMEDOUT.
 */
int slow_look(struct slow *s, int dirfd, const char *name, struct stat *st,
	struct err *e) MUST_CHECK;
int slow_open(struct slow *s, int held, unsigned how, struct err *e) MUST_CHECK;

/*
 * slow_find(s, rootfd, path, st, e):
 * slow_look() of a path that is found as if ${rootfd} were "/" (path.h).
 */
int slow_find(struct slow *s, int rootfd, const char *path, struct stat *st,
	struct err *e) MUST_CHECK;

/*
 * slow_stat(s, fd, st, e): fstat().
 */
int slow_stat(struct slow *s, int fd, struct stat *st, struct err *e) MUST_CHECK;

/*
 * slow_read(s, ret, fd, offset, len, e):
 * Read at most SLOW_PIECE_BYTES at ${offset}; ${ret} is where they are, good
 * until the next call.  What was not in the page cache before is not left
 * there.  Return the count, 0 at the end.
 */
ssize_t slow_read(struct slow *s, const uint8_t **ret, int fd, uint64_t offset,
	size_t len, struct err *e) MUST_CHECK;

/*
 * slow_data(s, ret, fd, offset, whence, e):
 * Where the next data (SEEK_DATA) or hole (SEEK_HOLE) at or behind ${offset}
 * begins.  Return 1, or 0 when there is none.
 */
int slow_data(struct slow *s, uint64_t *ret, int fd, uint64_t offset,
	int whence, struct err *e) MUST_CHECK;

#endif
