/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads that may never end: /proc/PID/cmdline waits for a lock that a process
 * in D state can hold for good.  A thread reads; whoever asked waits for it
 * no longer than a deadline, and leaves it behind then.
 */
#ifndef LIVE_TIMED_H
#define LIVE_TIMED_H

#include <stdint.h>

#include "base/cleanup.h"

struct buf;
struct err;
struct timed;

enum {
	TIMED_STUCK_MAX = 8, /* threads left behind; then nothing is read */
	TIMED_NAME_CHARS = 64,
};

/*
 * timed_new(ret, wait_ns, e), timed_free(t):
 * A reader that waits ${wait_ns} for each read.  Threads that were left
 * behind free what is theirs when their read ends after all.
 */
int timed_new(struct timed **ret, uint64_t wait_ns, struct err *e) MUST_CHECK;
void timed_free(struct timed *t);

/*
 * timed_read(t, dirfd, name, offset, ret, e):
 * Append the file from ${offset} on to the empty ${ret}, as far as its maximum
 * goes.  Return 0, or 1 when there was more; -ETIMEDOUT.  Where ${t} is NULL
 * the calling thread reads, for as long as it takes.
 */
int timed_read(struct timed *t, int dirfd, const char *name, uint64_t offset,
	struct buf *ret, struct err *e) MUST_CHECK;

#endif
