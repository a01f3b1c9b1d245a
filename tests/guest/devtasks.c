// SPDX-License-Identifier: Apache-2.0
/*
 * devtasks: ICECORE_IOC_TASKS against /proc, and badly used.
 *
 * In a guest only, as root, with the module loaded.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "device.h"

enum { THREADS = 4 };

static struct icecore_task tasks[ICECORE_TASKS_MAX];

static int fd;

static void die(const char *what)
{
	perror(what);
	exit(126);
}

static int ask(void *buf, uint32_t cap, uint32_t *n)
{
	struct icecore_tasks call = { .buf = (uintptr_t)buf, .cap = cap };
	int r = ioctl(fd, ICECORE_IOC_TASKS, &call) < 0 ? errno : 0;

	*n = call.n;
	return r;
}

static const struct icecore_task *find(uint32_t n, uint32_t tid)
{
	for (uint32_t i = 0; i < n; i++)
		if (tasks[i].tid == tid)
			return &tasks[i];
	return NULL;
}

/* How many threads /proc tells, and how many of them the module does not. */
static int count(uint32_t n, int *missing)
{
	DIR *proc = opendir("/proc");
	struct dirent *p, *t;
	int all = 0;

	*missing = 0;
	if (!proc)
		die("/proc");
	while ((p = readdir(proc))) {
		char path[300];
		DIR *threads;

		if (p->d_name[0] < '1' || p->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task", p->d_name);
		threads = opendir(path);
		while (threads && (t = readdir(threads))) {
			const struct icecore_task *found;

			if (t->d_name[0] == '.')
				continue;
			all++;
			found = find(n, (uint32_t)strtoul(t->d_name, NULL, 10));
			if (!found || found->pid != strtoul(p->d_name, NULL, 10))
				++*missing;
		}
		if (threads)
			closedir(threads);
	}
	closedir(proc);
	return all;
}

static void *sleeper(void *arg)
{
	(void)arg;
	for (;;)
		(void)pause();
	return NULL;
}

static void test_list(void)
{
	const struct icecore_task *me;
	uint32_t n;
	int missing, all;

	(void)prctl(PR_SET_NAME, "devtasks-main");
	for (int i = 0; i < THREADS; i++) {
		pthread_t t;

		if (pthread_create(&t, NULL, sleeper, NULL))
			die("thread");
	}
	ok(ask(tasks, ICECORE_TASKS_MAX, &n) == 0, "tasks: told");
	all = count(n, &missing);
	printf("# %u tasks, /proc tells %d\n", n, all);
	ok((int)n == all, "tasks: as many as /proc tells");
	ok(missing == 0, "tasks: each of /proc's, in its process");
	me = find(n, (uint32_t)getpid());
	ok(me && me->pid == (uint32_t)getpid() &&
			me->ppid == (uint32_t)getppid() && me->uid == 0 &&
			!me->is_kthread && me->start_boot_ns > 0 &&
			strcmp(me->comm, "devtasks-main") == 0,
		"tasks: this one");
	me = find(n, 2);
	ok(me && me->is_kthread && strcmp(me->comm, "kthreadd") == 0,
		"tasks: kthreadd");
	ok(find(n, 0) == NULL, "tasks: not the idle one");
}

static void test_misuse(void)
{
	struct icecore_task one[2];
	uint32_t n;

	ok(ask(tasks, 0, &n) == EINVAL, "tasks: no room is EINVAL");
	ok(ask(tasks, ICECORE_TASKS_MAX + 1, &n) == EINVAL,
		"tasks: too much room is EINVAL");
	ok(ask(NULL, 1, &n) == EFAULT, "tasks: no memory is EFAULT");
	ok(ask((void *)0xffff888000000000, 1, &n) == EFAULT,
		"tasks: the kernel's memory is EFAULT");
	ok(ioctl(fd, ICECORE_IOC_TASKS, NULL) < 0 && errno == EFAULT,
		"tasks: no call is EFAULT");
	memset(one, 0x5a, sizeof(one));
	ok(ask(one, 1, &n) == 0 && n > 10, "tasks: room for one");
	ok(one[0].tid == 1 && one[1].tid == 0x5a5a5a5a,
		"tasks: one is written, and how many there are told");
}

int main(void)
{
	fd = open(ICECORE_DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(ICECORE_DEVICE);
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_list();
	test_misuse();
	return ok_failed ? 1 : 0;
}
