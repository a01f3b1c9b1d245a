// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "live/detail.h"
#include "live/task.h"
#include "live/timed.h"

enum { PAGEMAP_ENTRY_BYTES = 8 };

/* One process's directory. */
struct at {
	struct detail *d;
	struct timed *timed;
	int dir;
	bool no_memory;
};

void detail_init(struct detail *d)
{
	*d = (struct detail){ .groups_n = -1 };
	buf_init(&d->argv, DETAIL_ARGV_BYTES);
	buf_init(&d->environment, DETAIL_ENVIRON_BYTES);
	buf_init(&d->exe, DETAIL_PATH_BYTES);
	buf_init(&d->cwd, DETAIL_PATH_BYTES);
	buf_init(&d->root, DETAIL_PATH_BYTES);
	buf_init(&d->cgroup, DETAIL_CGROUP_BYTES);
	buf_init(&d->lsm, DETAIL_TEXT_BYTES);
	buf_init(&d->wchan, DETAIL_TEXT_BYTES);
	buf_init(&d->maps_text, MAPS_TEXT_BYTES);
}

static void each_buf(struct detail *d, void (*call)(struct buf *b))
{
	call(&d->argv);
	call(&d->environment);
	call(&d->exe);
	call(&d->cwd);
	call(&d->root);
	call(&d->cgroup);
	call(&d->lsm);
	call(&d->wchan);
	call(&d->maps_text);
}

void detail_done(struct detail *d)
{
	each_buf(d, buf_done);
	maps_done(&d->maps);
}

static void empty(struct buf *b)
{
	b->len = 0;
}

void detail_clear(struct detail *d)
{
	each_buf(d, empty);
	d->container = (struct container){ "", "", "" };
	d->groups_n = -1;
	d->maps_told = false;
	d->has_oom_score = d->argv_cut = d->environment_cut = d->gone = false;
	d->misses_n = 0;
	d->maps.n = 0;
}

void detail_miss(struct detail *d, const char *what, int code, const char *why)
{
	struct detail_miss *m;

	if (d->misses_n == DETAIL_MISSES_MAX)
		return;
	m = &d->misses[d->misses_n++];
	m->what = what;
	m->code = code;
	(void)err_set(&m->why, code, "%s", why);
}

static void miss(struct at *at, const char *what, int code, const char *why)
{
	if (code == -ENOMEM)
		at->no_memory = true;
	/* A process that has ended answers so. */
	if (code != -ESRCH && code != -ENOENT)
		detail_miss(at->d, what, code, why);
}

/* A read that may hang; true when it was cut off. */
static bool get_slowly(
	struct at *at, const char *name, const char *what, struct buf *ret)
{
	struct err why = { 0 };
	int r = timed_read(at->timed, at->dir, name, 0, ret, &why);

	if (r < 0)
		miss(at, what, r, why.msg);
	if (r > 0)
		miss(at, what, -EFBIG, "longer than what is kept");
	return r > 0;
}

static void get_link(
	struct at *at, const char *name, const char *what, struct buf *ret)
{
	struct err why = { 0 };
	uint8_t *room;
	ssize_t n;
	int r = buf_reserve(ret, &room, DETAIL_PATH_BYTES, &why);

	if (r < 0) {
		miss(at, what, r, why.msg);
		return;
	}
	n = readlinkat(at->dir, name, (char *)room, DETAIL_PATH_BYTES);
	if (n < 0) {
		r = err_sys(&why, "%s", name);
		miss(at, what, r, why.msg);
		return;
	}
	ret->len += (size_t)n;
}

/* A short file; one that is not there is not told. */
static void get_text(struct at *at, const char *name, struct buf *ret)
{
	struct err why = { 0 };
	int r = io_slurp(at->dir, name, ret, &why);

	if (r == -ENOMEM)
		miss(at, name, r, why.msg);
	if (r < 0 && r != -EFBIG)
		ret->len = 0;
	if (ret->len && ret->data[ret->len - 1] == '\n')
		ret->len--;
}

static void get_cgroup(struct at *at)
{
	struct buf *b = &at->d->cgroup;
	const char *path;
	size_t len;

	get_text(at, "cgroup", b);
	if (!b->len)
		return;
	container_cgroup(&path, &len, (const char *)b->data, b->len);
	if (len)
		memmove(b->data, path, len);
	b->len = len;
	container_find(&at->d->container, (const char *)b->data, len);
}

static void get_groups(struct at *at)
{
	AUTO_BUF struct buf b = { 0 };
	size_t n;

	buf_init(&b, PROCFS_TEXT_BYTES);
	get_text(at, "status", &b);
	if (!b.len)
		return;
	n = procfs_groups(at->d->groups, (const char *)b.data, b.len);
	if (n > PROCFS_GROUPS_MAX) {
		miss(at, "groups", -EFBIG, "more than what is kept");
		n = PROCFS_GROUPS_MAX;
	}
	at->d->groups_n = (int)n;
}

