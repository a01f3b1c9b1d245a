/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Witnesses of what runs on this host, behind one interface.  One source is
 * used by one thread at a time.
 *
 *	iterator   BPF iterators, which walk the kernel's own lists and leave
 *	           what they see in an array that is mapped here
 *	proc       /proc; it can be rewritten on its way here, and takes 60
 *	           times as long
 *	list       the kernel's list of tasks, from init_task on, by BPF; it
 *	           does not need the table of ids that the two above walk
 *	module     the same list by icecore's kernel module, where it is loaded
 *	scheduler  tasks that were on a processor as its clock ticked, each
 *	           millisecond since this one was opened, and for 100 ms at least;
 *	           by a BPF program on a perf event, since a tracepoint would
 *	           patch the code of the kernel, which is evidence
 *	probe      ids below the last one that was given out which take a signal
 *	           (kill(id, 0), which sends none); only those are told that
 *	           nobody told before
 */
#ifndef LIVE_SOURCE_H
#define LIVE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "live/task.h"

struct err;
struct live_source;

enum { LIVE_PIDS_LIMIT = 4096 };

/* What is to be seen; borrowed. */
struct live_config {
	const char *proc; /* NULL = "/proc" */
	const uint32_t *pids; /* only these processes, ascending */
	size_t pids_n; /* at most LIVE_PIDS_LIMIT; 0 = all */
	int module; /* the module's device, plus one; 0 = open it */
};

/* How a witness went about it. */
struct live_seen {
	uint64_t first_ns; /* CLOCK_MONOTONIC, of the first and the last */
	uint64_t last_ns;
	uint64_t tasks;
	uint64_t lost; /* there was no room for them */
	const char *partial; /* why it need not see all; NULL = it does */
};

/*
 * live_open(ret, witness, config, e):
 * Open one source; refuse with a sentence where this host or this process
 * cannot.  Close with live_close().
 */
int live_open(struct live_source **ret, enum live_witness witness,
	const struct live_config *config, struct err *e) MUST_CHECK;
void live_close(struct live_source *s);

/*
 * live_see_tasks(s, into, seen, e):
 * Every thread of every process, as live_tasks_see() has it.  A task that
 * goes meanwhile is not there.
 */
int live_see_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e) MUST_CHECK;

#endif
