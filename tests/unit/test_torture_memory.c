// SPDX-License-Identifier: Apache-2.0
/*
 * Every allocation and every call of the memory floor fails once: parsing the
 * kernel's lists, opening a source and closing it again.  No memory is read:
 * the sources that this machine has are opened and closed, and a source that
 * it does not have is refused.
 */
#include <elf.h>
#include <errno.h>
#include <unistd.h>

#include "base/range.h"
#include "memory/iomem.h"
#include "memory/kcore_elf.h"
#include "memory/source.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static int parse_iomem(struct err *e)
{
	AUTO_RANGES struct ranges rs = { 0 };
	int r = ranges_parse_iomem(&rs,
		"00001000-0009fbff : System RAM\n"
		"00100000-3fffffff : System RAM\n"
		"100000000-13fffffff : virtio0\n"
		"  100000000-107ffffff : System RAM (virtio_mem)\n",
		e);

	if (r == 0)
		assert_int_equal(rs.n, 3);
	return r;
}

static int parse_kcore(struct err *e)
{
	struct {
		Elf64_Ehdr ehdr;
		Elf64_Phdr phdr[2];
	} head = { 0 };
	struct kcore k = { 0 };
	int r;

	memcpy(head.ehdr.e_ident, ELFMAG, SELFMAG);
	head.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	head.ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	head.ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	head.ehdr.e_type = ET_CORE;
	head.ehdr.e_machine = EM_X86_64;
	head.ehdr.e_version = EV_CURRENT;
	head.ehdr.e_phoff = sizeof(head.ehdr);
	head.ehdr.e_ehsize = sizeof(head.ehdr);
	head.ehdr.e_phentsize = sizeof(Elf64_Phdr);
	head.ehdr.e_phnum = 2;
	head.phdr[0].p_type = PT_NOTE;
	head.phdr[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_offset = 0x1000,
		.p_vaddr = 0xffff888000100000,
		.p_paddr = 0x100000,
		.p_filesz = 0x3ff00000,
		.p_memsz = 0x3ff00000 };
	r = kcore_parse(&k, (const uint8_t *)&head, sizeof(head), e);
	if (r == 0)
		kcore_done(&k);
	return r;
}

/* Opened, with a reader, and closed; nothing is read. */
static int open_source(int kind, const char *module_path, struct err *e)
{
	static struct range all = { 0x100000, 0x200000 };
	struct ranges ram = { .v = &all, .n = 1 };
	struct source_config config = {
		.readers = 2, .module_path = module_path, .ram = &ram
	};
	struct source_reader *rd = NULL;
	struct source *s = NULL;
	int r = source_open(&s, kind, &config, e);

	if (r < 0)
		return r;
	r = source_reader_open(&rd, s, 1, e);
	source_reader_close(rd);
	source_close(s);
	return r;
}

static int open_bpf(struct err *e)
{
	return open_source(SOURCE_BPF, NULL, e);
}

static int open_kmod(struct err *e)
{
	return open_source(SOURCE_KMOD, "/dev/null", e);
}

static void iomem(void **state)
{
	(void)state;
	(void)torture_run("parse_iomem", parse_iomem);
}

static void kcore(void **state)
{
	(void)state;
	(void)torture_run("parse_kcore", parse_kcore);
}

static void kmod(void **state)
{
	(void)state;
	(void)torture_run("open_kmod", open_kmod);
}

static void bpf(void **state)
{
	(void)state;
	(void)torture_run("open_bpf", open_bpf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iomem),
		cmocka_unit_test(kcore),
		cmocka_unit_test(kmod),
		cmocka_unit_test(bpf),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
