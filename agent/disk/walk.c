// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#include "base/clock.h"
#include "base/dirents.h"
#include "base/err.h"
#include "disk/root.h"
#include "disk/walk.h"

enum {
	FILES_FIRST = 1024,
	SELF_CHARS = 32 + 256, /* /proc/self/fd/N/NAME */
	TARGET_BYTES = 4096,
};

/* What a walk holds while it runs. */
struct walking {
	struct walk *w;
	const struct disk_root *root;
	const struct walk_config *config;
	uint32_t at; /* the directory that is read */
};

static int miss(
	struct walking *g, uint32_t file, const char *reason, struct err *e)
{
	char path[WALK_PATH_BYTES];

	if (walk_path(path, g->w, file) < 0)
		(void)snprintf(path, sizeof(path), "%s", "(a path too long)");
	return g->config->miss(g->config->arg, path, reason, e);
}

/* Offset of ${len} bytes and a NUL in the arena; 0, and it is counted, when
 * there is no room. */
static uint32_t keep(struct walk *w, const void *bytes, size_t len)
{
	uint32_t at = (uint32_t)w->text.len;

	if (buf_append(&w->text, bytes, len, NULL) == 0 &&
		buf_append(&w->text, "", 1, NULL) == 0)
		return at;
	w->text.len = at;
	w->lost++;
	return 0;
}

/* A new line of the table, all 0; NULL when there is no room. */
static struct walk_file *add(struct walk *w)
{
	if (w->n == w->cap) {
		uint32_t cap = w->cap ? w->cap * 2 : FILES_FIRST;
		struct walk_file *more;

		if (w->cap >= WALK_FILES_MAX)
			return NULL;
		more = reallocarray(w->files, cap, sizeof(*more));
		if (!more)
			return NULL;
		w->files = more;
		w->cap = cap;
	}
	w->files[w->n] = (struct walk_file){ 0 };
	return &w->files[w->n++];
}

static int see_name(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct walking *g = arg;
	uint32_t name = keep(g->w, entry->name, entry->len);
	struct walk_file *f = name ? add(g->w) : NULL;

	(void)e;
	if (!f) {
		g->w->lost += name != 0;
		return 0;
	}
	f->name = name;
	f->parent = g->at;
	return 0;
}

static int by_name(const void *a, const void *b, void *walk)
{
	const struct walk_file *x = a, *y = b;

	return strcmp(walk_text(walk, x->name), walk_text(walk, y->name));
}

static int64_t in_ns(const struct statx_timestamp *t)
{
	return t->tv_sec * 1000000000 + t->tv_nsec;
}

static void fill(struct walk_file *f, const struct statx *sx)
{
	f->mode = sx->stx_mode;
	f->uid = sx->stx_uid;
	f->gid = sx->stx_gid;
	f->links = sx->stx_nlink;
	f->inode = sx->stx_ino;
	f->size_bytes = sx->stx_size;
	f->time_ns[WALK_ATIME] = in_ns(&sx->stx_atime);
	f->time_ns[WALK_MTIME] = in_ns(&sx->stx_mtime);
	f->time_ns[WALK_CTIME] = in_ns(&sx->stx_ctime);
	if (sx->stx_mask & STATX_BTIME)
		f->time_ns[WALK_BTIME] = in_ns(&sx->stx_btime);
	f->device_major = sx->stx_dev_major;
	f->device_minor = sx->stx_dev_minor;
	if (sx->stx_attributes & STATX_ATTR_IMMUTABLE)
		f->attributes |= WALK_IMMUTABLE;
	if (sx->stx_attributes & STATX_ATTR_APPEND)
		f->attributes |= WALK_APPEND_ONLY;
	if (S_ISCHR(sx->stx_mode) && !sx->stx_rdev_major && !sx->stx_rdev_minor)
		f->attributes |= WALK_WHITEOUT;
}

/* Names of extended attributes, and the value of the one that gives rights. */
static void keep_xattrs(struct walk *w, uint32_t file, int dirfd)
{
	char self[SELF_CHARS], names[WALK_XATTRS_BYTES];
	uint8_t value[WALK_CAPABILITY_BYTES];
	ssize_t n;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d/%s", dirfd,
		walk_name(w, file));
	n = llistxattr(self, names, sizeof(names));
	if (n <= 0)
		return;
	w->files[file].xattrs = keep(w, names, (size_t)n);
	n = lgetxattr(self, "security.capability", value, sizeof(value));
	if (n <= 0)
		return;
	w->files[file].capability = keep(w, value, (size_t)n);
	w->files[file].capability_len = (uint8_t)n;
}

