/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes into an .xz file, by liblzma, on as many processors as there are. */
#ifndef SYMBOLS_XZ_H
#define SYMBOLS_XZ_H

#include <stddef.h>

#include "base/cleanup.h"

struct err;
struct xz;

enum {
	XZ_PRESET = 3,
	XZ_BLOCK_BYTES = 8 << 20, /* the same for any number of threads */
	XZ_THREADS_MAX = 4,
};

/*
 * xz_new(ret, fd, e), xz_free(x):
 * To ${fd}, which is borrowed.
 */
int xz_new(struct xz **ret, int fd, struct err *e) MUST_CHECK;
void xz_free(struct xz *x);

/*
 * xz_put(x, buf, len, e), xz_finish(x, e):
 * ${x} is a void pointer, so that it is a json_out_put.
 */
int xz_put(void *x, const void *buf, size_t len, struct err *e) MUST_CHECK;
int xz_finish(struct xz *x, struct err *e) MUST_CHECK;

#endif
