// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "kmod/uapi/icecore.h"
#include "live/source_internal.h"

struct module_live {
	struct live_source base;
	int fd; /* plus one; 0 = none */
};

_Static_assert((int)LIVE_TASKS_MAX <= (int)ICECORE_TASKS_MAX, "tasks");
_Static_assert((int)LIVE_COMM_BYTES == (int)ICECORE_TASK_COMM_BYTES, "name");

static int module_open(struct live_source *s, struct err *e)
{
	struct module_live *m = (struct module_live *)s;
	int fd;

	if (s->config.module)
		fd = fcntl(s->config.module - 1, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(ICECORE_DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, -ENOENT, "the module is not loaded");
	if (fd < 0)
		return err_sys(e, "open %s", ICECORE_DEVICE);
	m->fd = fd + 1;
	return 0;
}

static void module_close(struct live_source *s)
{
	struct module_live *m = (struct module_live *)s;

	if (m->fd)
		(void)close(m->fd - 1);
}

static struct live_task task_of(const struct icecore_task *t, uint64_t now_ns)
{
	struct live_task ret = { .seen_ns = now_ns,
		.start_boot_ns = t->start_boot_ns,
		.present = LIVE_HAS_KTHREAD,
		.seen_by = LIVE_BY_MODULE,
		.pid = t->pid,
		.tid = t->tid,
		.ppid = t->ppid,
		.is_kthread = t->is_kthread };

	memcpy(ret.comm, t->comm, sizeof(ret.comm) - 1);
	return ret;
}

static int module_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	const struct module_live *m = (const struct module_live *)s;
	AUTO_FREE struct icecore_task *v = calloc(LIVE_TASKS_MAX, sizeof(*v));
	struct icecore_tasks ask = { .buf = (uintptr_t)v, .cap = LIVE_TASKS_MAX };
	uint64_t lost = into->lost;
	int r = 0;

	if (!v)
		return err_set(e, -ENOMEM, "no memory for tasks");
	seen->first_ns = clock_ns(CLOCK_MONOTONIC);
	if (ioctl(m->fd - 1, ICECORE_IOC_TASKS, &ask) < 0)
		return err_sys(e, "ask the module for tasks");
	seen->last_ns = clock_ns(CLOCK_MONOTONIC);
	if (ask.n > LIVE_TASKS_MAX) {
		into->lost += ask.n - LIVE_TASKS_MAX;
		ask.n = LIVE_TASKS_MAX;
	}
	for (uint32_t i = 0; r == 0 && i < ask.n; i++) {
		struct live_task t = task_of(&v[i], seen->last_ns);

		if (!t.pid || !live_wants(&s->config, t.pid))
			continue;
		seen->tasks++;
		r = live_tasks_see(into, &t, e);
	}
	seen->lost = into->lost - lost;
	return r;
}

const struct live_ops live_module_ops = {
	.bytes = sizeof(struct module_live),
	.open = module_open,
	.close = module_close,
	.tasks = module_tasks,
};
