/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code that is not as in its file.  Pages of an executable private mapping
 * that the process wrote to are its own (/proc/PID/pagemap says which); each
 * is compared with what the mapped file has there, by /proc/PID/map_files,
 * which leads to that very file, whatever its name is now.
 */
#ifndef COREDUMP_CODE_H
#define COREDUMP_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct mapping;

enum {
	CODE_PAGE_BYTES_MAX = 64 << 10,
	CODE_PAGES_MAX = 4096, /* of one process */
};

/* One page that differs; borrowed during the call. */
struct code_page {
	uint64_t address;
	uint64_t file_offset;
	const uint8_t *memory;
	const uint8_t *file;
	size_t memory_len;
	size_t file_len; /* less: the file ends there */
	size_t differing; /* bytes */
	size_t first; /* of them */
};

typedef int code_see(void *arg, const struct code_page *page, struct err *e);

/* What became of one mapping. */
struct code_seen {
	uint64_t own; /* pages that were written to */
	uint64_t same; /* and are as in the file even so */
	uint64_t differing;
	uint64_t unread; /* there was more than CODE_PAGES_MAX, or no answer */
	int file_result; /* 0, or why there is no file to compare with */
};

/*
 * code_compare(seen, proc, pid, m, see, arg, e):
 * Compare the mapping ${m} of process ${pid} below the directory ${proc};
 * call ${see} for each page that differs, and, when there is no file to
 * compare with, for each that was written to, with ->file_len 0.  A negative
 * return is from ${see}, or -ENOMEM.
 */
int code_compare(struct code_seen *seen, int proc, uint32_t pid,
	const struct mapping *m, code_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
