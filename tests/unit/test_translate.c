// SPDX-License-Identifier: Apache-2.0
/* Page tables made by hand, of each shape that is understood. */
#include <errno.h>
#include <string.h>

#include "inspect/physical.h"
#include "inspect/translate.h"
#include "symbols/kernel_files.h"
#include "unit/unit.h"

enum { MEMORY = 1 << 20 };

static uint8_t memory[MEMORY];

static int read_memory(struct physical *m, void *ret, uint64_t paddr, size_t len)
{
	(void)m;
	if (paddr > MEMORY || len > MEMORY - paddr)
		return -ENODATA;
	memcpy(ret, memory + paddr, len);
	return 0;
}

static struct physical physical = { .read = read_memory };

static void put(uint64_t table, uint64_t index, uint64_t entry)
{
	memcpy(memory + table + 8 * index, &entry, sizeof(entry));
}

static struct translate begin(
	enum kernel_arch arch, bool la57, unsigned va_bits, uint64_t page_bytes)
{
	const struct kernel_files k = { .arch = arch,
		.la57 = la57,
		.va_bits = va_bits,
		.page_bytes = page_bytes,
		.dtb = 0x10000 };
	struct translate t;
	struct err e = { 0 };

	memset(memory, 0, sizeof(memory));
	assert_ok(translate_init(&t, &physical, &k, &e), &e);
	return t;
}

/* ${vaddr} is at ${want}, in a page of ${bytes}. */
static void is_at(const struct translate *t, uint64_t vaddr, uint64_t want,
	uint64_t bytes)
{
	struct translated at = { 0 };

	assert_int_equal(translate_at(t, &at, t->root, vaddr), 0);
	assert_int_equal(at.paddr, want);
	assert_int_equal(at.page_bytes, bytes);
}

static void is_not(const struct translate *t, uint64_t vaddr, int code)
{
	struct translated at;

	assert_int_equal(translate_at(t, &at, t->root, vaddr), code);
}

static void test_x86_4(void **state)
{
	struct translate t = begin(KERNEL_ARCH_X86_64, false, 0, 4096);

	(void)state;
	assert_int_equal(t.levels, 4);
	/* 0xffff888000000000: entries 273, 0, 0, 0. */
	put(0x10000, 273, 0x11000 | 3);
	put(0x11000, 0, 0x12000 | 3);
	put(0x12000, 0, 0x13000 | 3);
	put(0x13000, 5, 0x42000 | 3 | 1ULL << 63);
	is_at(&t, 0xffff888000005678, 0x42678, 4096);
	put(0x12000, 1, 0x600000 | 0x1083); /* with its PAT bit */
	is_at(&t, 0xffff888000212345, 0x612345, 2 << 20);
	put(0x11000, 3, 0x80000000 | 0x83);
	is_at(&t, 0xffff8880ffedcba9, 0xbfedcba9, 1 << 30);
	is_not(&t, 0xffff888000006000, -ENOENT);
	is_not(&t, 0xffff880000000000, -ENOENT);
	is_not(&t, 0x0000800000000000, -EFAULT);
	is_not(&t, 0xfeff888000000000, -EFAULT);
	/* A table that is not in the capture, and one that cannot be a page. */
	put(0x11000, 4, 0x7ffffff000 | 3);
	is_not(&t, 0xffff888100000000, -ENODATA);
	put(0x10000, 274, 0x11000 | 0x83);
	is_not(&t, 0xffff890000000000, -ENOENT);
}

static void test_rights(void **state)
{
	struct translate t = begin(KERNEL_ARCH_X86_64, false, 0, 4096);
	struct translated at;

	(void)state;
	/* The kernel's copy of a process's first table forbids to execute. */
	put(0x10000, 0, 0x11000 | 7 | 1ULL << 63);
	put(0x11000, 0, 0x12000 | 7);
	put(0x12000, 0, 0x13000 | 7);
	put(0x13000, 1, 0x42000 | 5);
	put(0x13000, 2, 0x43000 | 7 | 1ULL << 63);
	put(0x13000, 3, 0x44000 | 3);
	assert_int_equal(translate_at(&t, &at, t.root, 0x1000), 0);
	assert_true(at.user && !at.writable && at.executable);
	assert_int_equal(translate_at(&t, &at, t.root, 0x2000), 0);
	assert_true(at.user && at.writable && !at.executable);
	assert_int_equal(translate_at(&t, &at, t.root, 0x3000), 0);
	assert_true(!at.user && at.writable && at.executable);
}