static void get_oom_score(struct at *at)
{
	AUTO_BUF struct buf b = { 0 };
	int64_t v;

	buf_init(&b, DETAIL_TEXT_BYTES);
	get_text(at, "oom_score", &b);
	if (b.len && procfs_number(&v, (const char *)b.data, b.len) == 0 &&
		v >= 0) {
		at->d->oom_score = (uint64_t)v;
		at->d->has_oom_score = true;
	}
}

/* An id may have been used again. */
static bool is_same(struct at *at, const struct live_task *t)
{
	AUTO_BUF struct buf b = { 0 };
	struct live_task now = { 0 };
	long hz = sysconf(_SC_CLK_TCK);

	buf_init(&b, PROCFS_TEXT_BYTES);
	get_text(at, "stat", &b);
	return b.len && hz > 0 &&
	       procfs_stat(&now, (const char *)b.data, b.len, (unsigned)hz,
		       NULL) == 0 &&
	       now.start_boot_ns / LIVE_TICK_NS ==
		       t->start_boot_ns / LIVE_TICK_NS;
}

/* How many pages of one mapping are not its file's; false: nobody says. */
static bool count_changed(struct at *at, struct mapping *m, uint64_t *pages_left)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t pages = (m->end - m->start) / page;
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	int r;

	if (pages > *pages_left) {
		miss(at, "changed pages", -EFBIG,
			"more pages than are looked at");
		return false;
	}
	*pages_left -= pages;
	buf_init(&b, pages * PAGEMAP_ENTRY_BYTES);
	r = timed_read(at->timed, at->dir, "pagemap",
		m->start / page * PAGEMAP_ENTRY_BYTES, &b, &why);
	if (r < 0) {
		miss(at, "changed pages", r, why.msg);
		return false;
	}
	m->changed_pages = maps_changed(b.data, b.len);
	if (m->changed_pages)
		m->flags |= MAPPING_CHANGED;
	return true;
}

static void get_maps(struct at *at)
{
	struct detail *d = at->d;
	uint64_t pages_left = DETAIL_PAGES_MAX;
	struct err why = { 0 };
	bool more = true, cut;
	int r;

	cut = get_slowly(at, "maps", "mappings", &d->maps_text);
	r = maps_parse(&d->maps, (const char *)d->maps_text.data,
		d->maps_text.len, &why);
	if (r < 0)
		miss(at, "mappings", r, why.msg);
	if (r > 0)
		miss(at, "mappings", -EFBIG, "more than are kept");
	d->maps_told = r == 0 && !cut && d->maps.n;
	for (size_t i = 0; more && i < d->maps.n; i++)
		if (maps_is_checked(&d->maps.v[i]))
			more = count_changed(at, &d->maps.v[i], &pages_left);
}

static void get_all(struct at *at, const struct live_task *t, unsigned want)
{
	struct detail *d = at->d;

	/* A kernel thread has no memory of its own. */
	if (!t->is_kthread) {
		d->argv_cut = get_slowly(at, "cmdline", "arguments", &d->argv);
		if (want & DETAIL_ENVIRONMENT)
			d->environment_cut = get_slowly(
				at, "environ", "environment", &d->environment);
		get_link(at, "exe", "exe", &d->exe);
		if (want & DETAIL_MAPS)
			get_maps(at);
	}
	get_link(at, "cwd", "cwd", &d->cwd);
	get_link(at, "root", "root", &d->root);
	get_cgroup(at);
	get_text(at, "attr/current", &d->lsm);
	get_text(at, "wchan", &d->wchan);
	/* Of what does not wait. */
	if (d->wchan.len == 1 && d->wchan.data[0] == '0')
		d->wchan.len = 0;
	get_groups(at);
	get_oom_score(at);
}

int detail_read(struct detail *d, struct timed *timed, int proc,
	const struct live_task *t, unsigned want, struct err *e)
{
	struct at at = { .d = d, .timed = timed };
	AUTO_CLOSE int dir = -1;
	char name[16];

	detail_clear(d);
	(void)snprintf(name, sizeof(name), "%u", t->pid);
	dir = io_open(proc, name, O_RDONLY | O_DIRECTORY, 0, NULL);
	at.dir = dir;
	d->gone = dir < 0 || !is_same(&at, t);
	if (!d->gone)
		get_all(&at, t, want);
	return at.no_memory ? err_set(e, -ENOMEM, "no memory for a process") : 0;
}
