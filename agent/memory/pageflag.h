/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/kpageflags says of pages, for sources that cannot ask better. */
#ifndef MEMORY_PAGEFLAG_H
#define MEMORY_PAGEFLAG_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/*
 * pageflags_open(path):
 * The descriptor of ${path}, "/proc/kpageflags" but in tests; -1 when it
 * cannot be read, with which nothing is known of any page.
 */
int pageflags_open(const char *path) MUST_CHECK;

/*
 * pageflags_load(fd, ret, paddr, pages):
 * The flags (KPF_*) of ${pages} pages from ${paddr} on; 0 where not known.
 */
void pageflags_load(int fd, uint64_t *ret, uint64_t paddr, size_t pages);

/*
 * pageflags_trouble(flags):
 * PAGE_HWPOISON or PAGE_OFFLINE for a page that must not be read, else 0.
 */
uint8_t pageflags_trouble(uint64_t flags);

/*
 * pageflags_empty(flags):
 * The page is free, or one of the kernel's pages of zeros: zeros are what it
 * holds.
 */
int pageflags_empty(uint64_t flags);

#endif
