/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A captured kernel that is made up: some pages of physical memory from 0 on,
 * x86-64 page tables that map them at FAKE_IMAGE_BASE, and BTF of structures
 * whose members are where FAKE_* says.
 */
#ifndef UNIT_FAKE_IMAGE_H
#define UNIT_FAKE_IMAGE_H

#include "base/range.h"
#include "inspect/captured.h"
#include "inspect/physical.h"
#include "symbols/kernel_files.h"

#define FAKE_IMAGE_BASE 0xffff888000000000ULL

enum {
	FAKE_IMAGE_BYTES = 0x40000,
	FAKE_IMAGE_TABLES = 0x3000, /* the first three pages */
	FAKE_STRUCT_BYTES = 0x200,
	FAKE_TASK_BYTES = 0x400,
	FAKE_PAGE_ENTRY = 64, /* a struct page */
	FAKE_NODE_SHIFT = 0, /* struct xa_node */
	FAKE_NODE_SLOTS = 0x28,
};

struct fake_image {
	struct physical physical; /* first */
	uint8_t *data; /* borrowed */
	size_t len;
	uint8_t tables[FAKE_IMAGE_TABLES];
	struct range range;
	struct ranges known;
	struct kernel_files files;
	struct captured captured;
};

/*
 * fake_image_init(f, data, len, e), fake_image_done(f):
 * Over ${data}, whose first FAKE_IMAGE_TABLES bytes are not looked at.
 */
int fake_image_init(struct fake_image *f, uint8_t *data, size_t len,
	struct err *e) MUST_CHECK;
void fake_image_done(struct fake_image *f);

/*
 * fake_image_symbol(f, name, address, end):
 * Of one that was wanted.
 */
void fake_image_symbol(
	struct fake_image *f, const char *name, uint64_t address, uint64_t end);

/*
 * fake_image_put(f, paddr, v), fake_image_put32(f, paddr, v):
 * A number in memory.
 */
void fake_image_put(struct fake_image *f, uint64_t paddr, uint64_t v);
void fake_image_put32(struct fake_image *f, uint64_t paddr, uint32_t v);

/*
 * fake_image_at(f, type, path):
 * Where the member is.
 */
uint32_t fake_image_at(struct fake_image *f, const char *type, const char *path);

/*
 * fake_image_types(ret, len):
 * The BTF, allocated.
 */
uint8_t *fake_image_types(size_t *len);

#endif
