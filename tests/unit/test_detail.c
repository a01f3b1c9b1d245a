// SPDX-License-Identifier: Apache-2.0
/* A directory that stands in for /proc, and a file in it that never answers. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "live/detail.h"
#include "live/task.h"
#include "live/timed.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { WAIT_NS = 50000000 };

static const struct live_task task = {
	.pid = 42, .tid = 42, .start_boot_ns = 90000000
};
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
static struct timed *timed;
static struct detail d;
static int proc;

static void put(const char *name, const char *text, size_t len)
{
	scratch_write(dir, name, text, len);
}

static void link_to(const char *name, const char *target)
{
	char path[SCRATCH_CHARS];

	scratch_path(path, dir, name);
	assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
	static const char stat[] =
		"42 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	scratch_path(dir, top, "42");
	assert_int_equal(mkdir(dir, 0700), 0);
	put("stat", stat, sizeof(stat) - 1);
	proc = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(timed_new(&timed, WAIT_NS, &e), &e);
	detail_init(&d);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	detail_done(&d);
	timed_free(timed);
	(void)close(proc);
	scratch_remove(top);
	return 0;
}

static void read_it(unsigned want)
{
	struct err e = { 0 };

	assert_ok(detail_read(&d, timed, proc, &task, want, &e), &e);
}

static void assert_buf(const struct buf *b, const char *text, size_t len)
{
	assert_int_equal(b->len, len);
	assert_memory_equal(b->data, text, len);
}

#define assert_text(b, text) assert_buf(b, text, sizeof(text) - 1)

static void test_all(void **state)
{
	static const char id[] =
		"0::/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

	(void)state;
	put("cmdline", "a\0b\n\0\0", 6);
	put("environ", "X=1\0Y=\xff\0", 8);
	put("cgroup", id, sizeof(id) - 1);
	put("wchan", "do_wait", 7);
	put("oom_score", "667\n", 4);
	put("status", "Groups:\t1 2 \n", 13);
	link_to("exe", "/tmp/a (deleted)");
	link_to("cwd", "/new\nline");
	link_to("root", "/");
	read_it(DETAIL_ENVIRONMENT);
	assert_false(d.gone);
	assert_int_equal(d.misses_n, 0);
	assert_text(&d.argv, "a\0b\n\0\0");
	assert_text(&d.environment, "X=1\0Y=\xff\0");
	assert_text(&d.exe, "/tmp/a (deleted)");
	assert_text(&d.cwd, "/new\nline");
	assert_text(&d.wchan, "do_wait");
	assert_string_equal(d.container.runtime, "docker");
	assert_int_equal(d.cgroup.len, strlen("/docker/") + 64);
	assert_int_equal(d.groups_n, 2);
	assert_int_equal(d.groups[1], 2);
	assert_true(d.has_oom_score);
	assert_int_equal(d.oom_score, 667);
	/* Left out, and again: nothing of the last time stays. */
	put("cmdline", "c\0", 2);
	put("wchan", "0", 1);
	put("cgroup", "", 0);
	read_it(0);
	assert_text(&d.argv, "c\0");
	assert_int_equal(d.environment.len, 0);
	assert_int_equal(d.wchan.len, 0);
	assert_int_equal(d.cgroup.len, 0);
	assert_string_equal(d.container.id, "");
}

/* What is not there is not told, and no miss. */
static void test_nothing(void **state)
{
	(void)state;
	read_it(DETAIL_ENVIRONMENT);
	assert_false(d.gone);
	assert_int_equal(d.misses_n, 0);
	assert_int_equal(d.groups_n, -1);
	assert_false(d.has_oom_score);
}

static void test_other(void **state)
{
	struct live_task other = task;
	struct err e = { 0 };

	(void)state;
	put("cmdline", "secret", 6);
	other.start_boot_ns += LIVE_TICK_NS;
	assert_ok(detail_read(&d, timed, proc, &other, 0, &e), &e);
	assert_true(d.gone);
	assert_int_equal(d.argv.len, 0);
	other.pid = 43;
	assert_ok(detail_read(&d, timed, proc, &other, 0, &e), &e);
	assert_true(d.gone);
	put("stat", "rubbish", 7);
	read_it(0);
	assert_true(d.gone);
}

static void test_kernel_thread(void **state)
{
	struct live_task kernel = task;
	struct err e = { 0 };

	(void)state;
	put("cmdline", "not asked", 9);
	kernel.is_kthread = 1;
	assert_ok(detail_read(&d, timed, proc, &kernel, DETAIL_ENVIRONMENT, &e),
		&e);
	assert_int_equal(d.argv.len, 0);
}

static void test_cut(void **state)
{
	size_t len = DETAIL_ENVIRON_BYTES + 1;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	put("environ", text, len);
	put("cmdline", text, DETAIL_ARGV_BYTES - 1);
	free(text);
	read_it(DETAIL_ENVIRONMENT);
	assert_true(d.environment_cut);
	assert_false(d.argv_cut);
	assert_int_equal(d.environment.len, DETAIL_ENVIRON_BYTES);
	assert_int_equal(d.argv.len, DETAIL_ARGV_BYTES - 1);
	assert_int_equal(d.misses_n, 1);
	assert_string_equal(d.misses[0].what, "environment");
	assert_int_equal(d.misses[0].code, -EFBIG);
}

/* As for another user's process. */
static void test_refused(void **state)
{
	char path[SCRATCH_CHARS];

	(void)state;
	scratch_path(path, dir, "cmdline");
	assert_int_equal(mkdir(path, 0700), 0);
	read_it(0);
	assert_int_equal(d.misses_n, 1);
	assert_string_equal(d.misses[0].what, "arguments");
	assert_int_equal(d.misses[0].code, -EISDIR);
}

/* A FIFO without a writer answers as a process in D state does: never. */
static void test_hangs(void **state)
{
	char path[SCRATCH_CHARS];
	uint64_t start = clock_ns(CLOCK_MONOTONIC), spent;
	int fds[TIMED_STUCK_MAX];

	(void)state;
	scratch_path(path, dir, "cmdline");
	assert_int_equal(mkfifo(path, 0600), 0);
	put("environ", "X=1", 3);
	for (int i = 0; i < TIMED_STUCK_MAX; i++) {
		read_it(DETAIL_ENVIRONMENT);
		assert_int_equal(d.misses[0].code, -ETIMEDOUT);
		assert_string_equal(
			d.misses[0].why.msg, "cmdline does not answer");
		/* The next file is read all the same. */
		if (i < TIMED_STUCK_MAX - 1)
			assert_text(&d.environment, "X=1");
	}
	spent = clock_ns(CLOCK_MONOTONIC) - start;
	assert_true(spent >= (uint64_t)TIMED_STUCK_MAX * WAIT_NS);
	/* Enough threads are stuck: nothing is asked any more, at once. */
	read_it(DETAIL_ENVIRONMENT);
	assert_int_equal(d.misses_n, 2);
	assert_int_equal(d.misses[1].code, -ETIMEDOUT);
	/* They all come to their end. */
	for (int i = 0; i < TIMED_STUCK_MAX; i++) {
		fds[i] = open(path, O_RDWR | O_CLOEXEC);
		assert_true(fds[i] >= 0);
	}
	for (int i = 0; i < TIMED_STUCK_MAX; i++)
		(void)close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_kernel_thread, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hangs, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
