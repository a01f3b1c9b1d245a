// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/dpkg.h"
#include "disk/dpkg_text.h"
#include "disk/root.h"

#define DPKG_DIR "/var/lib/dpkg/"

struct filter {
	int kind; /* enum dpkg_filter_kind */
	uint32_t pattern;
};

/* What loading holds besides what it makes. */
struct loading {
	struct packages *d;
	const struct packages_from *from;
	struct buf diversions_text;
	struct dpkg_diversion diversions[DPKG_DIVERSIONS_MAX];
	size_t diversions_n;
	struct filter filters[DPKG_FILTERS_MAX];
	size_t filters_n;
	uint64_t bad_lines;
	uint16_t package; /* whose lines are read */
	bool listed; /* its files are in a list of their own */
};

static uint32_t keep(struct loading *l, struct slice s)
{
	return packages_keep(l->d, s);
}

static int miss(
	struct loading *l, const char *path, const char *why, struct err *e)
{
	return l->from->miss(l->from->arg, path, why, e);
}

static int slurp(
	struct loading *l, const char *path, struct buf *b, struct err *e)
{
	return packages_slurp(l->from, path, b, e);
}

static int load_diversions(struct loading *l, struct err *e)
{
	int r = slurp(l, DPKG_DIR "diversions", &l->diversions_text, e);
	struct slice rest = slice_of_buf(&l->diversions_text);

	if (r <= 0)
		return r;
	while (l->diversions_n < DPKG_DIVERSIONS_MAX &&
		dpkg_next_diversion(&l->diversions[l->diversions_n], &rest))
		l->diversions_n++;
	return rest.len && l->diversions_n == DPKG_DIVERSIONS_MAX
		       ? miss(l, DPKG_DIR "diversions", "too many diversions", e)
		       : 0;
}

static int load_filters(void *arg, uint32_t file, struct err *e)
{
	struct loading *l = arg;
	char path[WALK_PATH_BYTES];
	AUTO_BUF struct buf b = { 0 };
	struct slice rest, line, pattern;
	int r = walk_path(path, l->from->w, file);

	if (r > 0)
		r = slurp(l, path, &b, e);
	rest = slice_of_buf(&b);
	while (r > 0 && slice_line(&line, &rest)) {
		int kind = dpkg_filter_line(&pattern, line);

		if (kind && l->filters_n < DPKG_FILTERS_MAX)
			l->filters[l->filters_n++] =
				(struct filter){ kind, keep(l, pattern) };
	}
	return r < 0 && r != -ENAMETOOLONG ? r : 0;
}

/* dpkg was told not to install ${path}; the last filter that fits counts. */
static bool is_excluded(const struct loading *l, const char *path)
{
	bool excluded = false;

	for (size_t i = 0; i < l->filters_n; i++)
		if (fnmatch(packages_text(l->d, l->filters[i].pattern), path,
			    0) == 0)
			excluded = l->filters[i].kind == DPKG_EXCLUDE;
	return excluded;
}

/* Where the package's file ${path} went. */
static struct slice divert(const struct loading *l, struct slice path)
{
	const char *own = packages_name(l->d, l->package);

	for (size_t i = 0; i < l->diversions_n; i++) {
		const struct dpkg_diversion *v = &l->diversions[i];

		if (v->from.len == path.len &&
			memcmp(v->from.p, path.p, path.len) == 0 &&
			!slice_is(v->package, own))
			return v->to;
	}
	return path;
}

/* "/PATH" of the disk, from a line of a list; false when it is too long. */
static bool on_disk(
	char ret[WALK_PATH_BYTES], const struct loading *l, struct slice path)
{
	int n = snprintf(ret, WALK_PATH_BYTES, "%s%.*s",
		*path.p == '/' ? "" : "/", (int)path.len, path.p);
	struct slice to;

	if (n < 0 || n >= WALK_PATH_BYTES)
		return false;
	to = divert(l, (struct slice){ ret, (size_t)n });
	if (to.p == ret)
		return true;
	n = snprintf(ret, WALK_PATH_BYTES, "%.*s", (int)to.len, to.p);
	return n >= 0 && n < WALK_PATH_BYTES;
}

static int see_listed(struct loading *l, struct slice line, struct err *e)
{
	struct package *p = &l->d->v[l->package - 1];
	char path[WALK_PATH_BYTES];
	uint32_t file;

	if (slice_is(line, "/."))
		return 0;
	if (!dpkg_path_is_sane(line) || *line.p != '/' ||
		!on_disk(path, l, line)) {
		l->bad_lines++;
		return 0;
	}
	p->files++;
	file = walk_find(l->from->w, path, 0);
	if (file == WALK_NONE)
		return is_excluded(l, path) ? 0
					    : packages_miss(l->d, l->from,
						      l->package, path, e);
	l->d->owned[file].package = l->package;
	return 0;
}

static int set_md5(struct loading *l, const struct dpkg_checksum *sum,
	unsigned how, bool conffile, struct err *e)
{
	char path[WALK_PATH_BYTES];
	uint32_t file;

	if (!on_disk(path, l, sum->path))
		return 0;
	l->d->v[l->package - 1].checksums++;
	l->d->v[l->package - 1].files += !l->listed;
	file = walk_find(l->from->w, path, how);
	if (file == WALK_NONE)
		return l->listed ? 0
				 : packages_miss(
					   l->d, l->from, l->package, path, e);
	packages_own(l->d, file, l->package, PACKAGES_MD5, sum->md5);
	l->d->owned[file].conffile = conffile;
	return 0;
}

