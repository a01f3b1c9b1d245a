// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/dpkg.h"
#include "disk/dpkg_text.h"
#include "disk/root.h"

#define DPKG_DIR "/var/lib/dpkg/"

enum { TEXT_BYTES = 64 << 20, MISSING_FIRST = 256 };

struct filter {
	int kind; /* enum dpkg_filter_kind */
	uint32_t pattern;
};

/* What loading holds besides what it makes. */
struct loading {
	struct dpkg *d;
	const struct disk_root *root;
	const struct walk *w;
	walk_miss *miss;
	void *arg;
	struct buf diversions_text;
	struct dpkg_diversion diversions[DPKG_DIVERSIONS_MAX];
	size_t diversions_n;
	struct filter filters[DPKG_FILTERS_MAX];
	size_t filters_n;
	size_t missing_cap;
	uint64_t lost; /* texts that had no room */
	uint16_t package; /* whose lines are read */
};

static uint32_t keep(struct loading *l, struct slice s)
{
	struct buf *b = &l->d->text;
	uint32_t at = (uint32_t)b->len;

	if (buf_append(b, s.p, s.len, NULL) == 0 &&
		buf_append(b, "", 1, NULL) == 0)
		return at;
	b->len = at;
	l->lost++;
	return 0;
}

/* A file of the database into ${b}: 1 when it is there, 0 when there is none
 * or it was told as missed. */
static int slurp(
	struct loading *l, const char *path, struct buf *b, struct err *e)
{
	struct err why = { 0 };
	int r;

	buf_init(b, DPKG_FILE_BYTES);
	if (walk_find(l->w, path, WALK_FOLLOW) == WALK_NONE)
		return 0;
	r = root_slurp(l->root, path, b, &why);
	if (r < 0) {
		r = l->miss(l->arg, path, why.msg, e);
		return r < 0 ? r : 0;
	}
	return 1;
}

static struct slice all_of(const struct buf *b)
{
	return (struct slice){ b->len ? (const char *)b->data : "", b->len };
}

static int load_diversions(struct loading *l, struct err *e)
{
	int r = slurp(l, DPKG_DIR "diversions", &l->diversions_text, e);
	struct slice rest = all_of(&l->diversions_text);

	if (r <= 0)
		return r;
	while (l->diversions_n < DPKG_DIVERSIONS_MAX &&
		dpkg_next_diversion(&l->diversions[l->diversions_n], &rest))
		l->diversions_n++;
	return rest.len && l->diversions_n == DPKG_DIVERSIONS_MAX
		       ? l->miss(l->arg, DPKG_DIR "diversions",
				 "too many diversions", e)
		       : 0;
}

static int load_filters(void *arg, uint32_t file, struct err *e)
{
	struct loading *l = arg;
	char path[WALK_PATH_BYTES];
	AUTO_BUF struct buf b = { 0 };
	struct slice rest, line, pattern;
	int r = walk_path(path, l->w, file);

	if (r > 0)
		r = slurp(l, path, &b, e);
	rest = all_of(&b);
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
		if (fnmatch(dpkg_text(l->d, l->filters[i].pattern), path, 0) == 0)
			excluded = l->filters[i].kind == DPKG_EXCLUDE;
	return excluded;
}

