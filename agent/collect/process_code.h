/* SPDX-License-Identifier: Apache-2.0 */
/* Code of processes that is not as in its file, and programs that are not
 * where the kernel put them: CodeChange records, and their findings. */
#ifndef COLLECT_PROCESS_CODE_H
#define COLLECT_PROCESS_CODE_H

#include "base/cleanup.h"

struct detail;
struct err;
struct live_task;
struct writer;

enum { PROCESS_CODE_PAGES_MAX = 65536 }; /* records of one capture */

/* Across processes. */
struct process_code {
	struct writer *w;
	int proc; /* the directory; -1 = there is none */
	unsigned pages; /* written so far */
	unsigned pages_lost; /* over PROCESS_CODE_PAGES_MAX */
};

/*
 * process_code_put(p, leader, d, e):
 * Compare what ${d} says was written to, of one process.
 */
int process_code_put(struct process_code *p, const struct live_task *leader,
	const struct detail *d, struct err *e) MUST_CHECK;

/*
 * process_code_finish(p, e):
 * After the last process: what there was no room for is a gap.
 */
int process_code_finish(struct process_code *p, struct err *e) MUST_CHECK;

#endif
