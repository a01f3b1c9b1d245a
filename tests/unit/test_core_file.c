// SPDX-License-Identifier: Apache-2.0
/* Core files of processes that are made up, read by their headers. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "lab/core_file.h"
#include "lab/core_model.h"
#include "lab/cores.h"
#include "lab/extract.h"
#include "unit/core_fixture.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { MANY = 70000 };

static struct core_fixture f;
static char dir[SCRATCH_CHARS];
static int dirfd;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	core_fixture(&f);
	scratch_new(dir);
	dirfd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, &e);
	assert_ok(dirfd, &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(dirfd);
	scratch_remove(dir);
	return 0;
}

static const Elf64_Phdr *phdrs_of(const uint8_t *elf)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)(const void *)elf;

	assert_memory_equal(h->e_ident, ELFMAG, SELFMAG);
	assert_int_equal(h->e_type, ET_CORE);
	return (const Elf64_Phdr *)(const void *)(elf + h->e_phoff);
}

static void check_load(const Elf64_Phdr *p, uint64_t at, uint64_t filesz,
	uint64_t memsz, unsigned flags)
{
	assert_int_equal(p->p_type, PT_LOAD);
	assert_int_equal(p->p_vaddr, at);
	assert_int_equal(p->p_filesz, filesz);
	assert_int_equal(p->p_memsz, memsz);
	assert_int_equal(p->p_flags, flags);
}

static void put(struct cores *cs, int pages)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	struct err e = { 0 };

	m.body_case = pages ? ICECORE__V1__RECORD__BODY_PROCESS_PAGES
			    : ICECORE__V1__RECORD__BODY_PROCESS_CORE;
	if (pages)
		m.process_pages = &f.pages;
	else
		m.process_core = &f.core;
	assert_ok(cores_see(cs, &m, &e), &e);
}

/* Pages first: segments come in any order. */
static void test_core(void **state)
{
	struct extract_gap gap = { .kind = ICECORE__V1__GAP_KIND__GAP_KIND_PROCESS,
		.range = { 0x15000, 0x16000 },
		.text = "memory of process 42: does not answer" };
	struct extract_result res = { .gaps = &gap, .gaps_n = 1 };
	struct cores *cs = NULL;
	struct err e = { 0 };
	const Elf64_Phdr *p;
	uint8_t *elf, *json;
	size_t len;

	(void)state;
	assert_ok(cores_new(&cs, &e), &e);
	put(cs, 1);
	f.pages.start = 0x14000;
	f.pages.runs = f.runs + 2;
	f.pages.n_runs = 1;
	f.pages.data.len = 0;
	put(cs, 1);
	put(cs, 0);
	assert_ok(cores_create(cs, dirfd, &e), &e);
	assert_int_equal(cores_count(cs), 1);
	core_fixture(&f);
	assert_ok(cores_write(cs, &f.pages, &e), &e);
	assert_ok(cores_finish(cs, &res, &e), &e);
	cores_free(cs);
	elf = scratch_read(dir, "cores/42.core", &len);
	p = phdrs_of(elf);
	assert_int_equal(((Elf64_Ehdr *)(void *)elf)->e_phnum, 5);
	assert_int_equal(p[0].p_type, PT_NOTE);
	check_load(&p[1], 0x10000, 0, 0x1000, PF_R | PF_X);
	check_load(&p[2], 0x11000, 0x1000, 0x1000, PF_R | PF_X);
	check_load(&p[3], 0x14000, 0x1000, 0x1000, PF_R | PF_W);
	/* What nobody knows is not zero. */
	check_load(&p[4], 0x15000, 0, 0x1000, PF_R | PF_W);
	assert_int_equal(p[2].p_offset % 4096, 0);
	assert_memory_equal(elf + p[2].p_offset, f.data, sizeof(f.data));
	assert_non_null(
		memmem(elf + p[0].p_offset, p[0].p_filesz, "made up\0", 8));
	assert_non_null(
		memmem(elf + p[0].p_offset, p[0].p_filesz, "/bin/made-up", 13));
	assert_non_null(memmem(elf + p[0].p_offset, p[0].p_filesz, f.registers,
		sizeof(f.registers)));
	json = scratch_read(dir, "cores/42.json", &len);
	assert_non_null(memmem(json, len, "does not answer", 15));
	assert_non_null(memmem(json, len, "\"frozen\": true", 14));
	free(elf);
	free(json);
}

