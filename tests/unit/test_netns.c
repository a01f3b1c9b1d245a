// SPDX-License-Identifier: Apache-2.0
/* Lines of mountinfo, and a namespace that does not answer. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "net/netns.h"
#include "unit/unit.h"

static void test_mount_lines(void **state)
{
	static const struct {
		const char *line;
		uint32_t inode;
		const char *path;
	} lines[] = {
		{ "36 35 0:4 net:[4026532281] /run/netns/x rw - nsfs nsfs rw",
			4026532281, "/run/netns/x" },
		{ "36 35 0:4 net:[1] /run/a\\040b rw - nsfs nsfs rw", 1,
			"/run/a b" },
		{ "36 35 0:4 mnt:[1] /run/x rw - nsfs nsfs rw", 0, NULL },
		{ "36 35 0:4 net:[] /run/x rw - nsfs nsfs rw", 0, NULL },
		{ "36 35 0:4 net:[x] /run/x rw", 0, NULL },
		{ "36 35 0:4 net:[99999999999] /run/x rw", 0, NULL },
		{ "36 35 0:4 net:[1]", 0, NULL },
		{ "36 35 0:4 net:[1 /run/x rw", 0, NULL },
		{ "", 0, NULL },
	};
	char path[NETNS_PATH_BYTES], small[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char *line = lines[i].line;

		assert_int_equal(
			netns_mount_line(path, sizeof(path), line, strlen(line)),
			lines[i].inode);
		if (lines[i].path)
			assert_string_equal(path, lines[i].path);
	}
	assert_int_equal(netns_mount_line(small, sizeof(small), lines[0].line,
				 strlen(lines[0].line)),
		0);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool open_gate, dropped;

static int wait_at_gate(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	pthread_mutex_lock(&gate);
	while (!open_gate)
		pthread_cond_wait(&changed, &gate);
	pthread_mutex_unlock(&gate);
	return 0;
}

static void drop(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&gate);
	dropped = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&gate);
}

static int refuse(void *arg, struct err *e)
{
	return err_set(e, -EPROTO, "%s", (const char *)arg);
}

/* setns() into the namespace that one is in needs the right to, too. */
static void test_enter(void **state)
{
	struct netns_list l = { 0 };
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct netns_job slow = { wait_at_gate, drop, NULL, 10000000 };
	struct netns_job bad = { refuse, drop, "no such luck", 5000000000 };
	struct err e = { 0 };
	struct stat st;

	(void)state;
	if (geteuid() != 0) {
		(void)close(proc);
		skip();
		return;
	}
	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	assert_ok(netns_task(&l, proc, (uint32_t)getpid(), (uint32_t)st.st_ino,
			  &e),
		&e);
	assert_int_equal(l.n, 1);
	assert_true(l.v[0].fd >= 0);
	assert_int_equal(l.v[0].processes, 1);
	assert_ok(netns_kernel(&l, (uint32_t)st.st_ino, &e), &e);
	assert_int_equal(l.v[0].found_by, NETNS_BY_TASK | NETNS_BY_KERNEL);
	assert_err(netns_enter(&l.v[0], &bad, &e), -EPROTO, &e, "no such luck");
	assert_false(dropped);
	assert_err(netns_enter(&l.v[0], &slow, &e), -ETIMEDOUT, &e,
		"does not answer");
	pthread_mutex_lock(&gate);
	open_gate = true;
	pthread_cond_broadcast(&changed);
	while (!dropped)
		pthread_cond_wait(&changed, &gate);
	pthread_mutex_unlock(&gate);
	netns_done(&l);
	(void)close(proc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount_lines),
		cmocka_unit_test(test_enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
