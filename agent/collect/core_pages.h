/* SPDX-License-Identifier: Apache-2.0 */
/* From the address space of a process to ProcessPages records and gaps. */
#ifndef COLLECT_CORE_PAGES_H
#define COLLECT_CORE_PAGES_H

#include "base/cleanup.h"
#include "live/maps.h"

struct collect_env;
struct core_pages;
struct err;
struct live_task;
struct writer;

/*
 * core_pages_new(ret, env, w, e), core_pages_free(p):
 * ${p} may be NULL.  Sources of physical memory in ${env}, if there are any,
 * are asked for pages that nobody else gives.
 */
int core_pages_new(struct core_pages **ret, const struct collect_env *env,
	struct writer *w, struct err *e) MUST_CHECK;
void core_pages_free(struct core_pages *p);

/*
 * core_pages_put(p, proc, leader, maps, e):
 * Write the memory of one process, below the directory ${proc}, that
 * ${maps} tells.  Return 0, or 1 when it was interrupted.
 */
int core_pages_put(struct core_pages *p, int proc, const struct live_task *leader,
	const struct maps *maps, struct err *e) MUST_CHECK;

#endif