static void test_x86_5(void **state)
{
	struct translate t = begin(KERNEL_ARCH_X86_64, true, 0, 4096);

	(void)state;
	assert_int_equal(t.levels, 5);
	/* 0xff11000000000000: entries 273, 0, 0, 0, 0. */
	put(0x10000, 0xff11000000000000 >> 48 & 511, 0x11000 | 3);
	put(0x11000, 0, 0x12000 | 3);
	put(0x12000, 0, 0x13000 | 3);
	put(0x13000, 0, 0x14000 | 3);
	put(0x14000, 1, 0x99000 | 3);
	is_at(&t, 0xff11000000001234, 0x99234, 4096);
	is_not(&t, 0x0100000000000000, -EFAULT);
}

static void test_sme(void **state)
{
	char text[] = "NUMBER(sme_mask)=140737488355328\n"; /* bit 47 */
	const struct kernel_files k = { .arch = KERNEL_ARCH_X86_64,
		.dtb = 0x10000,
		.vmcoreinfo = { (uint8_t *)text, sizeof(text) - 1 } };
	struct translate t;
	struct err e = { 0 };

	(void)state;
	memset(memory, 0, sizeof(memory));
	assert_ok(translate_init(&t, &physical, &k, &e), &e);
	put(0x10000, 0, 0x11000 | 3 | 1ULL << 47);
	put(0x11000, 0, 0x40000000 | 0x83 | 1ULL << 47);
	is_at(&t, 0x1234, 0x40001234, 1 << 30);
}

/* A descriptor of a table or a page, and of a block. */
enum { ARM_TABLE = 3, ARM_BLOCK = 1 };

