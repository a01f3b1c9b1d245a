/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hand: a thread that does one job after the other, each of which may never
 * end.  Whoever asked waits no longer than he likes, and leaves it behind.
 */
#ifndef LIVE_HAND_H
#define LIVE_HAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct hand;

/* The job, and the end of what it works on. */
struct hand_ops {
	void (*work)(void *arg);
	void (*release)(void *arg);
};

/*
 * hand_new(ret, ops, arg, e):
 * One with nothing to do.  Takes ${arg} when it succeeds.
 */
int hand_new(struct hand **ret, const struct hand_ops *ops, void *arg,
	struct err *e) MUST_CHECK;

/*
 * hand_start(h):
 * Do the job; until hand_wait() says that it is done ${arg} is the thread's.
 */
void hand_start(struct hand *h);

/*
 * hand_wait(h, wait_ns):
 * Whether the job was done within ${wait_ns} from now.
 */
bool hand_wait(struct hand *h, uint64_t wait_ns) MUST_CHECK;

/*
 * hand_take(h):
 * Take ${arg} back from one whose job is done; it has none to release then.
 */
void hand_take(struct hand *h);

/*
 * hand_free(h):
 * The thread ends, at once or when its job does after all, and releases what
 * it worked on.
 */
void hand_free(struct hand *h);

#endif
