/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's table of pages: a struct page for each page of memory, by its
 * number, at one place (CONFIG_SPARSEMEM_VMEMMAP, as x86-64 and arm64 have it).
 */
#ifndef INSPECT_VMEMMAP_H
#define INSPECT_VMEMMAP_H

#include <stdint.h>

#include "base/cleanup.h"

struct captured;
struct err;

enum { VMEMMAP_ENTRY_MAX = 256 };

/*
 * One struct page, good during the call; ${base}: the address in the kernel's
 * direct map of the page that it speaks of.  A negative return ends it.
 */
typedef int vmemmap_see(
	void *arg, const uint8_t *page, uint64_t base, struct err *e);

/*
 * vmemmap_each(c, entry_bytes, see, arg, e):
 * The entries, of ${entry_bytes} each, of all pages that the capture has.
 * Where there is no table for them nothing is called.  -EOPNOTSUPP when it is
 * not known where the table is.
 */
int vmemmap_each(const struct captured *c, uint32_t entry_bytes,
	vmemmap_see *see, void *arg, struct err *e) MUST_CHECK;

#endif
