/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings of the processes of a snapshot, by the iterator and by /proc. */
#ifndef COLLECT_PROCESS_MAPS_H
#define COLLECT_PROCESS_MAPS_H

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct collect_env;
struct detail;
struct err;
struct live_task;
struct process_maps;
struct writer;

/*
 * process_maps_new(ret, env, w, e), process_maps_free(p):
 * Ask the iterator for all mappings there are; /proc is enough where it does
 * not answer.
 */
int process_maps_new(struct process_maps **ret, const struct collect_env *env,
	struct writer *w, struct err *e) MUST_CHECK;
void process_maps_free(struct process_maps *p);

/*
 * process_maps_view(p, ret):
 * How the iterator did; ${ret} borrows from ${p}.
 */
void process_maps_view(
	const struct process_maps *p, Icecore__V1__WitnessTried *ret);

/*
 * process_maps_put(p, leader, d, e):
 * Write those of one process; the iterator's are added to ${d}.
 */
int process_maps_put(struct process_maps *p, const struct live_task *leader,
	struct detail *d, struct err *e) MUST_CHECK;

/*
 * process_maps_finish(p, proc, e):
 * After the last process: a finding for each process with mappings that the
 * directory ${proc} hides.
 */
int process_maps_finish(
	struct process_maps *p, int proc, struct err *e) MUST_CHECK;

#endif
