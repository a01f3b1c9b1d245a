// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of the coredump floor and of core files fails
 * once. */
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "coredump/choose.h"
#include "coredump/code.h"
#include "coredump/registers.h"
#include "coredump/space.h"
#include "lab/cores.h"
#include "lab/extract.h"
#include "live/maps.h"
#include "unit/core_fixture.h"
#include "unit/scratch.h"
#include "unit/torture.h"
#include "unit/unit.h"

static int see_registers(struct err *e)
{
	uint32_t self = (uint32_t)getpid();
	struct registers *r = NULL;
	int rc = registers_see(&r, &self, 1, e);

	registers_free(rc < 0 ? NULL : r);
	return rc;
}

static int choose_self(struct err *e)
{
	AUTO_CHOSEN struct chosen chosen = { 0 };
	struct choice c = { .pids = { (uint32_t)getpid() }, .pids_n = 1 };

	return choose(&chosen, &c, "/proc", e);
}

static int open_self(struct err *e)
{
	AUTO_CLOSE int proc =
		io_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0, e);
	struct mapping m = { .start = 4096, .end = 8192 };
	struct space *s = NULL;
	struct space_run run;
	int r = proc < 0 ? proc : space_open(&s, proc, (uint32_t)getpid(), e);

	if (r == 0)
		r = space_scan(s, &run, &m, m.start, e);
	space_close(s);
	return r;
}

static int dirfd;

static void remove_cores(void)
{
	(void)unlinkat(dirfd, "cores/42.core", 0);
	(void)unlinkat(dirfd, "cores/42.json", 0);
	(void)unlinkat(dirfd, "cores", AT_REMOVEDIR);
}

static int write_cores(struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	struct extract_result res = { 0 };
	static struct core_fixture f;
	struct cores *cs = NULL;
	int r;

	core_fixture(&f);
	remove_cores();
	r = cores_new(&cs, e);
	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS_CORE;
	m.process_core = &f.core;
	if (r == 0)
		r = cores_see(cs, &m, e);
	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS_PAGES;
	m.process_pages = &f.pages;
	if (r == 0)
		r = cores_see(cs, &m, e);
	if (r == 0)
		r = cores_create(cs, dirfd, e);
	if (r == 0)
		r = cores_write(cs, &f.pages, e);
	if (r == 0)
		r = cores_finish(cs, &res, e);
	cores_free(cs);
	return r;
}

static void registers(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_true(torture_run("registers", see_registers).calls > 0);
}

static void choosing(void **state)
{
	(void)state;
	assert_true(torture_run("choose", choose_self).calls > 0);
}

static void space(void **state)
{
	(void)state;
	assert_true(torture_run("space", open_self).calls > 0);
}

static void cores(void **state)
{
	char dir[SCRATCH_CHARS];

	(void)state;
	scratch_new(dir);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(torture_run("cores", write_cores).calls > 0);
	(void)close(dirfd);
	scratch_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers),
		cmocka_unit_test(choosing),
		cmocka_unit_test(space),
		cmocka_unit_test(cores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
