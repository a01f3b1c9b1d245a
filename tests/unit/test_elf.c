// SPDX-License-Identifier: Apache-2.0
/* Traits of programs of this machine, and of some that are made up. */
#include <errno.h>
#include <elf.h>
#include <fcntl.h>
#include <string.h>

#include "base/io.h"
#include "binary/elf_traits.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { MADE_BYTES = 8192, CODE_AT = 0x1000, BASE = 0x400000 };

/* A program of one segment, and no sections. */
struct made {
	Elf64_Ehdr head;
	Elf64_Phdr load;
	Elf64_Phdr interpreter;
	char path[32];
	uint8_t rest[MADE_BYTES - sizeof(Elf64_Ehdr) - 2 * sizeof(Elf64_Phdr) - 32];
};

static struct made made;

static ssize_t read_made(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	(void)arg;
	(void)e;
	if (offset >= sizeof(made))
		return 0;
	if (len > sizeof(made) - offset)
		len = sizeof(made) - offset;
	memcpy(buf, (const uint8_t *)&made + offset, len);
	return (ssize_t)len;
}

static ssize_t read_fd(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	return io_pread(*(int *)arg, buf, len, offset, e);
}

static ssize_t read_badly(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	(void)arg;
	(void)buf;
	(void)len;
	(void)offset;
	return err_set(e, -EIO, "it is broken");
}

static void make(uint32_t flags, uint64_t entry)
{
	made = (struct made){
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				  ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = entry,
			.e_phoff = offsetof(struct made, load),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
			.e_shentsize = sizeof(Elf64_Shdr) },
		.load = { .p_type = PT_LOAD,
			.p_flags = flags,
			.p_vaddr = BASE,
			.p_filesz = MADE_BYTES,
			.p_memsz = MADE_BYTES },
		.interpreter = { .p_type = PT_INTERP,
			.p_offset = offsetof(struct made, path),
			.p_filesz = 32 },
		.path = "/lib64/ld-linux-x86-64.so.2",
	};
}

static uint32_t odd_of_made(void)
{
	struct elf_traits t;
	struct err e = { 0 };
	uint32_t odd;

	assert_int_equal(
		elf_traits_read(&t, sizeof(made), read_made, NULL, &e), 0);
	odd = t.odd;
	elf_traits_done(&t);
	return odd;
}

static void clean(void **state)
{
	static const char *const paths[] = { "/bin/ls", "/bin/bash",
		"/usr/bin/env" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO_CLOSE int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		struct err e = { 0 };
		struct elf_traits t;
		bool libc = false;

		assert_true(fd >= 0);
		assert_int_equal(
			elf_traits_read(&t, (uint64_t)lseek(fd, 0, SEEK_END),
				read_fd, &fd, &e),
			0);
		assert_int_equal(t.odd, 0);
		assert_int_equal(t.type, ET_DYN);
		assert_string_equal(elf_text(&t, t.interpreter_at),
			"/lib64/ld-linux-x86-64.so.2");
		for (size_t k = 0; k < t.needed_n; k++)
			libc |= strcmp(elf_text(&t, t.needed_at[k]),
					"libc.so.6") == 0;
		assert_true(libc);
		assert_true(t.imports > 10);
		assert_int_equal(t.build_id_len, 20);
		assert_true(t.sections_n > 20);
		elf_traits_done(&t);
	}
}

static void odd_segments(void **state)
{
	(void)state;
	make(PF_R | PF_X, BASE + CODE_AT);
	assert_int_equal(odd_of_made(), ELF_NO_SECTIONS);
	make(PF_R | PF_W | PF_X, BASE + CODE_AT);
	assert_int_equal(odd_of_made(),
		ELF_NO_SECTIONS | ELF_WX_SEGMENT | ELF_ENTRY_WRITABLE);
	make(PF_R | PF_X, BASE - 1);
	assert_int_equal(odd_of_made(), ELF_NO_SECTIONS | ELF_ENTRY_OUTSIDE);
}

static void odd_interpreter(void **state)
{
	(void)state;
	make(PF_R | PF_X, BASE);
	(void)snprintf(made.path, sizeof(made.path), "/tmp/ld-linux.so.2");
	assert_true(odd_of_made() & ELF_INTERPRETER_ODD);
	make(PF_R | PF_X, BASE);
	made.interpreter.p_offset = 1ULL << 40;
	assert_true(odd_of_made() & ELF_INTERPRETER_ODD);
	assert_true(odd_of_made() & ELF_LIES);
}

static void lies(void **state)
{
	(void)state;
	make(PF_R | PF_X, BASE);
	made.load.p_filesz = UINT64_MAX;
	made.load.p_offset = UINT64_MAX - 5;
	(void)odd_of_made();
	make(PF_R | PF_X, BASE);
	made.load.p_filesz = MADE_BYTES + 1;
	assert_true(odd_of_made() & ELF_LIES);
	make(PF_R | PF_X, BASE);
	made.head.e_shoff = 1 << 20;
	made.head.e_shnum = 3;
	assert_true(odd_of_made() & ELF_LIES);
}

static void none(void **state)
{
	struct elf_traits t;
	struct err e = { 0 };

	(void)state;
	make(PF_R, BASE);
	made.head.e_ident[0] = 'M';
	assert_int_equal(
		elf_traits_read(&t, sizeof(made), read_made, NULL, &e), 1);
	make(PF_R, BASE);
	assert_int_equal(elf_traits_read(&t, 3, read_made, NULL, &e), 1);
	assert_err(elf_traits_read(&t, sizeof(made), read_badly, NULL, &e),
		-EIO, &e, "it is broken");
}

/* Seeds of the fuzz target that say what they are. */
static void seeds(void **state)
{
	static const struct {
		const char *path;
		uint32_t odd;
	} files[] = {
		{ "lib", ELF_RPATH_WRITABLE },
		{ "shoff-wraps", ELF_LIES },
		{ "static-wx", ELF_WX_SEGMENT },
		{ "segments-outside", 0 },
		{ "truncated", ELF_LIES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[SCRATCH_CHARS];
		struct elf_traits t;
		struct err e = { 0 };
		AUTO_CLOSE int fd = -1;

		scratch_path(path, SEEDS, files[i].path);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(
			elf_traits_read(&t, (uint64_t)lseek(fd, 0, SEEK_END),
				read_fd, &fd, &e),
			0);
		assert_int_equal(t.odd & files[i].odd, files[i].odd);
		if (i == 0) {
			assert_string_equal(elf_text(&t, t.soname_at), "libx.so");
			assert_string_equal(
				elf_text(&t, t.runpath_at), "/tmp/x:$ORIGIN");
			assert_int_equal(t.told_n, 2);
			assert_true(t.told[0].exported);
		}
		elf_traits_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean),
		cmocka_unit_test(odd_segments),
		cmocka_unit_test(odd_interpreter),
		cmocka_unit_test(lies),
		cmocka_unit_test(none),
		cmocka_unit_test(seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
