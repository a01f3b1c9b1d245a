/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a process as the capture has it: what it mapped, by the
 * kernel's tree of its areas (6.1 and later), and which pages of it there are,
 * by its own page tables.  Pages that are there and in no area are kept, too.
 */
#ifndef INSPECT_SPACE_H
#define INSPECT_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct captured;
struct task;
struct tasks;

enum {
	SPACE_AREAS_MAX = 1 << 17,
	SPACE_STRAYS_MAX = 64, /* kept one by one */
	SPACE_ENTRIES_MAX = 1 << 30, /* of page tables, of all processes */
};

/* VM_READ and the like. */
enum area_flag {
	AREA_READ = 1,
	AREA_WRITE = 2,
	AREA_EXEC = 4,
	AREA_SHARED = 8,
};

struct space_area {
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* in the file */
	uint64_t file; /* its struct file; 0 = of none */
	uint32_t flags; /* enum area_flag, among others */
	uint64_t resident_bytes; /* pages that are there */
	uint64_t missing_bytes; /* of these, what the capture lacks */
};

/* Pages of user space that are in no area. */
struct space_stray {
	uint64_t start;
	uint64_t bytes;
	bool executable;
};

struct space {
	const struct task *task;
	uint64_t root; /* of its page tables, physical; 0 = they are not there */
	struct space_area *areas; /* by start */
	size_t areas_n;
	struct space_stray strays[SPACE_STRAYS_MAX];
	size_t strays_n;
	uint64_t stray_bytes; /* of all */
	uint64_t lost; /* areas past the most */
	int missing_tables;
	struct err why; /* where it could not be looked at to its end */
};

/* One space, good during the call; a negative return ends it. */
typedef int space_see(void *arg, const struct space *s, struct err *e);

/*
 * spaces_each(c, ts, pid, see, arg, e):
 * That of each process of ${ts} that has one, or of ${pid} only (0 = all).
 * -ENOENT when this kernel has no such tree.
 */
int spaces_each(const struct captured *c, const struct tasks *ts, uint64_t pid,
	space_see *see, void *arg, struct err *e) MUST_CHECK;

#endif
