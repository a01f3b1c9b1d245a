/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What our BPF programs name of the kernel's types.  Only the names of the
 * members count: CO-RE finds where they are in the running kernel.
 */
#ifndef BPF_KERNEL_MIN_H
#define BPF_KERNEL_MIN_H

#include <linux/bpf.h>
#include <linux/types.h>

#pragma clang attribute push(                                                  \
	__attribute__((preserve_access_index)), apply_to = record)

struct page {
	unsigned long flags;
	unsigned long compound_head;
	unsigned int page_type;
};

/* Since 6.18: 53fbef56e07d ("mm: introduce memdesc_flags_t"). */
struct page___memdesc {
	struct {
		unsigned long f;
	} flags;
};

struct efi {
	/* Since 6.5: 745e3ed85f71 ("efi/libstub: Implement support for
	 * unaccepted memory"). */
	unsigned long unaccepted;
};

struct efi_unaccepted_memory {
	__u32 unit_size;
	__u64 phys_base;
	__u64 size;
	unsigned long bitmap[];
};

#pragma clang attribute pop

/* Their values are those of the running kernel, by CO-RE. */
enum pageflags {
	PG_hwpoison = 1,
};

/* Since 6.11 an enum, and from 6.12 on a number in the top byte. */
enum pagetype {
	PG_offline = 1,
	PAGE_TYPE_BASE = 2,
};

enum pagetype___6_12 {
	PGTY_offline = 1,
};

#endif
