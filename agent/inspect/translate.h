/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual addresses by the page tables that lie in captured memory.
 *
 *	x86-64   4 and 5 levels; pages of 4 KiB, 2 MiB and 1 GiB
 *	         (Intel SDM 3A, 4.5)
 *	arm64    granules of 4, 16 and 64 KiB; addresses of 36 to 48 bits, of 52
 *	         with 64 KiB (Arm ARM, D8.3); with 4 and 16 KiB those of 52 bits
 *	         have descriptors of another form (LPA2) and are refused
 *
 * What is in a table can be anything: a walk has as many steps as there are
 * levels, and no more.
 */
#ifndef INSPECT_TRANSLATE_H
#define INSPECT_TRANSLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct kernel_files;
struct physical;

enum translate_kind { TRANSLATE_X86_64, TRANSLATE_ARM64 };

struct translate {
	struct physical *memory; /* borrowed */
	enum translate_kind kind;
	unsigned levels;
	unsigned page_shift;
	unsigned va_bits; /* of either half */
	uint64_t address_mask; /* of the address in a table's entry */
	uint64_t root; /* of the kernel's tables, physical */
};

/* Where an address is. */
struct translated {
	uint64_t paddr;
	uint64_t page_bytes; /* of the page that it lies in */
	bool user;
	bool writable;
	bool executable; /* by user for user's pages, by the kernel for others */
};

/*
 * translate_init(t, memory, k, e):
 * For the kernel that ${k} tells of.  -EOPNOTSUPP, by name, for what is not
 * understood here; -ENOENT when its root is not told.
 */
int translate_init(struct translate *t, struct physical *memory,
	const struct kernel_files *k, struct err *e) MUST_CHECK;

/*
 * translate_at(t, ret, root, vaddr):
 * By the tables at ${root}: 0; -ENOENT when nothing is mapped there; -ENODATA
 * when a table is not in the capture; -EFAULT when no such address can be.
 */
int translate_at(const struct translate *t, struct translated *ret,
	uint64_t root, uint64_t vaddr) MUST_CHECK;

/* One page; a negative return ends it. */
typedef int translate_see(
	void *arg, uint64_t vaddr, const struct translated *at, struct err *e);

/*
 * translate_each(t, root, left, see, arg, e):
 * Every page of the lower half, which is a process's, by ascending address;
 * tables that are not in the capture are passed over.  Return how many of
 * these there were.  Each entry that is looked at takes one of ${left}, without
 * which it is -E2BIG: tables that lead to themselves have no end.
 */
int translate_each(const struct translate *t, uint64_t root, uint64_t *left,
	translate_see *see, void *arg, struct err *e) MUST_CHECK;

#endif
