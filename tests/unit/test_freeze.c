// SPDX-License-Identifier: Apache-2.0
/*
 * A real cgroup that this test makes, and a child of its own in it: it stands
 * still, and goes on again whatever becomes of whoever froze it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/io.h"
#include "coredump/freeze.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { PATIENCE_MS = 20000, STILL_MS = 200 };

static char dir[SCRATCH_CHARS];
static volatile unsigned *count; /* the child's */
static pid_t child;

static void nap(int ms)
{
	(void)poll(NULL, 0, ms);
}

static int make_cgroup(void)
{
	static const char *const tops[] = { "/sys/fs/cgroup",
		"/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < ARRAY_LEN(tops); i++) {
		char freeze[SCRATCH_CHARS + 32];

		(void)snprintf(dir, sizeof(dir), "%s/icecore-unit-%d", tops[i],
			(int)getpid());
		if (mkdir(dir, 0755) < 0)
			continue;
		(void)snprintf(freeze, sizeof(freeze), "%s/cgroup.freeze", dir);
		if (access(freeze, W_OK) == 0)
			return 0;
		(void)rmdir(dir);
	}
	return -1;
}

static void move_child(void)
{
	char path[SCRATCH_CHARS + 32], pid[16];
	struct err e = { 0 };
	int fd;

	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	(void)snprintf(pid, sizeof(pid), "%d", (int)child);
	fd = io_open(AT_FDCWD, path, O_WRONLY, 0, &e);
	assert_ok(fd, &e);
	assert_ok(io_write(fd, pid, strlen(pid), &e), &e);
	(void)close(fd);
}

static int set_up(void **state)
{
	(void)state;
	if (make_cgroup() < 0)
		skip();
	count = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(count, MAP_FAILED);
	child = fork();
	assert_true(child >= 0);
	while (child == 0) {
		++*count;
		nap(1);
	}
	move_child();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	(void)munmap((void *)(uintptr_t)count, 4096);
	for (int i = 0; i < PATIENCE_MS && rmdir(dir) < 0 && errno == EBUSY; i++)
		nap(1);
	return 0;
}

/* Whether it counts on within a while. */
static bool goes_on(int ms)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000;
	unsigned before = *count;

	while (*count == before && clock_ns(CLOCK_MONOTONIC) < until)
		nap(1);
	return *count != before;
}

static void begin(struct freeze **ret, unsigned seconds)
{
	struct freeze_config config = { NULL, NULL, seconds };
	uint32_t pid = (uint32_t)child;
	struct err e = { 0 };

	assert_ok(freeze_begin(ret, &pid, 1, &config, &e), &e);
}

static void test_still(void **state)
{
	struct freeze *f = NULL;
	struct err e = { 0 };

	(void)state;
	assert_true(goes_on(PATIENCE_MS));
	begin(&f, FREEZE_SECONDS);
	assert_true(freeze_holds(f));
	assert_false(goes_on(STILL_MS));
	assert_ok(freeze_end(f, &e), &e);
	assert_true(goes_on(PATIENCE_MS));
}

static void test_time_is_over(void **state)
{
	struct freeze *f = NULL;
	struct err e = { 0 };

	(void)state;
	begin(&f, 1);
	assert_true(goes_on(PATIENCE_MS));
	assert_false(freeze_holds(f));
	assert_ok(freeze_end(f, &e), &e);
}

/* Killed without a word. */
static void test_agent_dies(void **state)
{
	pid_t agent = fork();
	int status;

	(void)state;
	if (agent == 0) {
		struct freeze *f = NULL;

		begin(&f, FREEZE_SECONDS_MAX);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(agent, &status, 0), agent);
	assert_true(WIFSIGNALED(status));
	assert_true(goes_on(PATIENCE_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_still, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_time_is_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_agent_dies, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
