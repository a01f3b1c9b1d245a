/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a file is suspicious: a table of rules, each with its weight, over what
 * is known of the file and of who uses it.  Where a package says that these are
 * its bytes, what the bytes look like is no reason: only how they are used is.
 */
#ifndef BINARY_REASONS_H
#define BINARY_REASONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "disk/picture.h"
#include "disk/verify.h"

struct elf_traits;
struct measure;

enum {
	REASONS_MAX = 32,
	REASON_DETAIL_CHARS = 200,
	/* From this score on a file is a finding, from the next a bad one. */
	REASONS_THRESHOLD = 50,
	REASONS_HIGH = 100,
	/* A part of a file with more entropy is packed or encrypted. */
	REASONS_PACKED_ENTROPY = 7200,
	REASONS_PACKED_BYTES = 4096, /* smaller ones do not tell */
};

/* How it is used, and where it lies; a set of bits. */
enum reasons_seen {
	SEEN_EXECUTED = 1 << 0, /* now, or when it was taken */
	SEEN_MAPPED = 1 << 1, /* executable, as a library */
	SEEN_SCRIPT = 1 << 2, /* an interpreter runs it */
	SEEN_OPEN = 1 << 3,
	SEEN_MEMFD = 1 << 4,
	SEEN_DELETED = 1 << 5,
	SEEN_TMPFS = 1 << 6,
	SEEN_UPPER_LAYER = 1 << 7, /* it came after the container's image */
	SEEN_PRELOADED = 1 << 8, /* LD_PRELOAD, or /etc/ld.so.preload, says so */
	SEEN_STDIO_SOCKET = 1 << 9, /* input and output are sockets */
	SEEN_BUSY = 1 << 10, /* a processor is all its process's */
	SEEN_KERNEL_NAME = 1 << 11, /* it calls itself like a kernel thread */
	SEEN_CODE_CHANGED = 1 << 13, /* in memory it is not as in the file */
	SEEN_REPLACED = 1 << 14, /* another program is in its place */
	SEEN_LAYER = 1 << 15, /* it lies in the upper layer, used or not */
	SEEN_TAKEN = 1 << 12, /* a recorder took it as it was executed */
};

/* All is borrowed, and NULL or 0 when it is not told. */
struct reasons_facts {
	const char *path; /* in the root of who uses it */
	unsigned seen; /* enum reasons_seen */
	uint32_t mode;
	bool capability; /* security.capability */
	bool packages; /* its root has packages */
	enum disk_state state;
	const char *package;
	const struct elf_traits *elf;
	bool is_script;
	const struct measure *measure;
	int entropy; /* the highest of a large part that is loaded; -1 */
	uint64_t size_bytes;
};

struct reason {
	const char *rule; /* its name */
	const char *technique; /* of MITRE ATT&CK */
	const char *sentence;
	unsigned weight;
	char detail[REASON_DETAIL_CHARS]; /* what was seen here; "" = that */
};

struct reasons {
	struct reason v[REASONS_MAX]; /* the heaviest first */
	size_t n;
	unsigned score;
};

/*
 * reasons_find(ret, facts).
 */
void reasons_find(struct reasons *ret, const struct reasons_facts *facts);

#endif
