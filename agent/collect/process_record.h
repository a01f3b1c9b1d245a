/* SPDX-License-Identifier: Apache-2.0 */
/* From tasks to Process records. */
#ifndef COLLECT_PROCESS_RECORD_H
#define COLLECT_PROCESS_RECORD_H

#include <stddef.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"
#include "live/detail.h"
#include "live/pods.h"
#include "live/task.h"

enum {
	PROCESS_THREADS_MAX = 1024, /* of one record */
	PROCESS_STRINGS_MAX = 32768, /* of argv, of environment */
};

struct process_record;

/*
 * process_record_new(ret, pods, e), process_record_free(p):
 * Room for one record after the other; ${pods} is borrowed, and tells what
 * pods are called.
 */
int process_record_new(struct process_record **ret, const struct pods *pods,
	struct err *e) MUST_CHECK;
void process_record_free(struct process_record *p);

/*
 * process_record_make(p, tasks, n, detail):
 * The record of a process whose threads are ${tasks}, at most
 * PROCESS_THREADS_MAX; ${detail} is NULL for a record that goes on with
 * further threads.  What is returned is good until the next call, and borrows
 * from ${tasks} and ${detail}; strings past PROCESS_STRINGS_MAX are a miss of
 * ${detail}.
 */
const Icecore__V1__Process *process_record_make(struct process_record *p,
	const struct live_task *tasks, size_t n, struct detail *detail);

#endif
