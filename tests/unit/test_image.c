// SPDX-License-Identifier: Apache-2.0
/* ELF images: what lies where, and what is refused. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/range.h"
#include "lab/image.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#define DIRECT_MAP 0xffff888000000000ULL
#define KERNEL_AT  0xffffffff81000000ULL

static const char info[] = "OSRELEASE=9.9\n";

static void add(struct ranges *rs, uint64_t start, uint64_t end)
{
	struct err e = { 0 };

	assert_ok(ranges_add(rs, (struct range){ start, end }, &e), &e);
}

static void test_elf(void **state)
{
	AUTO_RANGES struct ranges memory = { 0 };
	char top[SCRATCH_CHARS];
	AUTO_CLOSE int dir = -1;
	struct image_plan plan = { .format = IMAGE_ELF,
		.memory = &memory,
		.machine = EM_X86_64,
		.direct_map = DIRECT_MAP,
		.kernel = { 0x200000, 0x300000 },
		.kernel_address = KERNEL_AT,
		.vmcoreinfo = info,
		.vmcoreinfo_len = sizeof(info) - 1 };
	struct image *im = NULL;
	struct err e = { 0 };
	uint8_t *file;
	size_t len = 0;
	Elf64_Ehdr h;
	Elf64_Phdr p[6];

	(void)state;
	add(&memory, 0x1000, 0x9fc00);
	add(&memory, 0x100000, 0x400000);
	scratch_new(top);
	dir = io_open(AT_FDCWD, top, O_RDONLY | O_DIRECTORY, 0, &e);
	assert_ok(dir, &e);
	assert_ok(image_create(&im, dir, "memory.elf", &plan, &e), &e);
	assert_ok(image_write(im, 0x2ffffe, "abcd", 4, &e), &e);
	assert_err(image_write(im, 0x9fbfe, "abcd", 4, &e), -ERANGE, &e,
		"not in the image");
	assert_ok(image_finish(im, &e), &e);
	image_close(im);
	file = scratch_read(top, "memory.elf", &len);
	memcpy(&h, file, sizeof(h));
	assert_int_equal(h.e_phnum, 5);
	memcpy(p, file + h.e_phoff, 5 * sizeof(p[0]));
	assert_int_equal(p[0].p_type, PT_NOTE);
	assert_memory_equal(file + p[0].p_offset + 12, "VMCOREINFO", 11);
	assert_memory_equal(file + p[0].p_offset + 24, info, sizeof(info) - 1);
	assert_int_equal(p[1].p_vaddr, DIRECT_MAP + 0x1000);
	assert_int_equal(p[1].p_filesz, 0x9ec00);
	/* Three of the second: before the kernel, the kernel, behind it. */
	assert_int_equal(p[2].p_paddr, 0x100000);
	assert_int_equal(p[2].p_memsz, 0x100000);
	assert_int_equal(p[3].p_paddr, 0x200000);
	assert_int_equal(p[3].p_vaddr, KERNEL_AT);
	assert_int_equal(p[4].p_paddr, 0x300000);
	assert_int_equal(p[4].p_vaddr, DIRECT_MAP + 0x300000);
	assert_memory_equal(file + p[3].p_offset + 0xffffe, "abcd", 4);
	assert_int_equal(len, p[4].p_offset + 0x100000);
	for (int i = 1; i < 5; i++)
		assert_int_equal(p[i].p_offset % 4096, p[i].p_paddr % 4096);
	free(file);
	scratch_remove(top);
}

static void test_refused(void **state)
{
	AUTO_RANGES struct ranges many = { 0 };
	char top[SCRATCH_CHARS];
	AUTO_CLOSE int dir = -1;
	struct image_plan plan = { .format = IMAGE_ELF, .memory = &many };
	struct image *im = NULL;
	struct err e = { 0 };

	(void)state;
	for (uint64_t i = 0; i <= IMAGE_ELF_RANGES_MAX; i++)
		add(&many, 2 * i * 4096, (2 * i + 1) * 4096);
	scratch_new(top);
	dir = io_open(AT_FDCWD, top, O_RDONLY | O_DIRECTORY, 0, &e);
	assert_ok(dir, &e);
	assert_err(image_create(&im, dir, "x", &plan, &e), -E2BIG, &e,
		"--memory lime");
	plan.format = IMAGE_LIME;
	assert_ok(image_create(&im, dir, "x", &plan, &e), &e);
	image_close(im);
	/* Not finished: deleted. */
	assert_int_equal(faccessat(dir, "x", F_OK, 0), -1);
	ranges_done(&many);
	add(&many, 0, UINT64_MAX);
	for (int format = IMAGE_LIME; format <= IMAGE_ELF; format++) {
		plan.format = (enum image_format)format;
		assert_err(image_create(&im, dir, "x", &plan, &e), -EFBIG, &e,
			"image of 18446744073709551615 bytes");
	}
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
