/* SPDX-License-Identifier: Apache-2.0 */
/* Cells of a row: each appends itself, padded, and a blank behind it. */
#ifndef LAB_SHOW_CELL_H
#define LAB_SHOW_CELL_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/cleanup.h"

struct buf;
struct err;

/*
 * cell_u32(ret, width, has, v, e), cell_u64(...):
 * A number at the right of its cell, or "-" where it is not told.
 */
int cell_u32(struct buf *ret, int width, int has, uint32_t v,
	struct err *e) MUST_CHECK;
int cell_u64(struct buf *ret, int width, int has, uint64_t v,
	struct err *e) MUST_CHECK;

/*
 * cell_bytes(ret, b, width, e), cell_string(ret, s, width, e):
 * Text of the host, escaped; "-" for NULL.  Longer than its cell it is not
 * cut.
 */
int cell_bytes(struct buf *ret, const ProtobufCBinaryData *b, size_t width,
	struct err *e) MUST_CHECK;
int cell_string(
	struct buf *ret, const char *s, size_t width, struct err *e) MUST_CHECK;

/*
 * cell_flags(ret, flags, names, n, width, e):
 * The names of the bits that are set, with commas.
 */
int cell_flags(struct buf *ret, uint64_t flags, const char *const *names,
	size_t n, size_t width, struct err *e) MUST_CHECK;

/*
 * cell_seen(ret, seen_by, e):
 * i = by an iterator inside the kernel, p = by /proc.
 */
int cell_seen(struct buf *ret, uint32_t seen_by, struct err *e) MUST_CHECK;

/*
 * cell_seconds(ret, has, ns, e):
 * Seconds of a start since boot.
 */
int cell_seconds(struct buf *ret, int has, uint64_t ns, struct err *e) MUST_CHECK;

#endif
