// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>

#include "memory/kcore_elf.h"
#include "unit/unit.h"

#define BASE 0xffff888000000000ULL
#define TEXT 0xffffffff80000000ULL
#define NONE UINT64_MAX

enum { PHDRS = 8, HEAD_BYTES = KCORE_EHDR_BYTES + PHDRS * KCORE_PHDR_BYTES };

struct head {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdrs[PHDRS];
};

_Static_assert(sizeof(struct head) == HEAD_BYTES, "no padding");

static Elf64_Phdr load(uint64_t vaddr, uint64_t paddr, uint64_t bytes)
{
	return (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_offset = (vaddr & 0x7fffffffffff) + 0x3000,
		.p_vaddr = vaddr,
		.p_paddr = paddr,
		.p_filesz = bytes,
		.p_memsz = bytes };
}

/* What a guest of 1 GiB has. */
static struct head guest(void)
{
	struct head h = { .ehdr = { .e_type = ET_CORE,
				  .e_machine = EM_X86_64,
				  .e_version = EV_CURRENT,
				  .e_phoff = KCORE_EHDR_BYTES,
				  .e_ehsize = KCORE_EHDR_BYTES,
				  .e_phentsize = KCORE_PHDR_BYTES,
				  .e_phnum = 7 } };

	memcpy(h.ehdr.e_ident, ELFMAG, SELFMAG);
	h.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	h.ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	h.phdrs[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_filesz = 0x2f74 };
	h.phdrs[1] = load(TEXT + 0x37000000, 0x37000000, 0x2830000);
	h.phdrs[2] = load(0xffffc90000000000, NONE, 0x1fffffffffff);
	h.phdrs[3] = load(BASE + 0x100000, 0x100000, 0x3fee0000);
	h.phdrs[4] = load(BASE + 0x1000, 0x1000, 0x9e000);
	h.phdrs[5] = load(0xffffea0000000000, NONE, 0x3000);
	h.phdrs[6] = load(0xffffea0000004000, NONE, 0xffc000);
	return h;
}

static int parse(struct kcore *k, const struct head *h, struct err *e)
{
	return kcore_parse(k, (const uint8_t *)h, sizeof(*h), e);
}

static void test_guest(void **state)
{
	AUTO_KCORE struct kcore k = { 0 };
	struct head h = guest();
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse(&k, &h, &e), 0);
	assert_int_equal(k.direct_map, BASE);
	assert_int_equal(k.n, 2);
	assert_int_equal(k.segments[0].paddr, 0x1000);
	assert_int_equal(k.segments[0].bytes, 0x9e000);
	assert_int_equal(k.segments[0].offset, h.phdrs[4].p_offset);
	assert_int_equal(k.segments[1].paddr, 0x100000);

	assert_null(kcore_find(&k, 0xfff));
	assert_ptr_equal(kcore_find(&k, 0x1000), &k.segments[0]);
	assert_ptr_equal(kcore_find(&k, 0x9efff), &k.segments[0]);
	assert_null(kcore_find(&k, 0x9f000));
	assert_ptr_equal(kcore_find(&k, 0x100000), &k.segments[1]);
	assert_ptr_equal(kcore_find(&k, 0x3ffdffff), &k.segments[1]);
	assert_null(kcore_find(&k, 0x3ffe0000));
}

/* Exactly as many bytes as the headers have will do, and one less will not. */
static void test_cut_off(void **state)
{
	struct head h = guest();
	size_t need = 0;
	struct err e;

	(void)state;
	assert_int_equal(kcore_head_bytes(&need, (const uint8_t *)&h,
				 KCORE_EHDR_BYTES, &e),
		0);
	assert_int_equal(need, KCORE_EHDR_BYTES + 7 * KCORE_PHDR_BYTES);
	for (size_t len = 0; len <= need; len++) {
		AUTO_KCORE struct kcore k = { 0 };
		/* So that a sanitizer sees a read behind the end. */
		AUTO_FREE uint8_t *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, &h, len);
		copy = realloc(copy, len ? len : 1);
		assert_non_null(copy);
		assert_int_equal(kcore_parse(&k, copy, len, &e),
			len == need ? 0 : -EBADMSG);
	}
}

