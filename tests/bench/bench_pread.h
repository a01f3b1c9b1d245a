/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/kcore page by page, as AVML reads it: what others are measured by. */
#ifndef BENCH_PREAD_H
#define BENCH_PREAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct err;
struct bench_pread;

/*
 * bench_pread_open(ret, e):
 * Open and parse /proc/kcore.  Close with bench_pread_close().
 */
int bench_pread_open(struct bench_pread **ret, struct err *e) MUST_CHECK;
void bench_pread_close(struct bench_pread *p);

/*
 * bench_pread_read(p, paddr, len, e):
 * Read ${len} bytes at ${paddr}, one pread() a page; what is not mapped or
 * fails is skipped.  Return how much was read.
 */
ssize_t bench_pread_read(struct bench_pread *p, uint64_t paddr, size_t len,
	struct err *e) MUST_CHECK;

#endif
