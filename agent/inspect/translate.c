// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vmcoreinfo.h"
#include "inspect/physical.h"
#include "inspect/translate.h"
#include "symbols/kernel_files.h"

enum { VA_BITS_LEAST = 36, LEVELS_MAX = 5, ENTRIES_TOGETHER = 512 };

/* x86-64 */
#define X86_PRESENT 1ULL
#define X86_WRITE   (1ULL << 1)
#define X86_USER    (1ULL << 2)
#define X86_LARGE   (1ULL << 7)
#define X86_NX	    (1ULL << 63)
#define X86_ADDRESS 0x000ffffffffff000ULL

/* arm64: a stage 1 descriptor */
#define ARM_VALID     1ULL
#define ARM_TABLE     2ULL /* of the last level: a page */
#define ARM_USER      (1ULL << 6)
#define ARM_READ_ONLY (1ULL << 7)
#define ARM_PXN	      (1ULL << 53)
#define ARM_UXN	      (1ULL << 54)
#define ARM_ADDRESS   0x0000ffffffffffffULL

static int init_x86(
	struct translate *t, const struct kernel_files *k, struct err *e)
{
	uint64_t sme = 0;

	(void)e;
	t->kind = TRANSLATE_X86_64;
	t->page_shift = 12;
	t->levels = k->la57 ? 5 : 4;
	t->va_bits = k->la57 ? 57 : 48;
	t->address_mask = X86_ADDRESS;
	/* With memory encryption one bit of an address says so. */
	if (k->vmcoreinfo.len &&
		vmcoreinfo_number(&sme, (const char *)k->vmcoreinfo.data,
			k->vmcoreinfo.len, "NUMBER(sme_mask)") == 0)
		t->address_mask &= ~sme;
	return 0;
}

static int init_arm64(
	struct translate *t, const struct kernel_files *k, struct err *e)
{
	unsigned bits;

	t->kind = TRANSLATE_ARM64;
	t->va_bits = k->va_bits;
	switch (k->page_bytes) {
	case 4 << 10:
		t->page_shift = 12;
		break;
	case 16 << 10:
		t->page_shift = 14;
		break;
	case 64 << 10:
		t->page_shift = 16;
		break;
	default:
		return err_set(e, -EOPNOTSUPP, "arm64 with pages of %llu bytes",
			(unsigned long long)k->page_bytes);
	}
	if (t->va_bits < VA_BITS_LEAST || t->va_bits > 52)
		return err_set(e, -EOPNOTSUPP,
			"arm64 with addresses of %u bits", t->va_bits);
	if (t->va_bits > 48 && t->page_shift != 16)
		return err_set(e, -EOPNOTSUPP,
			"arm64 with addresses of 52 bits and small pages (LPA2)");
	bits = t->page_shift - 3;
	t->levels = (t->va_bits - t->page_shift + bits - 1) / bits;
	t->address_mask = ARM_ADDRESS & ~((1ULL << t->page_shift) - 1);
	return 0;
}

int translate_init(struct translate *t, struct physical *memory,
	const struct kernel_files *k, struct err *e)
{
	int r;

	*t = (struct translate){ .memory = memory, .root = k->dtb };
	if (k->arch == KERNEL_ARCH_X86_64)
		r = init_x86(t, k, e);
	else if (k->arch == KERNEL_ARCH_ARM64)
		r = init_arm64(t, k, e);
	else
		r = err_set(e, -EOPNOTSUPP,
			"the evidence does not tell which machine it is of");
	if (r == 0 && !t->root)
		r = err_set(e, -ENOENT,
			"the evidence does not tell where the kernel's page tables are");
	return r;
}

/* The same bit from the last of the address on: the lower or the upper half. */
static bool is_canonical(const struct translate *t, uint64_t vaddr)
{
	unsigned bits = t->kind == TRANSLATE_X86_64 ? t->va_bits - 1 : t->va_bits;
	uint64_t top = vaddr >> bits;

	return top == 0 || top == UINT64_MAX >> bits;
}

/* Whether the walk ends at ${entry} of a level; 0 is the last. */
static int is_page(const struct translate *t, uint64_t entry, unsigned level)
{
	if (t->kind == TRANSLATE_X86_64) {
		if (!(entry & X86_PRESENT) || (level > 2 && entry & X86_LARGE))
			return -ENOENT;
		return level == 0 || entry & X86_LARGE ? 1 : 0;
	}
	if (!(entry & ARM_VALID))
		return -ENOENT;
	if (level == 0)
		return entry & ARM_TABLE ? 1 : -ENOENT;
	if (entry & ARM_TABLE)
		return 0;
	return level <= 2 ? 1 : -ENOENT;
}

static uint64_t address_in(const struct translate *t, uint64_t entry)
{
	uint64_t at = entry & t->address_mask;

	/* With 64 KiB the bits from 48 on are where the others are zero. */
	if (t->kind == TRANSLATE_ARM64 && t->page_shift == 16)
		at |= (entry >> 12 & 0xf) << 48;
	return at;
}

/* Rights are narrowed from table to table on x86-64.  Where user space has
 * tables of its own (page table isolation) the kernel's forbid all of it to be
 * executed, in the first table. */
