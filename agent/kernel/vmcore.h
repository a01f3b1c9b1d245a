/* SPDX-License-Identifier: Apache-2.0 */
/* The running kernel's vmcoreinfo (base/vmcoreinfo.h), as it stands. */
#ifndef KERNEL_VMCORE_H
#define KERNEL_VMCORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct buf;
struct err;
struct kstate;
struct peek;

/*
 * vmcore_from_kcore(ret, path, e):
 * The text, from the note of ${path}, "/proc/kcore" but in tests.  -ENOENT
 * when it has none.
 */
int vmcore_from_kcore(struct buf *ret, const char *path, struct err *e) MUST_CHECK;

/*
 * vmcore_from_memory(ret, p, data, size, e):
 * The same from the kernel's memory: ${data} and ${size} are the addresses of
 * its variables vmcoreinfo_data and vmcoreinfo_size.
 */
int vmcore_from_memory(struct buf *ret, struct peek *p, uint64_t data,
	uint64_t size, struct err *e) MUST_CHECK;

/*
 * vmcore_read(ret, by, without, e):
 * One of them, the file first; ${by} is "kcore" or "memory".  ${without} is of
 * enum kstate_without.
 */
int vmcore_read(struct buf *ret, const char **by, unsigned without,
	struct err *e) MUST_CHECK;

/*
 * vmcore_direct_map(ret, without, e):
 * The virtual address at which the kernel maps physical 0: x86-64's
 * page_offset_base.  -ENOENT where there is no such variable.
 */
int vmcore_direct_map(uint64_t *ret, unsigned without, struct err *e) MUST_CHECK;

#endif
