/* SPDX-License-Identifier: Apache-2.0 */
/* Core files of chosen processes, out of the memory of the whole host. */
#ifndef EXPORT_EXTRACT_PROCESS_H
#define EXPORT_EXTRACT_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct extract_options;
struct reader;

enum { EXTRACT_PIDS_MAX = 256 };

/*
 * extract_processes(r, o, out, pids, n, e):
 * cores/PID.core and PID.json below the directory ${out}, which o->outfd is,
 * for each of ${pids}, by the page tables in the captured memory.  Return how
 * many cores there are; -ESRCH when the memory has no such process.
 */
int extract_processes(struct reader *r, const struct extract_options *o,
	const char *out, const uint64_t *pids, size_t n,
	struct err *e) MUST_CHECK;

#endif