static void refuse(const struct head *h, int code, const char *message)
{
	struct kcore k = { 0 };
	struct err e = { 0 };

	assert_int_equal(parse(&k, h, &e), code);
	assert_string_equal(e.msg, message);
	assert_null(k.segments);
}

static void test_not_a_core(void **state)
{
	struct head h = guest();

	(void)state;
	h.ehdr.e_ident[0] = 0;
	refuse(&h, -EBADMSG, "kcore: no ELF64 core");
	h = guest();
	h.ehdr.e_ident[EI_CLASS] = ELFCLASS32;
	refuse(&h, -EBADMSG, "kcore: no ELF64 core");
	h = guest();
	h.ehdr.e_ident[EI_DATA] = ELFDATA2MSB;
	refuse(&h, -EBADMSG, "kcore: no ELF64 core");
	h = guest();
	h.ehdr.e_type = ET_EXEC;
	refuse(&h, -EBADMSG, "kcore: no ELF64 core");
}

static void test_lying_counts(void **state)
{
	struct head h = guest();

	(void)state;
	h.ehdr.e_phnum = PHDRS + 1;
	refuse(&h, -EBADMSG, "kcore: 512 of 568 bytes of headers");
	h.ehdr.e_phnum = KCORE_PHDRS_MAX + 1;
	refuse(&h, -EBADMSG, "kcore: 8449 program headers");
	h = guest();
	h.ehdr.e_phentsize = 57;
	refuse(&h, -EBADMSG, "kcore: program headers of 57 bytes");
	h = guest();
	h.ehdr.e_phoff = UINT64_MAX;
	refuse(&h, -EBADMSG, "kcore: program headers at 0xffffffffffffffff");
	h.ehdr.e_phoff = KCORE_HEAD_BYTES;
	refuse(&h, -EBADMSG, "kcore: program headers end at 473544");
	h = guest();
	h.ehdr.e_phnum = 0;
	refuse(&h, -ENOENT, "kcore: no segment of RAM");
	h.ehdr.e_phnum = 1;
	refuse(&h, -ENOENT, "kcore: no segment of RAM");
}

static void test_wrap(void **state)
{
	struct head h = guest();

	(void)state;
	h.phdrs[3].p_paddr = UINT64_MAX - 0x1000;
	refuse(&h, -EBADMSG, "kcore: segment 3 wraps");
	h = guest();
	h.phdrs[3].p_offset = UINT64_MAX - 0x1000;
	refuse(&h, -EBADMSG, "kcore: segment 3 wraps");
	h = guest();
	h.phdrs[3].p_offset = INT64_MAX - 0x1000;
	refuse(&h, -EBADMSG, "kcore: segment 3 wraps");
}

static void test_overlap(void **state)
{
	struct head h = guest();
	AUTO_KCORE struct kcore k = { 0 };
	struct err e;

	(void)state;
	h.phdrs[4].p_filesz = 0x100000 - 0x1000;
	assert_int_equal(parse(&k, &h, &e), 0);
	h.phdrs[4].p_filesz++;
	refuse(&h, -EBADMSG, "kcore: segments overlap at 0x100000");
}

/* The image of the kernel covers less than RAM, wherever the file has it. */
static void test_which_map(void **state)
{
	AUTO_KCORE struct kcore k = { 0 };
	struct head h = guest();
	Elf64_Phdr swap = h.phdrs[1];
	struct err e;

	(void)state;
	h.phdrs[1] = h.phdrs[3];
	h.phdrs[3] = swap;
	assert_int_equal(parse(&k, &h, &e), 0);
	assert_int_equal(k.direct_map, BASE);
	assert_int_equal(k.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_not_a_core),
		cmocka_unit_test(test_lying_counts),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_which_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
