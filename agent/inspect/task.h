/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tasks in captured memory, by every view that there is of them.
 *
 *	list      the kernel's list of processes, from init_task on
 *	threads   the list of threads of a process that another view tells of
 *	ids       the table of ids of the first pid namespace (/proc, kill())
 *	children  the lists of children of tasks that another view tells of
 *	cgroups   the lists of tasks of each set of control groups
 *	running   what each processor runs
 *	slab      the memory that tasks are made of: every page of the cache
 *	          "task_struct", which the kernel's table of pages tells
 *
 * What sleeps does not run.  No list can hide from the last: what is there and
 * is no task that ended is one.
 */
#ifndef INSPECT_TASK_H
#define INSPECT_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct captured;

enum {
	TASKS_MAX = 1 << 18,
	TASK_COMM_CHARS = 16,
	TASK_PATH_CHARS = 512,
	TASK_PATH_DEPTH = 96, /* names in a path */
	TASK_CPUS_MAX = 8192,
};

enum task_view {
	TASK_BY_LIST = 1 << 0,
	TASK_BY_THREADS = 1 << 1,
	TASK_BY_IDS = 1 << 2,
	TASK_BY_CHILDREN = 1 << 3,
	TASK_BY_CGROUPS = 1 << 4,
	TASK_BY_RUNNING = 1 << 5,
	TASK_BY_SLAB = 1 << 6,
	TASK_VIEWS = 7,
};

struct task {
	uint64_t at; /* its struct task_struct */
	uint64_t mm; /* its struct mm_struct; 0 = a kernel thread */
	uint64_t start_boot_ns; /* CLOCK_BOOTTIME, since boot */
	uint64_t nsproxy; /* 0 = it ended */
	uint32_t pid; /* of the process */
	uint32_t tid; /* its own */
	uint32_t ppid; /* of the real parent */
	uint32_t uid;
	uint32_t state; /* TASK_* */
	uint32_t exit_state; /* EXIT_* */
	uint32_t flags; /* PF_* */
	uint8_t views; /* enum task_view */
	uint8_t missing; /* by tasks_compare() */
	bool leader; /* of its process */
	char comm[TASK_COMM_CHARS];
};

struct tasks {
	struct task *v;
	size_t n;
	size_t cap;
	uint32_t *slots; /* a table of places in v, by address */
	size_t slots_n;
	uint64_t lost; /* past TASKS_MAX */
	uint64_t ended; /* structures in the slab that were tasks once */
	unsigned asked; /* the views that were walked to their end */
	struct err why[TASK_VIEWS]; /* of those that were not */
};

/*
 * tasks_see(ts, c, e), tasks_done(ts):
 * Every view; what cannot be walked is said in ts->why.  -ENOMEM.
 */
int tasks_see(
	struct tasks *ts, const struct captured *c, struct err *e) MUST_CHECK;
void tasks_done(struct tasks *ts);

/*
 * tasks_compare(ts):
 * Set ->missing of each: the views that were walked to their end, in which it
 * has to be and is not.  Return how many lack any.
 */
size_t tasks_compare(struct tasks *ts);

/*
 * task_is_kernel(t), task_is_ending(t):
 * A thread of the kernel; one that is on its way out.
 */
bool task_is_kernel(const struct task *t);
bool task_is_ending(const struct task *t);

/*
 * task_state(t):
 * One letter, as in /proc/PID/stat.
 */
char task_state(const struct task *t);

/*
 * task_exe(ret, c, t):
 * The path of what it runs, as far as directories and mounts are there, from
 * the root of its own mounts; "" for none.
 */
void task_exe(char ret[TASK_PATH_CHARS], const struct captured *c,
	const struct task *t);

/*
 * task_netns(c, t):
 * The inode of its network namespace; 0 = not told.
 */
uint32_t task_netns(const struct captured *c, const struct task *t);

/*
 * task_view_name(view):
 * Of one bit, such as "list".
 */
const char *task_view_name(unsigned view);

#endif
