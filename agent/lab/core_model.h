/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of one process as its records tell it, in any order: what the
 * process is, its threads, its mappings, and which parts of them are known.
 */
#ifndef LAB_CORE_MODEL_H
#define LAB_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;

enum {
	CORE_RUNS_MAX = 1 << 20, /* of one process */
	CORE_MAPPINGS_MAX = 1 << 17,
	CORE_THREADS_MAX = 1 << 16,
	CORE_REGISTER_BYTES_MAX = 34 * 8,
	CORE_AUXV_BYTES_MAX = 4096,
	CORE_ARGUMENTS_MAX = 80,
	CORE_COMM_MAX = 16,
	CORE_PATH_BYTES_MAX = 16 << 20, /* of all mappings of one process */
};

struct core_thread {
	uint32_t tid;
	uint32_t registers_len; /* 0 = not told */
	uint8_t registers[CORE_REGISTER_BYTES_MAX];
};

struct core_mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* in its file */
	uint32_t flags; /* of ELF: PF_R and so on */
	uint32_t path; /* in ->paths, with a NUL; 0 = of no file */
};

/* [start, end) of what the records know; sorted by core_sort(). */
struct core_run {
	uint64_t start;
	uint64_t end;
	int status; /* enum Icecore__V1__CorePageStatus */
};

struct core {
	uint32_t pid;
	uint64_t start_boot_ns;
	bool described; /* the first of its ProcessCore records was seen */
	bool frozen;
	uint32_t machine;
	uint32_t page_bytes;
	uint32_t ppid, pgid, session, uid, gid;
	char state;
	char comm[CORE_COMM_MAX];
	char arguments[CORE_ARGUMENTS_MAX];
	uint8_t auxv[CORE_AUXV_BYTES_MAX];
	size_t auxv_len;
	struct core_thread *threads;
	size_t threads_n, threads_cap;
	struct core_mapping *mappings;
	size_t mappings_n, mappings_cap;
	struct core_run *runs;
	size_t runs_n, runs_cap;
	char *paths;
	size_t paths_len, paths_cap;
};

/*
 * core_describe(c, m, e), core_pages(c, m, e):
 * Add what a record says; -EBADMSG for what cannot be.
 */
int core_describe(struct core *c, const Icecore__V1__ProcessCore *m,
	struct err *e) MUST_CHECK;
int core_pages(struct core *c, const Icecore__V1__ProcessPages *m,
	struct err *e) MUST_CHECK;

/*
 * core_sort(c, e):
 * After the last record: threads (the leader first), mappings and runs in
 * order.  -EBADMSG where two mappings or two runs overlap.
 */
int core_sort(struct core *c, struct err *e) MUST_CHECK;
void core_done(struct core *c);

#endif
