/* SPDX-License-Identifier: Apache-2.0 */
/* A growing buffer with a mandatory maximum. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

struct buf {
	uint8_t *data; /* NULL while nothing was added */
	size_t len; /* bytes in use */
	size_t cap; /* bytes there */
	size_t max; /* bytes it may ever hold */
};

/*
 * buf_init(b, max):
 * An empty buffer for at most ${max} bytes.  End it with buf_done().
 */
void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);

/*
 * buf_reserve(b, ret, len, e):
 * Make room for ${len} bytes after those in use and return where it is; the
 * caller writes there and adds to b->len.  -EFBIG past the maximum.
 */
int buf_reserve(
	struct buf *b, uint8_t **ret, size_t len, struct err *e) MUST_CHECK;

/*
 * buf_append(b, data, len, e), buf_text(b, e, fmt, ...):
 * Add bytes, or formatted text without its terminating NUL.
 */
int buf_append(
	struct buf *b, const void *data, size_t len, struct err *e) MUST_CHECK;
int buf_text(struct buf *b, struct err *e, const char *fmt, ...) MUST_CHECK
	__attribute__((format(printf, 3, 4)));

/*
 * buf_string(b, e):
 * The content as a NUL-terminated string, which ${b} still owns; NULL when
 * there is no room for the NUL.
 */
char *buf_string(struct buf *b, struct err *e) MUST_CHECK;

#define AUTO_BUF CLEANUP(buf_done)

#endif
