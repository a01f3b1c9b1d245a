/* SPDX-License-Identifier: Apache-2.0 */
/* The collectors' only door: records go in, and what becomes of them is not
 * their business. */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include "base/cleanup.h"
#include "evidence/record.h"

struct err;
struct writer;

/*
 * writer_put(w, r, e):
 * Write one record; its bytes are free for reuse on return.  Waits while all
 * segment buffers are in use.  A negative return is the end of the capture:
 * the sink failed, or memory ran out.
 */
int writer_put(struct writer *w, const struct record *r, struct err *e) MUST_CHECK;

/*
 * writer_gap(w, gap, e):
 * Write a Gap record.
 */
int writer_gap(struct writer *w, Icecore__V1__Gap *gap, struct err *e) MUST_CHECK;

/*
 * writer_split(ret, w, e):
 * Another writer into the same capture, for another thread.
 */
int writer_split(struct writer **ret, struct writer *w, struct err *e) MUST_CHECK;

/*
 * writer_close(w, e):
 * Seal what is open and free ${w}, which may be NULL, in every case.
 */
int writer_close(struct writer *w, struct err *e) MUST_CHECK;

#endif
