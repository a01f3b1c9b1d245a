/* SPDX-License-Identifier: Apache-2.0 */
/* Between space.c, which reads, and space_scan.c, which says what to read. */
#ifndef COREDUMP_SPACE_INTERNAL_H
#define COREDUMP_SPACE_INTERNAL_H

#include "coredump/space.h"

enum {
	SPACE_ENTRY_BYTES = 8, /* of /proc/PID/pagemap */
	SPACE_ENTRIES = 4096, /* read at once */
};

#define SPACE_ENTRY_PRESENT (1ULL << 63)
#define SPACE_ENTRY_SWAPPED (1ULL << 62)
#define SPACE_ENTRY_FRAME   ((1ULL << 55) - 1)

struct hand;
struct job;

struct space {
	int dir;
	int pagemap;
	uint32_t pid;
	size_t page_bytes;
	struct hand *hand; /* NULL = one has to be made */
	struct job *job; /* the hand's */
	unsigned stuck;
	uint64_t scanned; /* pages, one by one */
	bool no_scan; /* the kernel has no PAGEMAP_SCAN */
	uint64_t entries[SPACE_ENTRIES];
	struct space_page v[SPACE_BATCH_PAGES];
	uint8_t data[SPACE_BATCH_BYTES];
};

_Static_assert((int)SPACE_ENTRIES >= (int)SPACE_BATCH_PAGES,
	"the entries of a batch have room");

#endif
