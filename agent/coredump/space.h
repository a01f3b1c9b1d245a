/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address space of a process.  /proc/PID/pagemap says first which pages
 * are there: only those, and those that are in swap, are read, so that the
 * process gets no memory that it had not.  A page that is not there is zero,
 * or as its file has it.  What may never answer is read by a thread that is
 * left behind.
 *
 * Devices are not read: a read may act on them.
 */
#ifndef COREDUMP_SPACE_H
#define COREDUMP_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct mapping;
struct space;

enum {
	SPACE_BATCH_BYTES = 256 << 10,
	SPACE_PAGE_BYTES_MIN = 4096,
	SPACE_BATCH_PAGES = SPACE_BATCH_BYTES / SPACE_PAGE_BYTES_MIN,
	SPACE_CALL_BYTES = 64 << 10, /* what one hanging read takes with it */
	SPACE_WAIT_MS = 2000,
	SPACE_STUCK_MAX = 8, /* threads left behind; then nothing is read */
};

/* Of one process, where the kernel has no PAGEMAP_SCAN (Linux 6.7): pages that
 * are asked for one by one. */
#define SPACE_SCAN_PAGES_MAX (64ULL << 20)

/* Those below SPACE_FAULT are known, as CorePageStatus in core.proto. */
enum space_status {
	SPACE_DATA = 1,
	SPACE_ZERO = 2,
	SPACE_IN_FILE = 3,
	SPACE_FAULT = 16, /* nobody may read it, or it went meanwhile */
	SPACE_TIMEOUT = 17,
	SPACE_DEVICE = 18,
	SPACE_UNSCANNED = 19, /* past SPACE_SCAN_PAGES_MAX */
};

/* As PagesBy in core.proto. */
enum space_by { SPACE_BY_READV = 1, SPACE_BY_MEM = 2, SPACE_BY_PHYSICAL = 3 };

struct space_page {
	uint8_t status; /* enum space_status */
	uint8_t by; /* enum space_by, of SPACE_DATA */
	uint64_t frame; /* its number in physical memory; 0 = not told */
};

/* What one read saw. */
struct space_batch {
	uint8_t *data; /* page i, from i * page bytes on; may be written to */
	struct space_page *v;
	size_t pages;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t end_ns;
};

/*
 * space_open(ret, proc, pid, e), space_close(s):
 * Of the process ${pid} below the directory ${proc}.  ${s} may be NULL.
 */
int space_open(
	struct space **ret, int proc, uint32_t pid, struct err *e) MUST_CHECK;
void space_close(struct space *s);

/*
 * space_scan(s, ret, m, address, e):
 * What is from ${address} on, inside the mapping ${m}: up to ->end all pages
 * have the same ->status, which is 0 where they have to be read.  -ESRCH when
 * the process is gone.
 */
struct space_run {
	uint64_t end;
	int status;
};
int space_scan(struct space *s, struct space_run *ret, const struct mapping *m,
	uint64_t address, struct err *e) MUST_CHECK;

/*
 * space_read(s, ret, address, len, e):
 * Read [${address}, ${address} + ${len}), whole pages, at most
 * SPACE_BATCH_BYTES.  ${ret} is good until the next call.  A
 * negative return is trouble with the process as a whole: -ESRCH when it is
 * gone.
 */
int space_read(struct space *s, struct space_batch *ret, uint64_t address,
	size_t len, struct err *e) MUST_CHECK;

/*
 * space_is_left_out(m):
 * Memory that is not the process's: the kernel's clocks ([vvar]), and the page
 * that is the same in all processes ([vsyscall]).
 */
bool space_is_left_out(const struct mapping *m);

#endif
