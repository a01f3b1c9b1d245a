/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/maps (proc(5)), and what is odd about a mapping.  Paths are as
 * they stand there, where a line feed in a name is "\012".
 */
#ifndef LIVE_MAPS_H
#define LIVE_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "bpf/live.h"

struct err;

enum {
	MAPS_TEXT_BYTES = 8 << 20, /* of one process */
	MAPS_MAX = 65536, /* mappings of one process */
	MAPS_PATH_BYTES = 32 << 10, /* 4 KiB of which each byte is escaped */
	MAPS_PROTECTION_CHARS = 5,
};

/* As in live.proto. */
enum mapping_flag {
	MAPPING_ANON_EXEC = 1 << 0, /* executable, and of no file */
	MAPPING_RWX = 1 << 1, /* writable and executable at once */
	MAPPING_EXEC_STACK = 1 << 2,
	MAPPING_EXEC_HEAP = 1 << 3,
	MAPPING_MEMFD = 1 << 4,
	MAPPING_DELETED = 1 << 5, /* its file has no name any more */
	MAPPING_CHANGED = 1 << 6, /* executable, of a file, and not as in it */
};

struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* in the file */
	uint64_t inode; /* 0 = no file */
	uint64_t changed_pages;
	uint32_t major;
	uint32_t minor;
	uint32_t flags; /* enum mapping_flag */
	uint32_t seen_by; /* enum live_witness */
	uint32_t path_len;
	const char *path; /* in the text */
	char protection[MAPS_PROTECTION_CHARS]; /* "r-xp" */
};

struct maps {
	struct mapping *v;
	size_t n;
	size_t cap;
};

/*
 * maps_parse(ret, text, len, e):
 * Fill the empty or cleared ${ret}, which points into ${text}; a last line
 * that was cut off is left out.  Return 0, or 1 when there are more than
 * MAPS_MAX; -EBADMSG, -ENOMEM.
 */
int maps_parse(struct maps *ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;
void maps_done(struct maps *m);

/*
 * maps_add(ms, m, e):
 * Append one more, which somebody else told, past MAPS_MAX too.  -ENOMEM.
 */
int maps_add(struct maps *ms, const struct mapping *m, struct err *e) MUST_CHECK;

/*
 * maps_judge(m):
 * Its flags, but for MAPPING_CHANGED.
 */
uint32_t maps_judge(const struct mapping *m);

/*
 * maps_is_checked(m):
 * Whether pages of ${m} could differ from its file and should not.
 */
int maps_is_checked(const struct mapping *m);

/*
 * maps_changed(pagemap, len):
 * How many of the entries of /proc/PID/pagemap are of pages that are the
 * process's own, and not the file's: copied when they were written to.
 */
uint64_t maps_changed(const uint8_t *pagemap, size_t len);

#endif