static void test_arm64(void **state)
{
	static const struct {
		uint64_t page_bytes;
		unsigned va_bits;
		unsigned levels;
	} shapes[] = { { 4096, 39, 3 }, { 4096, 48, 4 }, { 16384, 36, 2 },
		{ 16384, 47, 3 }, { 16384, 48, 4 }, { 65536, 42, 2 },
		{ 65536, 48, 3 }, { 65536, 52, 3 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		uint64_t page = shapes[i].page_bytes, table = 0x10000;
		struct translate t =
			begin(KERNEL_ARCH_ARM64, false, shapes[i].va_bits, page);
		uint64_t top = UINT64_MAX << shapes[i].va_bits;

		assert_int_equal(t.levels, shapes[i].levels);
		for (unsigned level = t.levels; level-- > 1; table += 0x10000)
			put(table, 0, (table + 0x10000) | ARM_TABLE);
		put(table, 1, 7 * page | ARM_TABLE | 1ULL << 54);
		put(table, 2, 8 * page | ARM_BLOCK); /* none at this level */
		is_at(&t, top + page + 0x123, 7 * page + 0x123, page);
		is_not(&t, top + 2 * page, -ENOENT);
		is_not(&t, top + 3 * page, -ENOENT);
		is_not(&t, top - 1, -EFAULT);
		/* A block one level above. */
		put(table - 0x10000, 1, page * (page / 8) * 3 | ARM_BLOCK);
		is_at(&t, top + page * (page / 8) + 0x4567,
			page * (page / 8) * 3 + 0x4567, page * (page / 8));
	}
}

/* With 64 KiB the bits of an address from 48 on are lower in the entry. */
static void test_arm64_high(void **state)
{
	struct translate t = begin(KERNEL_ARCH_ARM64, false, 52, 65536);

	(void)state;
	put(0x10000, 0, 0x20000 | ARM_TABLE);
	put(0x20000, 0, 0x30000 | ARM_TABLE);
	put(0x30000, 0, 0x0000123456780000 | 0xa000 | ARM_TABLE);
	is_at(&t, UINT64_MAX << 52, 0x000a123456780000, 65536);
}

static void test_refused(void **state)
{
	static const struct {
		struct kernel_files k;
		int code;
		const char *part;
	} bad[] = {
		{ { .arch = KERNEL_ARCH_UNKNOWN, .dtb = 1 }, -EOPNOTSUPP,
			"which machine" },
		{ { .arch = KERNEL_ARCH_X86_64 }, -ENOENT, "page tables" },
		{ { .arch = KERNEL_ARCH_ARM64,
			  .page_bytes = 4096,
			  .va_bits = 52,
			  .dtb = 1 },
			-EOPNOTSUPP, "LPA2" },
		{ { .arch = KERNEL_ARCH_ARM64,
			  .page_bytes = 8192,
			  .va_bits = 48,
			  .dtb = 1 },
			-EOPNOTSUPP, "8192" },
		{ { .arch = KERNEL_ARCH_ARM64,
			  .page_bytes = 4096,
			  .va_bits = 8,
			  .dtb = 1 },
			-EOPNOTSUPP, "8 bits" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct translate t;
		struct err e = { 0 };

		assert_err(translate_init(&t, &physical, &bad[i].k, &e),
			bad[i].code, &e, bad[i].part);
	}
}

struct pages {
	uint64_t vaddr[8];
	size_t n;
};

static int see(
	void *arg, uint64_t vaddr, const struct translated *at, struct err *e)
{
	struct pages *p = arg;

	(void)at;
	if (p->n == ARRAY_LEN(p->vaddr))
		return err_set(e, -ECANCELED, "enough");
	p->vaddr[p->n++] = vaddr;
	return 0;
}

static void test_each(void **state)
{
	struct translate t = begin(KERNEL_ARCH_X86_64, false, 0, 4096);
	struct pages pages = { .n = 0 };
	uint64_t left = 1 << 20;
	struct err e = { 0 };

	(void)state;
	put(0x10000, 0, 0x11000 | 7);
	put(0x10000, 255, 0x11000 | 7);
	put(0x10000, 256, 0x11000 | 7); /* the kernel's half */
	put(0x11000, 1, 0x12000 | 7);
	put(0x11000, 2, 0x7fffff000 | 7); /* not in the capture */
	put(0x12000, 511, 0x13000 | 7);
	put(0x12000, 3, 0x200000 | 0x87);
	put(0x13000, 511, 0x42000 | 7);
	assert_int_equal(translate_each(&t, t.root, &left, see, &pages, &e), 2);
	assert_int_equal(pages.n, 4);
	assert_int_equal(pages.vaddr[0], 0x40600000);
	assert_int_equal(pages.vaddr[1], 0x7ffff000);
	assert_int_equal(pages.vaddr[2], 0x7f8040600000);
	assert_int_equal(pages.vaddr[3], 0x7f807ffff000);
	/* Tables that lead to themselves end as who looks has enough. */
	for (int i = 0; i < 512; i++)
		put(0x13000, i, 0x13000 | 7);
	pages.n = 0;
	assert_err(translate_each(&t, t.root, &left, see, &pages, &e),
		-ECANCELED, &e, "enough");
}

static void test_endless(void **state)
{
	struct translate t = begin(KERNEL_ARCH_X86_64, false, 0, 4096);
	uint64_t left = 1 << 20;
	struct err e = { 0 };

	(void)state;
	/* Each table but the last leads to itself: 2^27 empty ones below. */
	for (int i = 0; i < 512; i++) {
		put(0x10000, i, 0x11000 | 7);
		put(0x11000, i, 0x12000 | 7);
		put(0x12000, i, 0x13000 | 7);
	}
	assert_err(translate_each(&t, t.root, &left, see, NULL, &e), -E2BIG, &e,
		"entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86_4),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_x86_5),
		cmocka_unit_test(test_sme),
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_arm64_high),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
