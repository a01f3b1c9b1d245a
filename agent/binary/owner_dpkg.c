// SPDX-License-Identifier: Apache-2.0
/* dpkg(1): info/PACKAGE.list and info/PACKAGE.md5sums, and diversions; the
 * lines are those of disk/dpkg_text.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "binary/owner_index.h"
#include "binary/regular.h"
#include "disk/dpkg_text.h"

#define DPKG_DIR "/var/lib/dpkg/"

enum {
	DIVERSIONS_BYTES = 256 << 10,
	SUFFIX_LIST = 5, /* ".list" */
};

struct lookup {
	struct owner *v;
	size_t n;
	struct owner_index index;
	struct buf diversions;
	struct slice package; /* whose lines are read: "libc6:amd64" */
};

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

/* "libc6" of "libc6:amd64". */
static struct slice name_of(struct slice package)
{
	const char *colon = memchr(package.p, ':', package.len);

	if (colon)
		package.len = (size_t)(colon - package.p);
	return package;
}

/* The keys of one path: it, unless its package says that it went elsewhere,
 * and those paths whose files went here. */
static int add_keys(
	struct lookup *l, struct slice path, size_t asked, struct err *e)
{
	struct slice rest = { (const char *)l->diversions.data,
		l->diversions.len };
	struct owner_key own = { .path = path, .asked = asked };
	struct dpkg_diversion d;
	int r = 0;

	while (r == 0 && dpkg_next_diversion(&d, &rest)) {
		if (same(d.from, path))
			own.only = d.package;
		if (same(d.to, path))
			r = owner_index_add(&l->index,
				&(struct owner_key){ .path = d.from,
					.asked = asked,
					.not_of = d.package },
				e);
	}
	return r < 0 ? r : owner_index_add(&l->index, &own, e);
}

static int ask(struct lookup *l, size_t asked, int rootfd, struct err *e)
{
	struct slice path = slice_of(l->v[asked].path);
	struct slice merged = owner_index_merged(path, rootfd);
	int r = add_keys(l, path, asked, e);

	return r < 0 || !merged.len ? r : add_keys(l, merged, asked, e);
}

typedef void see_key(struct lookup *l, struct owner *o, const uint8_t *md5);

static void answer(
	struct lookup *l, struct slice path, const uint8_t *md5, see_key *see)
{
	struct slice name = name_of(l->package);
	ptrdiff_t asked;
	size_t at = 0;

	while ((asked = owner_index_next(&l->index, &at, path, name)) >= 0)
		see(l, &l->v[asked], md5);
}

static void own(struct lookup *l, struct owner *o, const uint8_t *md5)
{
	(void)md5;
	if (l->package.len < sizeof(o->package))
		(void)snprintf(o->package, sizeof(o->package), "%.*s",
			(int)l->package.len, l->package.p);
}

static void set_md5(struct lookup *l, struct owner *o, const uint8_t *md5)
{
	if (!slice_is(l->package, o->package))
		return;
	memcpy(o->want, md5, DIGEST_MD5_BYTES);
	o->checksum = PACKAGES_MD5;
}

static void see_list(struct lookup *l, struct slice rest)
{
	struct slice line;

	while (slice_line(&line, &rest))
		if (line.len)
			answer(l, line, NULL, own);
}

static void see_md5sums(struct lookup *l, struct slice rest)
{
	char path[PATH_MAX];
	struct dpkg_checksum sum;
	struct slice line;

	while (slice_line(&line, &rest)) {
		int n;

		if (dpkg_md5sums_line(&sum, line) < 0)
			continue;
		n = snprintf(path, sizeof(path), "%s%.*s",
			*sum.path.p == '/' ? "" : "/", (int)sum.path.len,
			sum.path.p);
		if (n > 0 && (size_t)n < sizeof(path))
			answer(l, (struct slice){ path, (size_t)n }, sum.md5,
				set_md5);
	}
}

/* Whether the package whose lines are read owns something that was asked. */
static bool is_wanted(const struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_is(l->package, l->v[i].package))
			return true;
	return false;
}

static int slurp(int dir, const char *name, struct buf *b, struct err *e)
{
	int r;

	b->len = 0;
	r = regular_slurp(dir, name, b, e);
	return r == -ENOENT ? 0 : r;
}

/* One package: its list, and, when that was of use, its checksums. */
static int see_package(struct lookup *l, int dir, const char *list,
	struct buf *b, struct err *e)
{
	char name[NAME_MAX + 1];
	int r = slurp(dir, list, b, e);

	if (r < 0)
		return r;
	l->package = (struct slice){ list, strlen(list) - SUFFIX_LIST };
	see_list(l, (struct slice){ (const char *)b->data, b->len });
	if (l->package.len + sizeof(".md5sums") > sizeof(name) || !is_wanted(l))
		return 0;
	(void)snprintf(
		name, sizeof(name), "%.*s.md5sums", (int)l->package.len, list);
	r = slurp(dir, name, b, e);
	if (r == 0)
		see_md5sums(l, (struct slice){ (const char *)b->data, b->len });
	return r;
}

static int see_packages(struct lookup *l, int dirfd, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	const struct dirent *d;
	size_t lists = 0;
	int own_fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0), r = 0;
	DIR *dir = own_fd < 0 ? NULL : fdopendir(own_fd);

	if (!dir) {
		r = err_sys(e, "read " DPKG_DIR "info");
		if (own_fd >= 0)
			(void)close(own_fd);
		return r;
	}
	buf_init(&b, OWNER_FILE_BYTES);
	while (r == 0 && (d = readdir(dir))) {
		size_t len = strlen(d->d_name);

		if (len <= SUFFIX_LIST ||
			strcmp(d->d_name + len - SUFFIX_LIST, ".list") != 0)
			continue;
		if (lists++ == OWNER_LISTS_MAX)
			r = err_set(e, -E2BIG, "more than %d packages",
				OWNER_LISTS_MAX);
		else
			r = see_package(l, dirfd, d->d_name, &b, e);
	}
	(void)closedir(dir);
	return r;
}

int owner_dpkg(struct owner *v, size_t n, int rootfd, struct err *e)
{
	AUTO_CLOSE int dir = regular_directory(rootfd, DPKG_DIR "info", e);
	struct lookup l = { .v = v, .n = n };
	int r;

	if (dir == -ENOENT || dir == -ENOTDIR)
		return 0;
	if (dir < 0)
		return dir;
	buf_init(&l.diversions, DIVERSIONS_BYTES);
	r = regular_slurp(rootfd, DPKG_DIR "diversions", &l.diversions, e);
	if (r == -ENOENT)
		r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = ask(&l, i, rootfd, e);
	if (r == 0)
		r = owner_index_close(&l.index, e);
	if (r == 0)
		r = see_packages(&l, dir, e);
	buf_done(&l.diversions);
	owner_index_done(&l.index);
	return r < 0 ? r : 1;
}