static void take_rights(const struct translate *t, struct translated *ret,
	uint64_t entry, unsigned level, bool last)
{
	if (t->kind == TRANSLATE_X86_64) {
		ret->user &= (entry & X86_USER) != 0;
		ret->writable &= (entry & X86_WRITE) != 0;
		if (!ret->user || level + 1 < t->levels)
			ret->executable &= (entry & X86_NX) == 0;
	} else if (last) {
		ret->user = (entry & ARM_USER) != 0;
		ret->writable = (entry & ARM_READ_ONLY) == 0;
		ret->executable = (entry & (ret->user ? ARM_UXN : ARM_PXN)) == 0;
	}
}

int translate_at(const struct translate *t, struct translated *ret,
	uint64_t root, uint64_t vaddr)
{
	struct translated at = {
		.user = true, .writable = true, .executable = true
	};
	unsigned bits = t->page_shift - 3;

	if (!is_canonical(t, vaddr))
		return -EFAULT;
	for (unsigned level = t->levels; level-- > 0;) {
		unsigned shift = t->page_shift + level * bits;
		uint64_t below = vaddr & ((1ULL << t->va_bits) - 1), index;
		uint8_t entry_bytes[8];
		uint64_t entry;
		int r;

		index = below >> shift & ((1ULL << bits) - 1);
		r = t->memory->read(t->memory, entry_bytes, root + 8 * index,
			sizeof(entry_bytes));
		if (r < 0)
			return r;
		entry = num_le64(entry_bytes);
		r = is_page(t, entry, level);
		if (r < 0)
			return r;
		take_rights(t, &at, entry, level, r == 1);
		root = address_in(t, entry);
		if (r == 1) {
			at.page_bytes = 1ULL << shift;
			at.paddr = (root & ~(at.page_bytes - 1)) |
				   (vaddr & (at.page_bytes - 1));
			*ret = at;
			return 0;
		}
	}
	return -ENOENT;
}

/* A table that is walked, and how far. */
struct level {
	uint64_t table;
	uint64_t vaddr; /* of its first entry */
	uint64_t next; /* entry */
	struct translated rights;
	uint64_t read; /* the entry that ${bytes} begin with, + 1; 0 = none */
	uint8_t bytes[ENTRIES_TOGETHER * 8];
};

struct walk {
	const struct translate *t;
	int missing; /* tables */
	struct level levels[LEVELS_MAX];
};

/* How many entries of a table are a process's. */
static uint64_t count_entries(const struct translate *t, unsigned level)
{
	unsigned bits = t->page_shift - 3;

	if (level + 1 == t->levels)
		bits = t->va_bits - t->page_shift - level * bits -
		       (t->kind == TRANSLATE_X86_64);
	return 1ULL << bits;
}

/* The next entry: 1 = there is one, 0 = the table ends here. */
static int next_entry(struct walk *w, unsigned level, uint64_t *ret)
{
	struct level *l = &w->levels[level];
	uint64_t n = count_entries(w->t, level);
	uint64_t from = l->next / ENTRIES_TOGETHER * ENTRIES_TOGETHER;
	struct physical *m = w->t->memory;

	if (l->next >= n)
		return 0;
	if (l->read != from + 1) {
		n = n - from < ENTRIES_TOGETHER ? n - from : ENTRIES_TOGETHER;
		if (m->read(m, l->bytes, l->table + 8 * from, (size_t)n * 8) < 0) {
			w->missing++;
			return 0;
		}
		l->read = from + 1;
	}
	*ret = num_le64(l->bytes + 8 * (l->next++ - from));
	return 1;
}

/* 1 = it is a page, 0 = a table, at whose level the walk goes on. */
static int take_entry(struct walk *w, unsigned *level, uint64_t entry,
	uint64_t *vaddr, struct translated *ret)
{
	const struct translate *t = w->t;
	struct level *l = &w->levels[*level];
	unsigned shift = t->page_shift + *level * (t->page_shift - 3);
	int r = is_page(t, entry, *level);

	if (r < 0)
		return r;
	*vaddr = l->vaddr + ((l->next - 1) << shift);
	*ret = l->rights;
	take_rights(t, ret, entry, *level, r == 1);
	ret->paddr = address_in(t, entry);
	if (r == 1) {
		ret->page_bytes = 1ULL << shift;
		ret->paddr &= ~(ret->page_bytes - 1);
		return 1;
	}
	l = &w->levels[--*level];
	l->table = ret->paddr;
	l->vaddr = *vaddr;
	l->rights = *ret;
	l->next = l->read = 0;
	return 0;
}

int translate_each(const struct translate *t, uint64_t root, uint64_t *left,
	translate_see *see, void *arg, struct err *e)
{
	AUTO_FREE struct walk *w = calloc(1, sizeof(*w));
	unsigned level = t->levels - 1;
	int r = 0;

	if (!w)
		return err_set(e, -ENOMEM, "no memory for page tables");
	w->t = t;
	w->levels[level].table = root;
	w->levels[level].rights = (struct translated){
		.user = true, .writable = true, .executable = true
	};
	while (r == 0) {
		uint64_t entry = 0, vaddr = 0;
		struct translated at;

		if (!*left)
			return err_set(e, -E2BIG,
				"page tables have more entries than are looked at");
		--*left;
		if (next_entry(w, level, &entry)) {
			if (take_entry(w, &level, entry, &vaddr, &at) == 1)
				r = see(arg, vaddr, &at, e);
		} else if (++level == t->levels) {
			return w->missing;
		}
	}
	return r;
}