static int see_md5sum(struct loading *l, struct slice line, struct err *e)
{
	struct dpkg_checksum sum;

	if (dpkg_md5sums_line(&sum, line) == 0)
		return set_md5(l, &sum, 0, false, e);
	l->bad_lines++;
	return 0;
}

static int see_conffile(struct loading *l, struct slice line, struct err *e)
{
	struct dpkg_checksum sum;
	int r = dpkg_conffile_line(&sum, line);

	if (r == 0)
		return set_md5(l, &sum, WALK_FOLLOW, true, e);
	l->bad_lines += r < 0;
	return 0;
}

typedef int see_line(struct loading *l, struct slice line, struct err *e);

static int see_lines(
	struct loading *l, struct slice rest, see_line *see, struct err *e)
{
	struct slice line;
	int r = 0;

	while (r == 0 && slice_line(&line, &rest))
		if (line.len)
			r = see(l, line, e);
	return r;
}

/* info/NAME.SUFFIX, or info/NAME:ARCHITECTURE.SUFFIX. */
static int see_info(
	struct loading *l, const char *suffix, see_line *see, struct err *e)
{
	const struct package *p = &l->d->v[l->package - 1];
	const char *name = packages_text(l->d, p->name);
	char path[WALK_PATH_BYTES];
	int r = 0, n;

	for (int with = 0; r == 0 && with < 2; with++) {
		AUTO_BUF struct buf b = { 0 };

		n = snprintf(path, sizeof(path), DPKG_DIR "info/%s%s%s.%s",
			name, with ? ":" : "",
			with ? packages_text(l->d, p->architecture) : "", suffix);
		if (n < 0 || n >= WALK_PATH_BYTES)
			return 0;
		r = slurp(l, path, &b, e);
		if (r > 0)
			return see_lines(l, slice_of_buf(&b), see, e);
	}
	return r;
}

static int add_package(
	struct loading *l, const struct dpkg_stanza *s, struct err *e)
{
	const struct package p = {
		.format = "dpkg",
		.name = keep(l, s->name),
		.version = keep(l, s->version),
		.architecture = keep(l, s->architecture),
		.status = keep(l, s->status),
	};

	l->package = packages_add(l->d, &p);
	return l->package ? 0
			  : miss(l, DPKG_DIR,
				    "more packages than there is room for", e);
}

static int see_package(
	struct loading *l, const struct dpkg_stanza *s, struct err *e)
{
	int r = add_package(l, s, e);

	if (r < 0 || !l->package)
		return r;
	if (!slice_ends(s->status, " installed"))
		return 0;
	r = see_info(l, "list", see_listed, e);
	if (r == 0)
		r = see_info(l, "md5sums", see_md5sum, e);
	return r < 0 ? r : see_lines(l, s->conffiles, see_conffile, e);
}

static int load_status(struct loading *l, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	struct dpkg_stanza s;
	struct slice rest;
	int r = slurp(l, DPKG_DIR "status", &b, e);

	if (r <= 0)
		return r;
	r = packages_init(l->d, l->from, e);
	l->d->whole = true;
	rest = slice_of_buf(&b);
	while (r == 0 && l->d->n < PACKAGES_MAX && dpkg_next_stanza(&s, &rest)) {
		if (!dpkg_path_is_sane(s.name) ||
			memchr(s.name.p, '/', s.name.len)) {
			l->bad_lines++;
			continue;
		}
		r = see_package(l, &s, e);
	}
	return r;
}

/* Of images that were built without dpkg: status.d/NAME, a stanza without a
 * status, and the checksums of its files beside it. */
static int see_single(void *arg, uint32_t file, struct err *e)
{
	struct loading *l = arg;
	char path[WALK_PATH_BYTES];
	AUTO_BUF struct buf status = { 0 };
	AUTO_BUF struct buf sums = { 0 };
	struct slice rest;
	struct dpkg_stanza s;
	int len = walk_path(path, l->from->w, file), r;

	if (len < 0 || len + sizeof(".md5sums") > sizeof(path) ||
		slice_ends(slice_of(path), ".md5sums"))
		return 0;
	r = slurp(l, path, &status, e);
	rest = slice_of_buf(&status);
	if (r <= 0 || !dpkg_next_stanza(&s, &rest) || !s.name.len)
		return r < 0 ? r : 0;
	r = packages_init(l->d, l->from, e);
	if (r == 0)
		r = add_package(l, &s, e);
	if (r < 0 || !l->package)
		return r;
	l->d->whole = true;
	(void)snprintf(path + len, sizeof(path) - (size_t)len, ".md5sums");
	r = slurp(l, path, &sums, e);
	return r <= 0 ? r : see_lines(l, slice_of_buf(&sums), see_md5sum, e);
}

int dpkg_load(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	AUTO_FREE struct loading *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_set(e, -ENOMEM, "no memory for packages");
	l->d = into;
	l->from = from;
	r = walk_glob(from->w, "/etc/dpkg/dpkg.cfg", load_filters, l, e);
	if (r == 0)
		r = walk_glob(
			from->w, "/etc/dpkg/dpkg.cfg.d/*", load_filters, l, e);
	if (r == 0)
		r = load_diversions(l, e);
	l->listed = true;
	if (r == 0)
		r = load_status(l, e);
	l->listed = false;
	if (r == 0)
		r = walk_glob(from->w, DPKG_DIR "status.d/*", see_single, l, e);
	into->bad += l->bad_lines;
	if (r == 0 && l->bad_lines)
		r = miss(l, DPKG_DIR, "lines that dpkg does not write", e);
	buf_done(&l->diversions_text);
	return r;
}
