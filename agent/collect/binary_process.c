// SPDX-License-Identifier: Apache-2.0
/* Which files one process runs, maps and has open. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "binary/slow.h"
#include "collect/binary_internal.h"
#include "collect/binary_layer.h"
#include "collect/judge.h"
#include "coredump/program.h"
#include "live/detail.h"
#include "live/task.h"

enum {
	LINK_CHARS = 64,
	WHAT_CHARS = 160,
	BUSY_PERCENT = 50, /* of a processor, since it started */
	BUSY_NS = 2000000000, /* and at least so much */
};

static const char deleted[] = " (deleted)";

static bool ends_deleted(const char *path, size_t len)
{
	size_t n = sizeof(deleted) - 1;

	return len >= n && memcmp(path + len - n, deleted, n) == 0;
}

static bool begins(const char *path, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(path, with, strlen(with)) == 0;
}

static unsigned seen_by_path(const char *path, size_t len, const struct stat *st)
{
	unsigned seen = 0;

	if (begins(path, len, "/memfd:"))
		seen |= SEEN_MEMFD;
	if (ends_deleted(path, len) || !st->st_nlink)
		seen |= SEEN_DELETED;
	return seen;
}

/* memfd_secret(2): no descriptor gives what is in it, and memory has it. */
static bool is_secret(int held)
{
	struct statfs fs;

	return fstatfs(held, &fs) == 0 && fs.f_type == SECRETMEM_MAGIC;
}

static bool is_silent(const struct binaries *b, uint64_t device)
{
	for (size_t i = 0; device && i < b->silent_n; i++)
		if (b->silent[i] == device)
			return true;
	return false;
}

/* Hold it, unless its file system is one that does not answer. */
static int hold(struct binaries *b, const struct binary_link *link,
	struct stat *st, struct err *why)
{
	int held;

	if (is_silent(b, link->device))
		return err_set(why, -ETIMEDOUT,
			"its file system did not answer before");
	held = slow_look(b->slow, link->dir, link->name, st, why);
	if (held == -ETIMEDOUT && link->device && b->silent_n < BINARY_SILENT_MAX)
		b->silent[b->silent_n++] = link->device;
	return held;
}

int binary_see(struct binaries *b, struct binary_file **ret,
	const struct binary_link *link, const struct binary_use *use,
	struct err *e)
{
	struct err why = { 0 };
	char what[WHAT_CHARS];
	struct stat st = { 0 };
	struct binary_file *f;
	struct binary_use u = *use;
	int held = hold(b, link, &st, &why);

	*ret = NULL;
	if (held == -EINVAL || held == -ENOENT || held == -ESRCH)
		return 0;
	if (held < 0) {
		(void)snprintf(what, sizeof(what), "file %.40s of process %u",
			link->name, use->pid);
		return held == -ENOMEM ? err_set(e, held, "%s", why.msg)
				       : binary_gap(b, what, why.msg, e);
	}
	if (is_secret(held)) {
		(void)close(held);
		return 0;
	}
	f = binary_table_add(&b->table, held, &st);
	if (!f)
		return 0;
	u.path_at = binary_table_text(&b->table, link->path, link->path_len);
	binary_table_use(&b->table, f, &u);
	f->seen |= seen_by_path(link->path, link->path_len, &st);
	if (!f->path_at) {
		size_t len = link->path_len;

		if (ends_deleted(link->path, len))
			len -= sizeof(deleted) - 1;
		f->path_at = binary_table_text(&b->table, link->path, len);
		f->root = link->root;
	}
	*ret = f;
	return 0;
}

static bool is_busy(const struct binary_process *p)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	uint64_t age = now - p->leader->start_boot_ns;

	return p->cpu_ns >= BUSY_NS && now > p->leader->start_boot_ns &&
	       p->cpu_ns / BUSY_PERCENT >= age / 100;
}