/* Where the package's file ${path} went. */
static struct slice divert(const struct loading *l, struct slice path)
{
	const char *own = dpkg_name(l->d, l->package);

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

static int add_missing(struct loading *l, const char *path, struct err *e)
{
	struct dpkg *d = l->d;

	if (is_excluded(l, path) || d->missing_n == DPKG_MISSING_MAX)
		return 0;
	if (d->missing_n == l->missing_cap) {
		size_t cap = l->missing_cap ? l->missing_cap * 2 : MISSING_FIRST;
		struct dpkg_missing *more =
			reallocarray(d->missing, cap, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for packages");
		d->missing = more;
		l->missing_cap = cap;
	}
	d->missing[d->missing_n++] = (struct dpkg_missing){ .package = l->package,
		.path = keep(l, slice_of(path)) };
	if (d->missing_n == DPKG_MISSING_MAX)
		return l->miss(l->arg, DPKG_DIR "info",
			"more missing files than there is room for", e);
	return 0;
}

static int see_listed(struct loading *l, struct slice line, struct err *e)
{
	struct dpkg_package *p = &l->d->packages[l->package - 1];
	char path[WALK_PATH_BYTES];
	uint32_t file;

	if (slice_is(line, "/."))
		return 0;
	if (!dpkg_path_is_sane(line) || *line.p != '/' ||
		!on_disk(path, l, line)) {
		l->d->bad_lines++;
		return 0;
	}
	p->files++;
	file = walk_find(l->w, path, 0);
	if (file == WALK_NONE)
		return add_missing(l, path, e);
	l->d->owned[file].package = l->package;
	return 0;
}

static void set_md5(struct loading *l, const struct dpkg_checksum *sum,
	unsigned how, bool conffile)
{
	char path[WALK_PATH_BYTES];
	struct dpkg_owned *o;
	uint32_t file;

	if (!on_disk(path, l, sum->path))
		return;
	l->d->packages[l->package - 1].checksums++;
	file = walk_find(l->w, path, how);
	if (file == WALK_NONE)
		return;
	o = &l->d->owned[file];
	o->package = l->package;
	o->conffile = conffile;
	o->has_md5 = true;
	memcpy(o->md5, sum->md5, sizeof(o->md5));
}

static int see_md5sum(struct loading *l, struct slice line, struct err *e)
{
	struct dpkg_checksum sum;

	(void)e;
	if (dpkg_md5sums_line(&sum, line) < 0)
		l->d->bad_lines++;
	else
		set_md5(l, &sum, 0, false);
	return 0;
}

static int see_conffile(struct loading *l, struct slice line, struct err *e)
{
	struct dpkg_checksum sum;
	int r = dpkg_conffile_line(&sum, line);

	(void)e;
	if (r < 0)
		l->d->bad_lines++;
	else if (r == 0)
		set_md5(l, &sum, WALK_FOLLOW, true);
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
	const struct dpkg_package *p = &l->d->packages[l->package - 1];
	const char *name = dpkg_text(l->d, p->name);
	char path[WALK_PATH_BYTES];
	int r = 0, n;

	for (int with = 0; r == 0 && with < 2; with++) {
		AUTO_BUF struct buf b = { 0 };

		n = snprintf(path, sizeof(path), DPKG_DIR "info/%s%s%s.%s",
			name, with ? ":" : "",
			with ? dpkg_text(l->d, p->architecture) : "", suffix);
		if (n < 0 || n >= WALK_PATH_BYTES)
			return 0;
		r = slurp(l, path, &b, e);
		if (r > 0)
			return see_lines(l, all_of(&b), see, e);
	}
	return r;
}

static int see_package(
	struct loading *l, const struct dpkg_stanza *s, struct err *e)
{
	struct dpkg *d = l->d;
	int r;

	d->packages[d->packages_n++] = (struct dpkg_package){
		.name = keep(l, s->name),
		.version = keep(l, s->version),
		.architecture = keep(l, s->architecture),
		.status = keep(l, s->status),
	};
	l->package = (uint16_t)d->packages_n;
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
	struct dpkg *d = l->d;
	struct dpkg_stanza s;
	struct slice rest;
	int r = slurp(l, DPKG_DIR "status", &b, e);

	if (r <= 0)
		return r;
	d->found = true;
	d->owned = calloc(l->w->n, sizeof(*d->owned));
	d->packages = calloc(DPKG_PACKAGES_MAX, sizeof(*d->packages));
	if (!d->owned || !d->packages)
		return err_set(e, -ENOMEM, "no memory for packages");
	rest = all_of(&b);
	r = 0;
	while (r == 0 && dpkg_next_stanza(&s, &rest)) {
		if (!dpkg_path_is_sane(s.name) ||
			memchr(s.name.p, '/', s.name.len)) {
			d->bad_lines++;
			continue;
		}
		if (d->packages_n == DPKG_PACKAGES_MAX)
			return l->miss(l->arg, DPKG_DIR "status",
				"more packages than there is room for", e);
		r = see_package(l, &s, e);
	}
	if (r == 0 && d->bad_lines)
		r = l->miss(
			l->arg, DPKG_DIR, "lines that dpkg does not write", e);
	return r;
}

int dpkg_load(struct dpkg *ret, const struct disk_root *root,
	const struct walk *w, walk_miss *miss, void *arg, struct err *e)
{
	AUTO_FREE struct loading *l = calloc(1, sizeof(*l));
	int r;

	*ret = (struct dpkg){ 0 };
	if (!l)
		return err_set(e, -ENOMEM, "no memory for packages");
	l->d = ret;
	l->root = root;
	l->w = w;
	l->miss = miss;
	l->arg = arg;
	buf_init(&ret->text, TEXT_BYTES);
	r = buf_append(&ret->text, "", 1, e);
	if (r == 0)
		r = walk_glob(w, "/etc/dpkg/dpkg.cfg", load_filters, l, e);
	if (r == 0)
		r = walk_glob(w, "/etc/dpkg/dpkg.cfg.d/*", load_filters, l, e);
	if (r == 0)
		r = load_diversions(l, e);
	if (r == 0)
		r = load_status(l, e);
	if (r == 0 && l->lost)
		r = miss(arg, DPKG_DIR, "texts that there was no room for", e);
	buf_done(&l->diversions_text);
	if (r < 0)
		dpkg_done(ret);
	return r;
}

void dpkg_done(struct dpkg *d)
{
	free(d->packages);
	free(d->owned);
	free(d->missing);
	buf_done(&d->text);
	*d = (struct dpkg){ 0 };
}
