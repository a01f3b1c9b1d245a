/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what is watched, and by which program.  A function is watched
 * by fentry, or else by a kprobe; a tracepoint by its typed arguments.
 */
#ifndef RECORDER_PROGRAMS_H
#define RECORDER_PROGRAMS_H

#include <stddef.h>

#include "base/cleanup.h"
#include "recorder/recorder.h"

struct err;
struct programs;

/* The maps that are shared by all programs. */
enum programs_map {
	PROGRAMS_RING, /* a ring buffer of records */
	PROGRAMS_PAGES, /* the same, of struct recorder_page */
	PROGRAMS_COUNTS, /* struct recorder_counters by processor, mappable */
	PROGRAMS_EXECUTED,
	PROGRAMS_SOCKETS,
	PROGRAMS_FLOWS,
	PROGRAMS_AGENTS,
	PROGRAMS_MAPS,
};

/*
 * programs_attach(ret, cpus, e), programs_free(p):
 * Attach each that can be.  The error is that of exec, without which there is
 * nothing.
 */
int programs_attach(
	struct programs **ret, unsigned cpus, struct err *e) MUST_CHECK;
void programs_free(struct programs *p);

/*
 * programs_map(p, which): its descriptor, which stays with ${p}; -1 = none of
 * those that are attached needs it.
 */
int programs_map(const struct programs *p, enum programs_map which);

/*
 * programs_tell(p, ret):
 * Of each line of the table what became of it.  Return how many.
 */
size_t programs_tell(const struct programs *p,
	struct recorder_program ret[RECORDER_PROGRAMS_MAX]);

/*
 * programs_missed(p):
 * How often a program was not run since it ran already on that processor.
 */
uint64_t programs_missed(const struct programs *p);

#endif