static int look_at(struct walking *g, uint32_t file, int dirfd, struct err *e)
{
	struct walk *w = g->w;
	struct statx sx;
	char target[TARGET_BYTES];
	ssize_t n;

	if (statx(dirfd, walk_name(w, file),
		    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		    STATX_BASIC_STATS | STATX_BTIME, &sx) < 0)
		return miss(g, file, strerror(errno), e);
	fill(&w->files[file], &sx);
	if (S_ISREG(sx.stx_mode) || S_ISDIR(sx.stx_mode))
		keep_xattrs(w, file, dirfd);
	if (!S_ISLNK(sx.stx_mode))
		return 0;
	n = readlinkat(dirfd, walk_name(w, file), target, sizeof(target));
	if (n < 0)
		return miss(g, file, strerror(errno), e);
	w->files[file].target = keep(w, target, (size_t)n);
	return 0;
}

/* File systems that are no disk's. */
static bool is_pseudo(int fd)
{
	static const unsigned long magics[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC,
		DEVPTS_SUPER_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
		DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC, BPF_FS_MAGIC,
		PSTOREFS_MAGIC, EFIVARFS_MAGIC, NSFS_MAGIC, SELINUX_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if ((unsigned long)fs.f_type == magics[i])
			return true;
	return false;
}

/* Why the file system that ${at} is on is not entered; NULL = it is. */
static const char *skips(const struct walking *g, uint32_t at)
{
	const struct walk_file *f = &g->w->files[at], *root = g->w->files;
	const struct walk_config *c = g->config;

	if (f->device_major == root->device_major &&
		f->device_minor == root->device_minor)
		return NULL;
	for (size_t i = 0; i < c->skips_n; i++)
		if (c->skips[i].device_major == f->device_major &&
			c->skips[i].device_minor == f->device_minor)
			return c->skips[i].reason;
	return NULL;
}

static int read_directory(struct walking *g, uint32_t at, struct err *e)
{
	struct walk *w = g->w;
	char path[WALK_PATH_BYTES];
	struct dirents_seen seen;
	struct err why = { 0 };
	AUTO_CLOSE int fd = -1;
	uint32_t first = w->n;
	const char *skip = skips(g, at);
	int r;

	if (walk_path(path, w, at) < 0)
		return miss(g, at, "its path is too long", e);
	if (skip)
		return miss(g, at, skip, e);
	fd = root_directory(g->root, path, &why);
	if (fd < 0)
		return miss(g, at, why.msg, e);
	if (is_pseudo(fd))
		return miss(g, at, "a pseudo file system", e);
	g->at = at;
	r = dirents_read(&seen, fd, see_name, g, &why);
	/* What was read of it stays. */
	if (r < 0)
		r = miss(g, at, why.msg, e);
	if (r == 0 && seen.hidden)
		r = miss(g, at, "names were changed on their way", e);
	if (w->n == first)
		return r;
	qsort_r(&w->files[first], w->n - first, sizeof(*w->files), by_name, w);
	w->files[at].first = first;
	w->files[at].children = w->n - first;
	for (uint32_t i = first; r == 0 && i < w->n; i++)
		r = look_at(g, i, fd, e);
	return r;
}

static int begin(struct walking *g, struct err *e)
{
	struct walk *w = g->w;
	struct statx sx;

	buf_init(&w->text, WALK_TEXT_BYTES);
	if (buf_append(&w->text, "", 1, e) < 0 || !add(w))
		return err_set(e, -ENOMEM, "no memory for the files of a disk");
	if (statx(g->root->fd, "", AT_EMPTY_PATH,
		    STATX_BASIC_STATS | STATX_BTIME, &sx) < 0)
		return err_sys(e, "stat the root");
	fill(&w->files[0], &sx);
	return 0;
}

/* Why it ends before all is seen; NULL = it goes on. */
static const char *over(const struct walk_config *c)
{
	if (c->interrupted && *c->interrupted)
		return "interrupted";
	return c->until_ns && clock_ns(CLOCK_MONOTONIC) > c->until_ns
		       ? "the time for the disk was up"
		       : NULL;
}

int walk_run(struct walk *ret, const struct disk_root *root,
	const struct walk_config *config, struct err *e)
{
	struct walk w = { 0 };
	struct walking g = { .w = &w, .root = root, .config = config };
	struct err why = { 0 };
	int r = begin(&g, e);

	for (uint32_t i = 0; r == 0 && i < w.n; i++) {
		const char *end = over(config);

		if (end) {
			w.cut = true;
			r = miss(&g, i, end, e);
			break;
		}
		if (S_ISDIR(w.files[i].mode))
			r = read_directory(&g, i, e);
	}
	if (r == 0 && w.lost) {
		(void)err_set(&why, -EFBIG, "no room for %llu names or texts",
			(unsigned long long)w.lost);
		r = miss(&g, 0, why.msg, e);
	}
	if (r < 0) {
		walk_done(&w);
		return r;
	}
	*ret = w;
	return 0;
}

void walk_done(struct walk *w)
{
	free(w->files);
	buf_done(&w->text);
	*w = (struct walk){ 0 };
}
