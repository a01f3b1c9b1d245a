/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executables that were taken as they were executed, before they could go: a
 * recorder fills such a list, and the capture that a trigger starts writes
 * what it holds.
 */
#ifndef BINARY_TAKEN_H
#define BINARY_TAKEN_H

#include <stddef.h>
#include <stdint.h>

enum { TAKEN_PATH_BYTES = 4096 };

/* What made it worth taking; a set of bits. */
enum taken_reason {
	TAKEN_MEMFD = 1 << 0,
	TAKEN_DELETED = 1 << 1, /* it had no name any more */
	TAKEN_WRITABLE_PLACE = 1 << 2, /* anybody may write there, or tmpfs */
	TAKEN_UPPER_LAYER = 1 << 3, /* new in a container */
};

enum taken_how {
	TAKEN_HELD, /* ->fd is the file itself */
	TAKEN_COPIED, /* ->fd is a copy, made as it was executed */
};

struct taken {
	int fd; /* for pread(); of the list; -1 = it could not be kept */
	enum taken_how how;
	unsigned reasons; /* enum taken_reason */
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
	uint64_t size_bytes; /* of the file, as it was first executed */
	/* Of a copy: bytes from its start that are there.  Less than
	 * ->size_bytes: the rest was not in memory, or over the budget. */
	uint64_t copied_bytes;
	/* CLOCK_BOOTTIME of the first and the last execution, and how many. */
	uint64_t first_boot_ns;
	uint64_t last_boot_ns;
	uint64_t times;
	/* Who executed it first. */
	uint32_t pid;
	uint64_t start_boot_ns;
	const char *path; /* as that process named it; not NULL */
	const char *why_not; /* it could not be kept; NULL = it was */
};

struct taken_list {
	const struct taken *v;
	size_t n;
};

#endif
