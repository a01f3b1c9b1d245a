// SPDX-License-Identifier: Apache-2.0
/*
 * A process of ours with two threads, seen by both witnesses on the kernel
 * that runs the test.  The filter names it alone: nothing else of this machine
 * is looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "live/source.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static const char hostile[] = "a)\n(\xff b";
static int ready[2];
static uint32_t child;

static void *second(void *arg)
{
	(void)prctl(PR_SET_NAME, "second");
	if (write(ready[1], "x", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
	return arg;
}

static void be_child(void)
{
	pthread_t thread;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, hostile);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (setsid() < 0 || pthread_create(&thread, NULL, second, NULL))
		_exit(1);
	for (;;)
		(void)pause();
}

static int set_up(void **state)
{
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_child();
	child = (uint32_t)pid;
	assert_int_equal(read(ready[0], &c, 1), 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)kill((pid_t)child, SIGKILL);
	assert_int_equal(waitpid((pid_t)child, NULL, 0), child);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return 0;
}

/* False where this machine does not let us. */
static int look(
	enum live_witness kind, struct live_tasks *ret, struct live_seen *seen)
{
	struct live_config config = { .pids = &child, .pids_n = 1 };
	struct live_source *s = NULL;
	struct err e = { 0 };
	int r = live_open(&s, kind, &config, &e);

	if (r < 0 && kind == LIVE_BY_ITERATOR && geteuid() != 0)
		return 0;
	assert_ok(r, &e);
	assert_ok(live_see_tasks(s, ret, seen, &e), &e);
	live_close(s);
	live_tasks_sort(ret);
	return 1;
}

static void check_task(const struct live_task *t, int leader)
{
	struct stat st;

	assert_int_equal(t->pid, child);
	assert_int_equal(t->tid == child, leader);
	assert_string_equal(t->comm, leader ? hostile : "second");
	assert_int_equal(t->ppid, getpid());
	assert_int_equal(t->session, child);
	assert_int_equal(t->pgid, child);
	assert_true(t->present & LIVE_HAS_IDS);
	assert_int_equal(t->uid[LIVE_ID_REAL], getuid());
	assert_int_equal(t->gid[LIVE_ID_FS], getegid());
	assert_int_equal(t->no_new_privs, 1);
	assert_int_equal(t->seccomp, prctl(PR_GET_SECCOMP));
	assert_int_equal(t->is_kthread, 0);
	assert_true(t->state == 'S' || t->state == 'R');
	assert_true(t->present & LIVE_HAS_CAPS);
	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	assert_int_equal(t->ns[LIVE_NS_NET], st.st_ino);
	assert_int_equal(stat("/proc/self/ns/pid", &st), 0);
	assert_int_equal(t->ns[LIVE_NS_PID], st.st_ino);
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_int_equal(t->exe_inode, st.st_ino);
	assert_int_equal(t->exe_major, major(st.st_dev));
	assert_int_equal(t->exe_minor, minor(st.st_dev));
	assert_int_equal(t->exe_links, 1);
	assert_true(t->start_boot_ns <= clock_ns(CLOCK_BOOTTIME));
	assert_true(t->start_boot_ns + 60000000000 > clock_ns(CLOCK_BOOTTIME));
}

static void check(enum live_witness kind)
{
	AUTO_TASKS struct live_tasks ts = { 0 };
	struct live_seen seen;

	if (!look(kind, &ts, &seen)) {
		skip();
		return;
	}
	assert_int_equal(ts.n, 2);
	assert_int_equal(seen.tasks, 2);
	assert_int_equal(seen.lost, 0);
	assert_true(seen.first_ns <= seen.last_ns);
	assert_true(seen.last_ns <= clock_ns(CLOCK_MONOTONIC));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ts.v[i].seen_by, kind);
		check_task(&ts.v[i], i == 0);
	}
}

static void test_iterator(void **state)
{
	(void)state;
	check(LIVE_BY_ITERATOR);
}

static void test_proc(void **state)
{
	(void)state;
	check(LIVE_BY_PROC);
}

