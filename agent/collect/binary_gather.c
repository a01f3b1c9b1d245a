// SPDX-License-Identifier: Apache-2.0
/* Which files processes use, and which a recorder took. */
#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "binary/taken.h"
#include "collect/binary_internal.h"
#include "live/detail.h"
#include "live/source.h"
#include "live/timed.h"

enum { NAME_CHARS = 16 };

/* The threads of one process, ${n} of them. */
static int gather_one(struct binaries *b, int proc, struct timed *timed,
	struct detail *d, const struct live_task *tasks, size_t n, struct err *e)
{
	unsigned want = b->env->leave_out & COLLECT_NO_ENVIRONMENT
				? DETAIL_MAPS
				: DETAIL_MAPS | DETAIL_ENVIRONMENT;
	struct binary_process p = { .b = b, .leader = tasks, .d = d, .dir = -1 };
	char name[NAME_CHARS];
	int r;

	for (size_t i = 0; i < n; i++) {
		p.cpu_ns += tasks[i].user_ns + tasks[i].system_ns;
		if (tasks[i].tid == tasks[i].pid)
			p.leader = &tasks[i];
	}
	if (p.leader->is_kthread || p.leader->pid == (uint32_t)getpid())
		return 0;
	r = detail_read(d, timed, proc, p.leader, want, e);
	if (r < 0 || d->gone)
		return r;
	(void)snprintf(name, sizeof(name), "%u", p.leader->pid);
	p.dir = io_open(proc, name, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (p.dir < 0)
		return 0; /* it ended */
	r = binary_gather_process(&p, e);
	(void)close(p.dir);
	return r;
}

static int add_taken(struct binaries *b, const struct taken *t, struct err *e)
{
	struct binary_table *table = &b->table;
	uint64_t device = makedev(t->major, t->minor);
	struct binary_file *f = binary_table_find(table, device, t->inode);
	struct binary_use use = { .how = BINARY_TAKEN,
		.pid = t->pid,
		.start_boot_ns = t->start_boot_ns };
	struct stat st;
	int fd;

	use.path_at = binary_table_text(table, t->path, strlen(t->path));
	if (!f && t->fd < 0)
		return binary_gap(
			b, t->path, t->why_not ? t->why_not : "not kept", e);
	if (!f) {
		fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return err_sys(e, "hold %.100s", t->path);
		if (fstat(fd, &st) < 0) {
			int r = err_sys(e, "look at %.100s", t->path);

			(void)close(fd);
			return r;
		}
		st.st_dev = device;
		st.st_ino = t->inode;
		f = binary_table_add(table, fd, &st);
		if (f)
			f->copied = t->how == TAKEN_COPIED;
	}
	if (!f)
		return 0;
	f->taken = t;
	f->seen |= SEEN_TAKEN;
	f->seen |= t->reasons & TAKEN_MEMFD ? SEEN_MEMFD : 0U;
	f->seen |= t->reasons & TAKEN_DELETED ? SEEN_DELETED : 0U;
	f->seen |= t->reasons & TAKEN_UPPER_LAYER ? SEEN_UPPER_LAYER : 0U;
	if (!f->path_at)
		f->path_at = use.path_at;
	binary_table_use(table, f, &use);
	if (!f->first_seen_ns || t->first_boot_ns < f->first_seen_ns)
		f->first_seen_ns = t->first_boot_ns;
	return 0;
}

/* The iterator says what /proc does not, such as the layer of an overlay. */
static int see_tasks(struct binaries *b, struct live_tasks *ret, struct err *e)
{
	static const enum live_witness kinds[] = { LIVE_BY_ITERATOR,
		LIVE_BY_PROC };
	int r = 0, worked = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct live_source *s = NULL;
		struct live_seen seen;

		if (kinds[i] == LIVE_BY_ITERATOR &&
			b->env->leave_out & COLLECT_NO_ITERATOR)
			continue;
		r = live_open(&s, kinds[i], b->env->live, e);
		if (r == 0)
			r = live_see_tasks(s, ret, &seen, e);
		live_close(s);
		if (r == -ENOMEM)
			return r;
		worked += r == 0;
		live_tasks_sort(ret);
	}
	return worked ? 0 : r;
}

static int gather_processes(struct binaries *b, int proc, struct timed *timed,
	struct detail *d, struct err *e)
{
	AUTO_TASKS struct live_tasks ts = { 0 };
	int r = see_tasks(b, &ts, e);

	for (size_t at = 0, end; r == 0 && at < ts.n; at = end) {
		for (end = at + 1; end < ts.n; end++)
			if (ts.v[end].pid != ts.v[at].pid)
				break;
		if (*b->env->interrupted)
			return binary_gap(b, "binaries", "interrupted", e);
		r = gather_one(b, proc, timed, d, ts.v + at, end - at, e);
	}
	return r;
}

int binary_gather(struct binaries *b, struct err *e)
{
	const struct taken_list *taken = b->env->taken;
	const char *path = b->env->live->proc;
	AUTO_CLOSE int proc = io_open(
		AT_FDCWD, path ? path : "/proc", O_RDONLY | O_DIRECTORY, 0, e);
	AUTO_FREE struct detail *d = malloc(sizeof(*d));
	struct timed *timed = NULL;
	int r;

	if (proc < 0)
		return proc;
	if (!d)
		return err_set(e, -ENOMEM, "no memory for binaries");
	r = timed_new(&timed, DETAIL_WAIT_NS, e);
	if (r < 0)
		return r;
	detail_init(d);
	r = gather_processes(b, proc, timed, d, e);
	for (size_t i = 0; r == 0 && taken && i < taken->n; i++)
		r = add_taken(b, &taken->v[i], e);
	detail_done(d);
	timed_free(timed);
	return r;
}
