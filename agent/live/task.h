/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tasks of a host, each told by one witness or by several.  A task is
 * known by process, thread and start: an id that was used again is another.
 */
#ifndef LIVE_TASK_H
#define LIVE_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/live.h"

struct err;

enum {
	LIVE_TASKS_MAX = 32768, /* more are counted, not kept */
	LIVE_TICK_NS = 10000000, /* /proc tells starts in these */
};

struct live_tasks {
	struct live_task *v;
	size_t n;
	size_t cap;
	size_t sorted; /* the first of them, by live_tasks_sort() */
	uint64_t lost; /* were not kept */
	const struct live_tasks *only; /* keep none but these; sorted */
};

/*
 * live_tasks_see(ts, t, e):
 * Keep ${t}: where the same task is among the sorted ones already, add what
 * it does not tell yet, and who saw it, else append a copy.  Past
 * LIVE_TASKS_MAX it is counted as lost.  -ENOMEM.
 */
int live_tasks_see(struct live_tasks *ts, const struct live_task *t,
	struct err *e) MUST_CHECK;

/*
 * live_tasks_find(ts, t):
 * The same task among the sorted ones; NULL = none.
 */
struct live_task *live_tasks_find(
	const struct live_tasks *ts, const struct live_task *t);

/*
 * live_tasks_sort(ts):
 * By pid, tid and start.
 */
void live_tasks_sort(struct live_tasks *ts);
void live_tasks_done(struct live_tasks *ts);

#define AUTO_TASKS CLEANUP(live_tasks_done)

/*
 * live_state(bits):
 * The letter of /proc/PID/stat for the kernel's state and exit state.
 */
char live_state(uint32_t bits);

#endif