/* What both tell, they tell alike; and the two become one. */
static void test_both(void **state)
{
	AUTO_TASKS struct live_tasks a = { 0 }, b = { 0 };
	struct live_seen seen;

	(void)state;
	if (!look(LIVE_BY_ITERATOR, &a, &seen)) {
		skip();
		return;
	}
	assert_true(look(LIVE_BY_PROC, &b, &seen));
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++) {
		const struct live_task *x = &a.v[i], *y = &b.v[i];

		assert_memory_equal(x->cap, y->cap, sizeof(x->cap));
		assert_memory_equal(x->uid, y->uid, sizeof(x->uid));
		assert_memory_equal(x->gid, y->gid, sizeof(x->gid));
		assert_memory_equal(x->ns, y->ns, sizeof(x->ns));
		assert_int_equal(x->loginuid, y->loginuid);
		assert_int_equal(x->sessionid, y->sessionid);
		assert_int_equal(x->oom_score_adj, y->oom_score_adj);
		assert_string_equal(x->tty, y->tty);
		assert_int_equal(x->ns_tid, y->ns_tid);
		assert_int_equal(x->start_boot_ns / LIVE_TICK_NS,
			y->start_boot_ns / LIVE_TICK_NS);
	}
	assert_true(look(LIVE_BY_PROC, &a, &seen));
	assert_int_equal(a.n, 2);
	assert_int_equal(a.v[0].seen_by, LIVE_BY_ITERATOR | LIVE_BY_PROC);
}

static void test_no_proc(void **state)
{
	struct live_config config = { .proc = "/nonexistent" };
	struct live_source *s = NULL;
	struct err e = { 0 };

	(void)state;
	assert_err(live_open(&s, LIVE_BY_PROC, &config, &e), -ENOENT, &e,
		"/nonexistent");
}

/* A /proc whose processes end, or answer nonsense. */
static void test_odd_proc(void **state)
{
	static const char good[] =
		"3 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";
	static const char *const dirs[] = { "1", "2", "2/task", "2/task/2", "3",
		"3/task", "3/task/3", "4", "4/task", "4/task/4", "x", "05",
		"99999999999" };
	char top[SCRATCH_CHARS], path[SCRATCH_CHARS];
	struct live_config config = { .proc = top };
	AUTO_TASKS struct live_tasks ts = { 0 };
	struct live_source *s = NULL;
	struct live_seen seen;
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		scratch_path(path, top, dirs[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	scratch_path(path, top, "3/task/3");
	scratch_write(path, "stat", good, sizeof(good) - 1);
	scratch_path(path, top, "4/task/4");
	scratch_write(path, "stat", "4 (x) S nonsense", 16);
	assert_ok(live_open(&s, LIVE_BY_PROC, &config, &e), &e);
	assert_ok(live_see_tasks(s, &ts, &seen, &e), &e);
	live_close(s);
	assert_int_equal(ts.n, 1);
	assert_int_equal(ts.v[0].pid, 3);
	assert_false(ts.v[0].present & (LIVE_HAS_IDS | LIVE_HAS_EXE));
	scratch_remove(top);
}

/* How many of this process's ids take a signal, where /proc says that ids end
 * at ${max} and that there were so many forks. */
static uint64_t probe(const char *max, const char *forks)
{
	uint32_t self = (uint32_t)getpid();
	char top[SCRATCH_CHARS], path[SCRATCH_CHARS];
	struct live_config config = { .proc = top, .pids = &self, .pids_n = 1 };
	AUTO_TASKS struct live_tasks ts = { 0 };
	struct live_source *s = NULL;
	struct live_seen seen = { 0 };
	struct err e = { 0 };

	scratch_new(top);
	scratch_path(path, top, "sys");
	assert_int_equal(mkdir(path, 0700), 0);
	scratch_path(path, top, "sys/kernel");
	assert_int_equal(mkdir(path, 0700), 0);
	scratch_write(path, "pid_max", max, strlen(max));
	scratch_write(top, "stat", forks, strlen(forks));
	assert_ok(live_open(&s, LIVE_BY_PROBE, &config, &e), &e);
	assert_ok(live_see_tasks(s, &ts, &seen, &e), &e);
	live_close(s);
	for (size_t i = 0; i < ts.n; i++)
		assert_int_equal(ts.v[i].pid, self);
	scratch_remove(top);
	return seen.tasks;
}

static void test_probe(void **state)
{
	char forks[64];

	(void)state;
	(void)snprintf(forks, sizeof(forks), "cpu 1\nprocesses %d\n", getpid());
	assert_int_equal(probe("4194304\n", forks), 1);
	/* Fewer ids than there is room for new ones. */
	assert_int_equal(
		probe("301\n", "cpu 1\nprocesses 99999999\n"), getpid() < 301);
	assert_int_equal(probe("2\n", "cpu 1\nprocesses 1\n"), 0);
	/* Nobody says how many there were. */
	(void)snprintf(forks, sizeof(forks), "%d\n", getpid() + 1);
	assert_int_equal(probe(forks, ""), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iterator),
		cmocka_unit_test(test_proc),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_no_proc),
		cmocka_unit_test(test_odd_proc),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
