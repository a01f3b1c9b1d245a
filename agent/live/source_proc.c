// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "live/directory.h"
#include "live/procfs.h"
#include "live/source_internal.h"

struct proc_live {
	struct live_source base;
	int fd; /* of /proc, plus one; 0 = none */
	unsigned hz;
};

/* A walk through /proc. */
struct walk {
	struct proc_live *p;
	struct live_tasks *into;
	struct live_seen *seen;
	struct buf text;
	uint32_t pid;
};

/* By live_ns; the pid namespace is that of the task, not of its children. */
static const char *const ns_names[LIVE_NS_KINDS] = {
	[LIVE_NS_MNT] = "ns/mnt",
	[LIVE_NS_PID] = "ns/pid",
	[LIVE_NS_NET] = "ns/net",
	[LIVE_NS_USER] = "ns/user",
	[LIVE_NS_UTS] = "ns/uts",
	[LIVE_NS_IPC] = "ns/ipc",
	[LIVE_NS_CGROUP] = "ns/cgroup",
	[LIVE_NS_TIME] = "ns/time",
};

static int proc_open(struct live_source *s, struct err *e)
{
	struct proc_live *p = (struct proc_live *)s;
	long hz = sysconf(_SC_CLK_TCK);
	int fd = io_open(AT_FDCWD, s->config.proc, O_RDONLY | O_DIRECTORY, 0, e);

	if (fd < 0)
		return fd;
	p->fd = fd + 1;
	p->hz = hz > 0 && hz <= 1000000000 ? (unsigned)hz : 100;
	return 0;
}

static void proc_close(struct live_source *s)
{
	struct proc_live *p = (struct proc_live *)s;

	if (p->fd)
		(void)close(p->fd - 1);
}

/* The whole of a small file; what is longer counts as far as there is room. */
static int slurp(struct walk *w, int task, const char *name, struct err *e)
{
	int r;

	w->text.len = 0;
	r = io_slurp(task, name, &w->text, e);
	return r == -EFBIG ? 0 : r;
}

static const char *text_of(const struct walk *w)
{
	return (const char *)w->text.data;
}

static void get_number(struct walk *w, int task, const char *name,
	uint32_t *ret, struct live_task *t, uint32_t bit)
{
	int64_t v;

	if (slurp(w, task, name, NULL) < 0 || !w->text.len ||
		procfs_number(&v, text_of(w), w->text.len) < 0 ||
		v < INT32_MIN || v > UINT32_MAX)
		return;
	*ret = (uint32_t)v;
	t->present |= bit;
}

/* Nothing here asks another host, as stat() of a file on NFS would. */
static void get_exe(struct live_task *t, int task)
{
	struct statx x;

	if (statx(task, "exe", AT_STATX_DONT_SYNC, STATX_INO | STATX_NLINK, &x) <
		0)
		return;
	t->exe_major = x.stx_dev_major;
	t->exe_minor = x.stx_dev_minor;
	t->exe_inode = x.stx_ino;
	t->exe_links = x.stx_nlink;
	t->present |= LIVE_HAS_EXE | LIVE_HAS_NLINK;
}

static void get_namespaces(struct live_task *t, int task)
{
	for (int i = 0; i < LIVE_NS_KINDS; i++) {
		struct stat st;

		if (fstatat(task, ns_names[i], &st, 0) == 0)
			t->ns[i] = (uint32_t)st.st_ino;
	}
}

/* What stat does not tell. */
static void describe(struct walk *w, struct live_task *t, int task)
{
	uint32_t oom_adj = 0;

	if (slurp(w, task, "status", NULL) == 0 && w->text.len)
		procfs_status(t, text_of(w), w->text.len);
	get_number(w, task, "loginuid", &t->loginuid, t, LIVE_HAS_LOGINUID);
	get_number(w, task, "sessionid", &t->sessionid, t, 0);
	get_number(w, task, "oom_score_adj", &oom_adj, t, LIVE_HAS_OOM_ADJ);
	t->oom_score_adj = (int32_t)oom_adj;
	get_namespaces(t, task);
	if (!t->is_kthread)
		get_exe(t, task);
}

/* The iterator tells all that is in the other files. */
static bool is_told(const struct walk *w, const struct live_task *t)
{
	const struct live_task *known = live_tasks_find(w->into, t);

	return known && known->seen_by & LIVE_BY_ITERATOR;
}

/* A task that ended meanwhile is no error, and is not there. */
static int see_thread(void *arg, int dir, uint32_t tid, struct err *e)
{
	struct walk *w = arg;
	struct live_task t = { .pid = w->pid, .tid = tid };
	AUTO_CLOSE int task = -1;
	char name[16];
	int r;

	(void)snprintf(name, sizeof(name), "%u", tid);
	task = io_open(dir, name, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (task < 0)
		return 0;
	t.seen_ns = clock_ns(CLOCK_MONOTONIC);
	t.seen_by = LIVE_BY_PROC;
	r = slurp(w, task, "stat", e);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !w->text.len ||
		procfs_stat(&t, text_of(w), w->text.len, w->p->hz, NULL) < 0)
		return 0;
	if (!is_told(w, &t))
		describe(w, &t, task);
	if (!w->seen->tasks++)
		w->seen->first_ns = t.seen_ns;
	w->seen->last_ns = t.seen_ns;
	return live_tasks_see(w->into, &t, e);
}

static int see_process(void *arg, int dir, uint32_t pid, struct err *e)
{
	struct walk *w = arg;
	char path[32];
	int r;

	if (!live_wants(&w->p->base.config, pid))
		return 0;
	w->pid = pid;
	(void)snprintf(path, sizeof(path), "%u/task", pid);
	r = directory_numbers(dir, path, see_thread, w, e);
	return r == -ENOENT || r == -ESRCH || r == -EACCES ? 0 : r;
}

static bool may_look(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &head, data) == 0 &&
	       data[CAP_SYS_PTRACE / 32].effective >> CAP_SYS_PTRACE % 32 & 1;
}

/*
 * Whether /proc tells of every process: mounted with hidepid it does to those
 * who may trace them only.  Then even the first is not there, which takes a
 * signal all the same.
 */
static const char *why_partial(struct proc_live *p)
{
	AUTO_CLOSE int first = -1;

	if (may_look())
		return NULL;
	first = openat(p->fd - 1, "1/stat", O_RDONLY | O_CLOEXEC);
	if (first >= 0 || (kill(1, 0) < 0 && errno == ESRCH))
		return NULL;
	return "/proc hides the processes of others from who lacks CAP_SYS_PTRACE (hidepid)";
}

static int proc_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	struct walk w = { .p = (struct proc_live *)s, .into = into, .seen = seen };
	uint64_t lost = into->lost;
	int r;

	seen->partial = why_partial(w.p);
	buf_init(&w.text, PROCFS_TEXT_BYTES);
	r = directory_numbers(w.p->fd - 1, ".", see_process, &w, e);
	buf_done(&w.text);
	seen->lost = into->lost - lost;
	return r;
}

const struct live_ops live_proc_ops = {
	.bytes = sizeof(struct proc_live),
	.open = proc_open,
	.close = proc_close,
	.tasks = proc_tasks,
};
