// SPDX-License-Identifier: Apache-2.0
/*
 * Every allocation and every call of the live floor fails once, while it looks
 * at this very process and at no other.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "live/ahead.h"
#include "live/detail.h"
#include "live/source.h"
#include "live/task.h"
#include "live/vma.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static int see(enum live_witness kind, struct err *e)
{
	uint32_t self = (uint32_t)getpid();
	struct live_config config = { .pids = &self, .pids_n = 1 };
	AUTO_TASKS struct live_tasks ts = { 0 };
	struct live_source *s = NULL;
	struct live_seen seen;
	int r = live_open(&s, kind, &config, e);

	if (r == 0)
		r = live_see_tasks(s, &ts, &seen, e);
	live_close(s);
	return r;
}

static int see_iterator(struct err *e)
{
	return see(LIVE_BY_ITERATOR, e);
}

static int see_proc(struct err *e)
{
	return see(LIVE_BY_PROC, e);
}

static int see_list(struct err *e)
{
	return see(LIVE_BY_LIST, e);
}

static int see_mappings(struct err *e)
{
	uint32_t self = (uint32_t)getpid();
	struct live_config config = { .pids = &self, .pids_n = 1 };
	struct vmas *vmas = NULL;
	struct live_seen seen;
	const struct live_vma *v;
	struct maps maps = { 0 };
	int r = vmas_see(&vmas, &config, &seen, e);

	if (r == 0) {
		size_t n = vmas_of(&v, vmas, self);

		r = vmas_merge(&maps, v, n, e);
	}
	maps_done(&maps);
	vmas_free(vmas);
	return r < 0 ? r : 0;
}

/* This process twice, by the readers ahead; only what needs no memory of its
 * own is asked for. */
static int read_ahead(struct err *e)
{
	struct live_task t = { .pid = (uint32_t)getpid(), .is_kthread = 1 };
	AUTO_CLOSE int proc =
		io_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0, e);
	struct ahead *a = NULL;
	struct detail *d;
	int r = proc < 0 ? proc : ahead_new(&a, proc, 0, e);

	if (r < 0)
		return r;
	while (ahead_ask(a, &t))
		;
	for (int i = 0; r == 0 && i < AHEAD_THREADS; i++)
		r = ahead_take(&d, a, e);
	ahead_free(a);
	return r;
}

/* A kernel thread's: the reads that may hang are left to read_slowly(). */
static int read_detail(struct err *e)
{
	struct live_task t = { .pid = (uint32_t)getpid(), .is_kthread = 1 };
	AUTO_CLOSE int proc =
		io_open(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0, e);
	static struct detail d;
	int r;

	if (proc < 0)
		return proc;
	detail_init(&d);
	r = detail_read(&d, NULL, proc, &t, 0, e);
	detail_done(&d);
	return r;
}

static void iterator(void **state)
{
	(void)state;
	assert_true(torture_run("iterator", see_iterator).calls > 0);
}

static void list(void **state)
{
	(void)state;
	assert_true(torture_run("list", see_list).calls > 0);
}

static void mappings(void **state)
{
	(void)state;
	assert_true(torture_run("mappings", see_mappings).calls > 0);
}

static void ahead(void **state)
{
	(void)state;
	assert_true(torture_run("ahead", read_ahead).calls > 0);
}

static void proc(void **state)
{
	(void)state;
	assert_true(torture_run("proc", see_proc).calls > 0);
}

static void detail(void **state)
{
	(void)state;
	assert_true(torture_run("detail", read_detail).calls > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iterator),
		cmocka_unit_test(list),
		cmocka_unit_test(mappings),
		cmocka_unit_test(ahead),
		cmocka_unit_test(proc),
		cmocka_unit_test(detail),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