/* One that makes no sense has no core, and the others have theirs. */
static void check_senseless(const char *why)
{
	struct extract_result res = { 0 };
	struct cores *cs = NULL;
	struct err e = { 0 };
	uint8_t *json;
	size_t len;

	assert_ok(cores_new(&cs, &e), &e);
	put(cs, 0);
	put(cs, 1);
	core_fixture(&f);
	f.core.pid = f.pages.pid = 43;
	put(cs, 0);
	assert_ok(cores_create(cs, dirfd, &e), &e);
	assert_int_equal(cores_count(cs), 1);
	assert_ok(cores_finish(cs, &res, &e), &e);
	cores_free(cs);
	json = scratch_read(dir, "cores/42.json", &len);
	if (!memmem(json, len, why, strlen(why)))
		fail_msg("'%.*s' lacks '%s'", (int)len, json, why);
	free(json);
	scratch_remove(dir);
	(void)close(dirfd);
	assert_int_equal(set_up(NULL), 0);
}

static void test_senseless(void **state)
{
	(void)state;
	f.mapping[1].start = 0x11000;
	check_senseless("mappings overlap");
	f.mapping[1].start = f.mapping[1].end;
	check_senseless("a mapping without memory");
	f.core.page_bytes = 5000;
	check_senseless("no such machine");
	f.thread[0].general.len = 10000;
	check_senseless("more registers");
	f.run[1].bytes = 8192;
	check_senseless("pages with too few bytes");
	f.run[1].bytes = 0;
	check_senseless("impossible pages");
	f.run[1].status = 9;
	check_senseless("impossible pages");
	f.pages.start = UINT64_MAX - 4096;
	check_senseless("impossible pages");
	f.pages.n_runs = 1;
	check_senseless("pages with too many bytes");
	f.core.continued = 1;
	check_senseless("nothing says what it is");
}

static void test_stray_pages(void **state)
{
	struct cores *cs = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(cores_new(&cs, &e), &e);
	put(cs, 0);
	put(cs, 1);
	assert_ok(cores_create(cs, dirfd, &e), &e);
	f.pages.start = 0x20000;
	assert_err(cores_write(cs, &f.pages, &e), -EBADMSG, &e, "stray pages");
	f.pages.pid = 99;
	assert_ok(cores_write(cs, &f.pages, &e), &e);
	cores_free(cs);
	/* It was not finished. */
	assert_int_equal(scratch_count(dir, "cores"), 1);
	assert_int_equal(faccessat(dirfd, "cores/42.core", F_OK, 0), -1);
}

/* More parts than an ELF header can count. */
static void test_many_parts(void **state)
{
	struct core c = { .pid = 1, .page_bytes = 4096, .machine = EM_X86_64 };
	AUTO_FREE struct core_mapping *m = calloc(MANY, sizeof(*m));
	struct core_file *file = NULL;
	struct err e = { 0 };
	const Elf64_Ehdr *h;
	const Elf64_Shdr *s;
	uint8_t *elf;
	size_t len;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++)
		m[i] = (struct core_mapping){ .start = i << 13,
			.end = (i << 13) + 4096 };
	c.mappings = m;
	c.mappings_n = MANY;
	assert_ok(core_file_create(&file, dirfd, "many", &c, &e), &e);
	assert_ok(core_file_finish(file, &e), &e);
	core_file_close(file);
	assert_err(core_file_create(&file, dirfd, "many", &c, &e), -EEXIST, &e,
		"many");
	elf = scratch_read(dir, "many", &len);
	h = (const Elf64_Ehdr *)(const void *)elf;
	assert_int_equal(h->e_phnum, PN_XNUM);
	s = (const Elf64_Shdr *)(const void *)(elf + h->e_shoff);
	assert_int_equal(s->sh_info, MANY + 1);
	check_load(phdrs_of(elf) + MANY, (MANY - 1ULL) << 13, 0, 4096, 0);
	free(elf);
}

/* A reservation of a terabyte is no file of a terabyte. */
static void test_sparse(void **state)
{
	struct core_mapping m = { .start = 0x10000,
		.end = 0x10000 + (1ULL << 40) };
	struct core_run r = { m.start, m.end,
		ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_ZERO };
	struct core c = { .pid = 1,
		.page_bytes = 4096,
		.mappings = &m,
		.mappings_n = 1,
		.runs = &r,
		.runs_n = 1 };
	struct core_file *file = NULL;
	struct err e = { 0 };
	struct stat st;

	(void)state;
	assert_ok(core_file_create(&file, dirfd, "sparse", &c, &e), &e);
	assert_ok(core_file_finish(file, &e), &e);
	core_file_close(file);
	assert_int_equal(fstatat(dirfd, "sparse", &st, 0), 0);
	assert_true(st.st_size < 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_core, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_senseless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_stray_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_many_parts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sparse, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
