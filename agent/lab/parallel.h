/* SPDX-License-Identifier: Apache-2.0 */
/* The same function over many items, by a few threads. */
#ifndef LAB_PARALLEL_H
#define LAB_PARALLEL_H

#include <stddef.h>

#include "base/cleanup.h"

struct err;

/*
 * parallel_run(n, threads, state_new, fn, state_free, arg, e):
 * Call fn(state, i, e) once for each i < ${n}, each thread with a state of
 * its own from state_new(arg).  The first error ends it and is returned.
 */
struct parallel {
	void *arg;
	void *(*state_new)(void *arg); /* NULL = no memory */
	int (*fn)(void *state, size_t i, struct err *e);
	void (*state_free)(void *state);
};

int parallel_run(size_t n, unsigned threads, const struct parallel *p,
	struct err *e) MUST_CHECK;

/*
 * parallel_threads():
 * As many as there are processors, at most 16.
 */
unsigned parallel_threads(void);

#endif
