/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Between memory.bpf.c and the agent. */
#ifndef BPF_MEMORY_H
#define BPF_MEMORY_H

#include <linux/types.h>

enum {
	MEMORY_PAGE_BYTES = 4096,
	MEMORY_SLOT_PAGES = 64,
	MEMORY_SLOT_BYTES = MEMORY_SLOT_PAGES * MEMORY_PAGE_BYTES,
	/* Of the kernel's struct page: 64 as a rule, more with debugging. */
	MEMORY_STRUCT_PAGE_MAX = 128,
};

/* As in record.proto. */
enum memory_status {
	MEMORY_PAGE_DATA = 1,
	MEMORY_PAGE_HWPOISON = 16,
	MEMORY_PAGE_OFFLINE = 17,
	MEMORY_PAGE_UNACCEPTED = 18,
	MEMORY_PAGE_NO_DIRECT_MAP = 19,
	MEMORY_PAGE_NOT_MAPPED = 22,
};

/* What the programs return. */
enum memory_result {
	MEMORY_OK = 0,
	MEMORY_NO_SYMBOLS = 1, /* the kernel does not say where its maps are */
	MEMORY_BAD_LAYOUT = 2, /* what they say makes no sense */
	MEMORY_BAD_REQUEST = 3,
	MEMORY_NO_ARCH = 4, /* this processor's maps are not known to us */
};

/*
 * One reader's.  Every page of a request lies at its distance from the first,
 * so that data[0] is the first byte of the first page.
 */
struct memory_slot {
	__u8 data[MEMORY_SLOT_BYTES];
	__u8 status[MEMORY_SLOT_PAGES];
	__u8 status_pad[MEMORY_PAGE_BYTES - MEMORY_SLOT_PAGES];
	/* The program's: the struct pages of the request. */
	__u8 struct_pages[MEMORY_SLOT_PAGES * MEMORY_STRUCT_PAGE_MAX];
};

_Static_assert(
	sizeof(struct memory_slot) % MEMORY_PAGE_BYTES == 0, "whole pages");

/* Read [paddr, paddr + len), which touches at most MEMORY_SLOT_PAGES. */
struct memory_request {
	__u64 paddr;
	__u32 len;
	__u32 slot;
};

_Static_assert(sizeof(struct memory_request) == 16, "no padding");

/*
 * The addresses of the kernel's variables, from /proc/kallsyms; 0 = let the
 * program look them up, which it can from 5.16 on.
 */
struct memory_symbols {
	__u64 page_offset_base;
	__u64 vmemmap_base;
};

/* Where memory_locate() found things. */
struct memory_layout {
	__u64 direct_map; /* virtual address of physical address 0 */
	__u64 vmemmap; /* of the struct page of frame 0 */
	__u64 unaccepted_bitmap; /* 0 = the kernel accepted all memory */
	__u64 unaccepted_start; /* physical */
	__u64 unaccepted_units;
	__u64 unaccepted_unit_bytes;
};

#endif
