/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the collector binary share. */
#ifndef COLLECT_BINARY_INTERNAL_H
#define COLLECT_BINARY_INTERNAL_H

#include "binary/look.h"
#include "binary/reasons.h"
#include "collect/binary_table.h"
#include "collect/collector.h"
#include "icecore/v1/record.pb-c.h"

struct slow;
struct writer;

enum {
	BINARY_WAIT_NS = 2000000000, /* for one call of a file system */
	BINARY_SECONDS = 1800, /* for all files together */
	BINARY_SILENT_MAX = 64, /* file systems that do not answer */
	BINARY_OWNERS_STUCK_MAX = 4, /* then no further packages are asked */
	BINARY_CONTENTS_MAX = 2 * BINARY_FILES_MAX,
	BINARY_LAYERS_MAX = 64,
};

#define BINARY_OWNER_WAIT_NS 30000000000ULL /* for one root's packages */

/* What a run of the collector holds. */
struct binaries {
	const struct collect_env *env;
	struct writer *w;
	struct slow *slow;
	struct binary_table table;
	uint64_t began_ns;
	/* File systems that did not answer are not asked again. */
	uint64_t silent[BINARY_SILENT_MAX];
	size_t silent_n;
	uint64_t layers[BINARY_LAYERS_MAX]; /* upper ones, that were seen */
	size_t layers_n;
	unsigned owners_stuck; /* packages that did not answer */
	uint64_t left_bytes; /* of contents that may still be written */
	/* SHA-256 of contents that were written, by hash. */
	uint8_t (*contents)[CONTENT_SHA256_BYTES];
	size_t contents_n;
};

/*
 * binary_gap(b, what, why, e): a gap of the live picture.
 */
int binary_gap(struct binaries *b, const char *what, const char *why,
	struct err *e) MUST_CHECK;

/*
 * binary_gather(b, e):
 * Fill the table with what processes use, and what a recorder took.
 */
int binary_gather(struct binaries *b, struct err *e) MUST_CHECK;

struct detail;
struct live_task;

/* One process that is looked at. */
struct binary_process {
	struct binaries *b;
	const struct live_task *leader;
	uint64_t cpu_ns; /* of all its threads */
	struct detail *d;
	int dir; /* of /proc */
	struct binary_use use; /* pid, start, container */
	uint32_t root; /* its number in the table */
	unsigned seen; /* enum reasons_seen, of what it runs */
};

/*
 * binary_gather_process(p, e): what it runs, maps and has open.
 */
int binary_gather_process(struct binary_process *p, struct err *e) MUST_CHECK;

/*
 * binary_gather_descriptors(b, dir, use, seen, e):
 * The files that the process whose directory of /proc is ${dir} has open and
 * that are deleted or only in memory; ${seen} gets SEEN_STDIO_SOCKET.
 */
int binary_gather_descriptors(struct binaries *b, int dir,
	const struct binary_use *use, uint32_t root, unsigned *seen,
	struct err *e) MUST_CHECK;

/*
 * binary_see(b, dir, name, path, use, ret, e):
 * The file behind the link ${name} of ${dir}, which the process calls ${path}
 * (${len} bytes): ${ret} is NULL when it is no regular file or could not be
 * had, which is a gap unless it is gone.
 */
struct binary_link {
	int dir;
	const char *name;
	const char *path;
	size_t path_len;
	uint32_t root;
	uint64_t device; /* where it is known without asking; 0 = not */
};
int binary_see(struct binaries *b, struct binary_file **ret,
	const struct binary_link *link, const struct binary_use *use,
	struct err *e) MUST_CHECK;

/* What is known of one file when its record is made; borrowed. */
struct binary_known {
	const struct binary_file *file;
	const struct look *look;
	enum disk_state state;
	const struct reasons *reasons;
	const uint8_t *content_id; /* NULL = none was written */
	Icecore__V1__BinaryContent written;
	const char *why_not; /* it is not whole; NULL = it is */
};

/*
 * binary_examine(b, f, e):
 * Read one file, judge it, and write its records.
 */
int binary_examine(
	struct binaries *b, struct binary_file *f, struct err *e) MUST_CHECK;

/*
 * binary_record_put(b, known, e): write the record, and its finding.
 */
int binary_record_put(struct binaries *b, const struct binary_known *known,
	struct err *e) MUST_CHECK;

#endif
