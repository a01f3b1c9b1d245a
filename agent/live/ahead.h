/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only /proc tells of processes, read ahead by a few threads.  One whose
 * files do not answer is left to them, and read file by file instead.
 */
#ifndef LIVE_AHEAD_H
#define LIVE_AHEAD_H

#include "base/cleanup.h"
#include "live/detail.h"

struct ahead;
struct err;
struct live_task;

enum { AHEAD_THREADS = 2 };

/*
 * ahead_new(ret, proc, want, e), ahead_free(a):
 * Readers of the directory ${proc}, which is borrowed; ${want} is of enum
 * detail_want.
 */
int ahead_new(
	struct ahead **ret, int proc, unsigned want, struct err *e) MUST_CHECK;
void ahead_free(struct ahead *a);

/*
 * ahead_ask(a, t):
 * Read of the process of ${t} next.  False when AHEAD_THREADS processes were
 * asked for that were not taken yet.
 */
bool ahead_ask(struct ahead *a, const struct live_task *t) MUST_CHECK;

/*
 * ahead_take(ret, a, e):
 * What is told of the process that was asked for first, good until the next
 * call; it may be changed.  A negative return means that there was no memory.
 */
int ahead_take(struct detail **ret, struct ahead *a, struct err *e) MUST_CHECK;

#endif
