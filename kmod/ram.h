/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ICECORE_RAM_H
#define ICECORE_RAM_H

#include <linux/types.h>

struct icecore_range {
	u64 start;
	u64 end;
};

/* What was System RAM at open: ascending, apart, never changed afterwards. */
struct icecore_ram {
	unsigned int count;
	struct icecore_range ranges[];
};

/*
 * icecore_ram_new():
 * Look up what is System RAM, nested resources too.  Return an ERR_PTR: ENOMEM,
 * E2BIG for more than ICECORE_RANGES_MAX ranges, EAGAIN when ranges were added
 * meanwhile, ENODEV when there are none.
 */
struct icecore_ram *icecore_ram_new(void);
void icecore_ram_free(struct icecore_ram *ram);

/*
 * icecore_ram_find(ram, paddr):
 * The range that ${paddr} is in, or else the next one after it; NULL when there
 * is none.
 */
const struct icecore_range *icecore_ram_find(
	const struct icecore_ram *ram, u64 paddr);

/* The end of the last range. */
u64 icecore_ram_end(const struct icecore_ram *ram);

#endif