static int see_exe(struct binary_process *p, struct err *e)
{
	const struct live_task *t = p->leader;
	struct binary_link link = { .dir = p->dir,
		.name = "exe",
		.path = (const char *)p->d->exe.data,
		.path_len = p->d->exe.len,
		.root = p->root };
	struct binary_use use = p->use;
	struct binary_file *f;
	const char *argv = (const char *)p->d->argv.data;
	struct program_place at;
	size_t name_len = p->d->argv.len ? strnlen(argv, p->d->argv.len) : 0;
	int r;

	if (!link.path_len)
		return 0;
	if (t->present & LIVE_HAS_EXE)
		link.device = makedev(t->exe_major, t->exe_minor);
	use.how = BINARY_EXE;
	r = binary_see(p->b, &f, &link, &use, e);
	if (r < 0 || !f)
		return r;
	f->seen |= SEEN_EXECUTED | p->seen;
	if (t->present & LIVE_HAS_LAYER && t->exe_layer == LIVE_LAYER_UPPER)
		f->seen |= SEEN_UPPER_LAYER;
	if (p->d->maps_told && program_is_replaced(&at, p->dir, &p->d->maps,
				       link.path, link.path_len))
		f->seen |= SEEN_REPLACED;
	if (is_busy(p))
		f->seen |= SEEN_BUSY;
	if (judge_is_kernel_name(t->comm, strnlen(t->comm, sizeof(t->comm))) ||
		(name_len && judge_is_kernel_name(argv, name_len)))
		f->seen |= SEEN_KERNEL_NAME;
	return 0;
}

/* "LD_PRELOAD=...": whether it, or the root's ld.so.preload, names ${path}. */
static bool is_preloaded(
	const struct binary_process *p, const char *path, size_t len)
{
	static const char name[] = "LD_PRELOAD=";
	const struct buf *env = &p->d->environment;
	const struct buf *all =
		p->root ? &p->b->table.roots[p->root - 1].preload : NULL;
	const uint8_t *at = env->data;
	size_t left = env->len;

	if (ends_deleted(path, len))
		len -= sizeof(deleted) - 1;
	if (all && all->len && memmem(all->data, all->len, path, len))
		return true;
	while (left) {
		size_t n = strnlen((const char *)at, left);

		if (n > sizeof(name) && memcmp(at, name, sizeof(name) - 1) == 0 &&
			memmem(at, n, path, len))
			return true;
		at += n + (n < left);
		left -= n + (n < left);
	}
	return false;
}

static bool is_wanted(const struct mapping *m)
{
	if (!m->inode || !m->path_len)
		return false;
	return m->protection[2] == 'x' ||
	       m->flags & (MAPPING_MEMFD | MAPPING_DELETED) ||
	       begins(m->path, m->path_len, "/dev/shm/");
}

static int see_mapping(
	struct binary_process *p, const struct mapping *m, struct err *e)
{
	struct binary_table *t = &p->b->table;
	uint64_t device = makedev(m->major, m->minor);
	struct binary_file *f = binary_table_find(t, device, m->inode);
	struct binary_use use = p->use;
	char name[LINK_CHARS];
	struct binary_link link = { .dir = p->dir,
		.name = name,
		.path = m->path,
		.path_len = m->path_len,
		.root = p->root,
		.device = device };
	int r = 0;

	use.how = BINARY_MAPPED;
	use.address = m->start;
	(void)snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64,
		m->start, m->end);
	if (!f) {
		r = binary_see(p->b, &f, &link, &use, e);
		if (f)
			binary_table_alias(t, f, device, m->inode);
	} else if (!f->last || t->uses[f->last - 1].pid != use.pid) {
		use.path_at = t->uses[f->last ? f->last - 1 : 0].path_at;
		binary_table_use(t, f, &use);
	}
	if (r < 0 || !f)
		return r;
	if (m->protection[2] == 'x')
		f->seen |= SEEN_MAPPED;
	if (m->flags & MAPPING_CHANGED)
		f->seen |= SEEN_CODE_CHANGED;
	if (is_preloaded(p, m->path, m->path_len))
		f->seen |= SEEN_PRELOADED;
	return 0;
}

