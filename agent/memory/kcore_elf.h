/* SPDX-License-Identifier: Apache-2.0 */
/* The program headers of /proc/kcore: where which physical memory lies. */
#ifndef MEMORY_KCORE_ELF_H
#define MEMORY_KCORE_ELF_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	KCORE_EHDR_BYTES = 64,
	KCORE_PHDR_BYTES = 56,
	/* Two for each range of RAM (itself and its memmap), and a few. */
	KCORE_PHDRS_MAX = 8448,
	KCORE_HEAD_BYTES = KCORE_EHDR_BYTES + KCORE_PHDRS_MAX * KCORE_PHDR_BYTES,
};

/* Physical memory [paddr, paddr + bytes) at an offset of the file. */
struct kcore_segment {
	uint64_t paddr;
	uint64_t bytes;
	uint64_t offset;
};

struct kcore {
	struct kcore_segment *segments; /* by address, disjoint */
	size_t n;
	uint64_t direct_map; /* virtual address of physical 0, modulo 2^64 */
};

void kcore_done(struct kcore *k);

/*
 * kcore_head_bytes(ret, head, len, e):
 * How many bytes of the file hold the program headers, from its first
 * ${len} bytes, which must be KCORE_EHDR_BYTES or more.
 */
int kcore_head_bytes(
	size_t *ret, const uint8_t *head, size_t len, struct err *e) MUST_CHECK;

/*
 * kcore_parse(ret, head, len, e):
 * The segments of the direct map that the first ${len} bytes of the file
 * describe: of the segments with a physical address those whose distance
 * between virtual and physical addresses covers most memory (the others are
 * the kernel's image, mapped a second time).  -EBADMSG when it is no ELF64
 * core of this machine's byte order, is cut off, or its segments overlap or
 * wrap; -ENOENT when it has no such segment.  The caller ends ${ret} with
 * kcore_done().
 */
int kcore_parse(struct kcore *ret, const uint8_t *head, size_t len,
	struct err *e) MUST_CHECK;

/*
 * kcore_find(k, addr):
 * The segment that holds the physical address ${addr}; NULL = none.
 */
const struct kcore_segment *kcore_find(const struct kcore *k, uint64_t addr);

#define AUTO_KCORE CLEANUP(kcore_done)

#endif
