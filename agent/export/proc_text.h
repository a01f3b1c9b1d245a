/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of /proc/PID (proc(5)) as the kernel would write them, made of
 * records.  What the evidence does not tell is left out where lines have
 * names, and 0 where fields are counted: proc_text_note says which.
 */
#ifndef EXPORT_PROC_TEXT_H
#define EXPORT_PROC_TEXT_H

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct buf;
struct err;

/* Of clock ticks, on each Linux: USER_HZ. */
enum { PROC_TEXT_HZ = 100, PROC_TEXT_BYTES = 64 << 20 };

/* What an analyst must know of these files. */
extern const char proc_text_note[];

/*
 * proc_text_stat(ret, p, e), proc_text_status(ret, p, e):
 * /proc/PID/stat and status.
 */
int proc_text_stat(struct buf *ret, const Icecore__V1__Process *p,
	struct err *e) MUST_CHECK;
int proc_text_status(struct buf *ret, const Icecore__V1__Process *p,
	struct err *e) MUST_CHECK;

/*
 * proc_text_words(ret, v, n, e):
 * /proc/PID/cmdline and environ: each with its NUL.
 */
int proc_text_words(struct buf *ret, const ProtobufCBinaryData *v, size_t n,
	struct err *e) MUST_CHECK;

/*
 * proc_text_maps(ret, m, e):
 * Append lines of /proc/PID/maps; mappings that /proc did not tell of are
 * there as well, without a path.
 */
int proc_text_maps(struct buf *ret, const Icecore__V1__ProcessMaps *m,
	struct err *e) MUST_CHECK;

#endif
