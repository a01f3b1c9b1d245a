/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collectors: each takes one kind of evidence and writes it as records.  The
 * registry below is the order in which a capture runs them.
 */
#ifndef COLLECT_COLLECTOR_H
#define COLLECT_COLLECTOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct disk_target;
struct openpgp_keys;
struct err;
struct freeze;
struct live_config;
struct ranges;
struct recorder;
struct sources;
struct taken_list;
struct volumes;
struct writer;

enum { COLLECTORS_MAX = 32 };

/* What is not to be taken, and is no gap. */
enum collect_leave_out {
	COLLECT_NO_ENVIRONMENT = 1 << 0,
	COLLECT_NO_ITERATOR = 1 << 1, /* as if the kernel refused */
	COLLECT_NO_DIAG = 1 << 2, /* the same of sock_diag */
	COLLECT_NO_PEEK_BPF = 1 << 8, /* the same, of reading its memory */
	COLLECT_NO_PEEK_KCORE = 1 << 9,
};

/* Whose content is written; what is not is told with hash and traits. */
enum collect_binaries {
	COLLECT_BINARIES_SUSPICIOUS, /* all but what is as packages made it */
	COLLECT_BINARIES_ALL,
	COLLECT_BINARIES_NONE,
};

/* All contents together, when nobody says. */
#define COLLECT_BINARIES_BYTES (4ULL << 30)

/* What a capture lends to its collectors. */
struct collect_env {
	const struct ranges *ram; /* System RAM of this host */
	struct sources *sources; /* of memory; NULL = not planned */
	unsigned readers; /* threads that read memory */
	const struct live_config *live; /* whose live picture to take */
	const struct freeze *freeze; /* they stand still; NULL = they do not */
	const struct disk_target *disk; /* NULL = this host's own */
	const struct openpgp_keys *package_keys; /* of packagers; or NULL */
	const struct volumes *volumes; /* an attached one is of; NULL = not known */
	unsigned disk_seconds; /* for this host's own; 0 = DISK_LIVE_SECONDS */
	uint64_t disk_bytes; /* of its contents; 0 = DISK_LIVE_BYTES */
	const struct taken_list *taken; /* by a recorder; NULL = none runs */
	struct recorder *recorder; /* NULL = none runs */
	enum collect_binaries binaries;
	uint64_t binaries_bytes; /* 0 = COLLECT_BINARIES_BYTES */
	unsigned leave_out; /* enum collect_leave_out */
	const atomic_bool *interrupted; /* when set: come to an end */
};

struct collector {
	const char *name; /* as in --collect, in manifests and gaps */
	const char *title;
	bool asked; /* of a host: only where it is asked for */
	/*
	 * Write everything; what cannot be had is written as a gap.  Return 0,
	 * or 1 when env->interrupted cut it short; a negative return means
	 * that the writer failed or that it could do nothing at all.
	 */
	int (*run)(
		const struct collect_env *env, struct writer *w, struct err *e);
};

/*
 * collectors, of this host, and disk_collectors, of an attached disk, both
 * NULL-terminated; collector_find(name), among the former: NULL = none.
 */
extern const struct collector *const collectors[];
extern const struct collector *const disk_collectors[];
const struct collector *collector_find(const char *name);

#endif
