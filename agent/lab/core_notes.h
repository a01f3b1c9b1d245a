/* SPDX-License-Identifier: Apache-2.0 */
/* The notes of a core file: threads, process, auxiliary vector, files. */
#ifndef LAB_CORE_NOTES_H
#define LAB_CORE_NOTES_H

#include "base/cleanup.h"

struct buf;
struct core;
struct err;

enum { CORE_NOTES_BYTES_MAX = 128 << 20 };

/*
 * core_notes(ret, c, e):
 * Append the notes of ${c} for PT_NOTE.
 */
int core_notes(struct buf *ret, const struct core *c, struct err *e) MUST_CHECK;

#endif
