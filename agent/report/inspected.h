/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a walk of the captured memory itself adds to a report: its findings,
 * and the processes that they speak of, as memory has them.
 */
#ifndef REPORT_INSPECTED_H
#define REPORT_INSPECTED_H

#include <stdbool.h>

#include "report/model.h"

struct err;
struct inspection;
struct ram_options;
struct reader;

enum {
	/* Process.seen_by of a process as the captured memory has it; no
	 * Witness of live.proto. */
	INSPECTED_SEEN = 1 << 16,
};

/*
 * inspected_run(m, gaps, r, options, e):
 * Walk the memory of ${r}, which was checked, and add what comes of it to
 * ${m}.  ${gaps}: something could not be looked at.
 */
int inspected_run(struct model *m, bool *gaps, struct reader *r,
	const struct ram_options *options, struct err *e) MUST_CHECK;

/*
 * inspected_add(m, in, e):
 * Add what was found.
 */
int inspected_add(
	struct model *m, const struct inspection *in, struct err *e) MUST_CHECK;

#endif
