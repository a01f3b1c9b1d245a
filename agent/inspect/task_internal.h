/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that look for tasks. */
#ifndef INSPECT_TASK_INTERNAL_H
#define INSPECT_TASK_INTERNAL_H

#include "inspect/captured.h"
#include "inspect/task.h"
#include "kernel/peek.h"

/* Where struct task_struct and its neighbours have what. */
struct task_layout {
	uint32_t tasks, pid, tgid, parent, children, sibling, comm, start;
	uint32_t cred, flags, state, exit_state, mm, signal, thread_node;
	uint32_t links, id, stack, usage, sighand, nsproxy, leader;
	uint32_t uid; /* struct cred */
	uint32_t thread_head; /* struct signal_struct */
	uint32_t pid_tasks; /* struct pid */
};

/* A walk of one view. */
struct task_walk {
	const struct captured *c;
	struct tasks *ts;
	const struct task_layout *l;
	struct peek *peek;
	enum task_view view;
	uint32_t member; /* what the links of a list are in struct task_struct */
};

/*
 * task_take(w, at, e):
 * There is a struct task_struct at ${at}, by w->view.  -EFAULT when it cannot
 * be read, -ENOMEM; past TASKS_MAX it is counted.
 */
int task_take(struct task_walk *w, uint64_t at, struct err *e) MUST_CHECK;

/*
 * task_take_list(w, head, e):
 * All on a list of tasks, linked by w->member.
 */
int task_take_list(struct task_walk *w, uint64_t head, struct err *e) MUST_CHECK;

/* One for each view: 0 or a negative errno. */
int task_walk_ids(struct task_walk *w, struct err *e) MUST_CHECK;
int task_walk_cgroups(struct task_walk *w, struct err *e) MUST_CHECK;
int task_walk_running(struct task_walk *w, struct err *e) MUST_CHECK;
int task_walk_slab(struct task_walk *w, struct err *e) MUST_CHECK;

#endif
