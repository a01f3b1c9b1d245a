// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>

#include "base/io.h"
#include "memory/pageflag.h"
#include "memory/source.h"

int pageflags_open(const char *path)
{
	return io_open(AT_FDCWD, path, O_RDONLY, 0, NULL);
}

void pageflags_load(int fd, uint64_t *ret, uint64_t paddr, size_t pages)
{
	uint64_t pfn = paddr / SOURCE_PAGE_BYTES;
	ssize_t n = -1;

	if (fd >= 0)
		n = io_pread(fd, ret, pages * sizeof(*ret), pfn * sizeof(*ret),
			NULL);
	n = n < 0 ? 0 : n / (ssize_t)sizeof(*ret);
	for (size_t i = (size_t)n; i < pages; i++)
		ret[i] = 0;
}

uint8_t pageflags_trouble(uint64_t flags)
{
	if (flags & 1ULL << KPF_HWPOISON)
		return PAGE_HWPOISON;
	/* KPF_NOPAGE: no struct page that is online; taken away just now. */
	if (flags & (1ULL << KPF_OFFLINE | 1ULL << KPF_NOPAGE))
		return PAGE_OFFLINE;
	return 0;
}

int pageflags_empty(uint64_t flags)
{
	return (flags & (1ULL << KPF_BUDDY | 1ULL << KPF_ZERO_PAGE)) != 0;
}
