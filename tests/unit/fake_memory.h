/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose memory is made up: the memory floor's functions, for tests of
 * what lies above it.  Nothing of this machine's memory is read.
 */
#ifndef UNIT_FAKE_MEMORY_H
#define UNIT_FAKE_MEMORY_H

#include <stdatomic.h>

#include "base/range.h"
#include "memory/source.h"

enum { FAKE_RANGES_MAX = 4 };

struct fake_memory {
	struct range ram[FAKE_RANGES_MAX];
	size_t ram_n;
	int kinds_open; /* bit (1 << kind): it opens */
	uint64_t fails_at[SOURCE_KINDS + 1]; /* by kind: reads from there on */
	/* Pages at [from, to) have this status. */
	struct fake_pages {
		uint64_t from, to;
		uint8_t status;
	} pages[FAKE_RANGES_MAX];
	size_t pages_n;
	int stays_loaded; /* source_restore() fails */
	/* When so many reads are done, set the flag. */
	int interrupt_after;
	atomic_bool *interrupt;
	atomic_int reads, open_sources, open_readers;
};

extern struct fake_memory fake;

/*
 * fake_byte(addr), fake_page_is_zero(addr):
 * What the made-up memory holds.
 */
uint8_t fake_byte(uint64_t addr);
int fake_page_is_zero(uint64_t addr);

#endif