/* The path of a script as its process's root has it. */
static bool compose(char ret[SLOW_NAME_CHARS], const struct binary_process *p,
	const char *script)
{
	const struct buf *cwd = &p->d->cwd, *root = &p->d->root;
	size_t skip = 0;
	int n;

	if (*script == '/')
		n = snprintf(ret, SLOW_NAME_CHARS, "%s", script);
	else {
		if (root->len > 1 && cwd->len >= root->len &&
			memcmp(cwd->data, root->data, root->len) == 0)
			skip = root->len;
		n = snprintf(ret, SLOW_NAME_CHARS, "%.*s/%s",
			(int)(cwd->len - skip), cwd->data + skip, script);
	}
	return n > 0 && n < SLOW_NAME_CHARS;
}

static int see_script(struct binary_process *p, struct err *e)
{
	char exe[DETAIL_PATH_BYTES + 1], path[SLOW_NAME_CHARS];
	struct binary_use use = p->use;
	struct binary_file *f;
	const char *script;
	struct stat st = { 0 };
	int held;

	(void)snprintf(exe, sizeof(exe), "%.*s", (int)p->d->exe.len,
		p->d->exe.len ? (const char *)p->d->exe.data : "");
	script = p->d->argv.len
			 ? script_argument(exe, (const char *)p->d->argv.data,
				   p->d->argv.len)
			 : NULL;
	if (!script || !p->root || !compose(path, p, script))
		return 0;
	held = slow_find(
		p->b->slow, p->b->table.roots[p->root - 1].fd, path, &st, e);
	/* It may be gone, or no path of its process at all. */
	if (held < 0)
		return held == -ENOMEM ? held : 0;
	f = binary_table_add(&p->b->table, held, &st);
	if (!f)
		return 0;
	use.how = BINARY_SCRIPT;
	use.path_at = binary_table_text(&p->b->table, path, strlen(path));
	binary_table_use(&p->b->table, f, &use);
	f->seen |= SEEN_SCRIPT;
	if (!f->path_at) {
		f->path_at = use.path_at;
		f->root = p->root;
	}
	return 0;
}

static void read_preload(struct binary_process *p)
{
	struct binary_root *root = &p->b->table.roots[p->root - 1];
	const uint8_t *text;
	struct stat st = { 0 };
	AUTO_CLOSE int held =
		slow_find(p->b->slow, root->fd, "/etc/ld.so.preload", &st, NULL);
	AUTO_CLOSE int fd = held < 0 ? -1 : slow_open(p->b->slow, held, 0, NULL);
	ssize_t n = fd < 0 ? -1
			   : slow_read(p->b->slow, &text, fd, 0,
				     root->preload.max, NULL);

	/* Without memory nothing is said to be preloaded. */
	if (n > 0 && buf_append(&root->preload, text, (size_t)n, NULL) < 0)
		root->preload.len = 0;
}

static void find_root(struct binary_process *p)
{
	size_t before = p->b->table.roots_n;
	int fd = io_open(p->dir, "root", O_PATH | O_DIRECTORY, 0, NULL);

	if (fd >= 0)
		p->root = binary_table_root(&p->b->table, fd);
	if (p->b->table.roots_n > before)
		read_preload(p);
}

int binary_gather_process(struct binary_process *p, struct err *e)
{
	const struct detail *d = p->d;
	struct err why = { 0 };
	int r;

	p->use = (struct binary_use){ .pid = p->leader->pid,
		.start_boot_ns = p->leader->start_boot_ns };
	p->use.container_at = binary_table_text(
		&p->b->table, d->container.id, strlen(d->container.id));
	find_root(p);
	r = binary_gather_descriptors(
		p->b, p->dir, &p->use, p->root, &p->seen, e);
	if (r == 0)
		r = see_exe(p, e);
	for (size_t i = 0; r == 0 && i < d->maps.n; i++)
		if (is_wanted(&d->maps.v[i]))
			r = see_mapping(p, &d->maps.v[i], e);
	if (r == 0)
		r = see_script(p, &why);
	return r < 0 ? r : binary_gather_layer(p, e);
}
