// SPDX-License-Identifier: Apache-2.0
#include "disk/npm.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/json.h"
#include "disk/root.h"

enum { LOCK_BYTES = 32 << 20, MANIFEST_BYTES = 1 << 20 };

static const char pattern[] = "/{usr/lib,usr/local,opt,srv,home,root,var,app}"
			      "/**/node_modules/.package-lock.json";

/* One tree of modules. */
struct loading {
	struct packages *into;
	const struct packages_from *from;
	json_t *locked; /* "node_modules/NAME" to an object; of the lock */
	const char *top; /* of the directory that node_modules is in */
};

/* A file as an object; *ret NULL where it cannot be had, which is told. */
static int load(json_t **ret, const struct packages_from *from,
	const char *path, size_t most, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	int r;

	*ret = NULL;
	buf_init(&b, most);
	r = root_slurp(from->root, path, &b, &why);
	if (r == 0)
		r = json_decode(ret, b.data, b.len, &why);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	return r < 0 ? from->miss(from->arg, path, why.msg, e) : 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* The directory of a package, by the version that its own manifest tells. */
static int see_package(struct loading *l, uint32_t directory, struct err *e)
{
	const struct walk *w = l->from->w;
	char path[WALK_PATH_BYTES + 16];
	AUTO_JSON json_t *manifest = NULL;
	const json_t *locked;
	struct package p = { .format = "npm" };
	int len = walk_path(path, w, directory), r;

	if (len < 0 || walk_child(w, directory, "package.json", 12) == WALK_NONE)
		return 0;
	(void)snprintf(path + len, sizeof(path) - (size_t)len, "/package.json");
	r = load(&manifest, l->from, path, MANIFEST_BYTES, e);
	if (r < 0 || !manifest)
		return r;
	path[len] = 0;
	locked = json_object_get(l->locked, path + strlen(l->top) + 1);
	p.name = packages_keep(l->into, slice_of(text_of(manifest, "name")));
	p.version =
		packages_keep(l->into, slice_of(text_of(manifest, "version")));
	p.not_locked = !locked;
	p.other_version = locked && strcmp(text_of(locked, "version"),
					    text_of(manifest, "version")) != 0;
	return packages_add(l->into, &p)
		       ? 0
		       : l->from->miss(l->from->arg, path,
				 "more packages than there is room for", e);
}

/* node_modules/NAME and node_modules/@SCOPE/NAME; those of its own below. */
static int see_modules(struct loading *l, uint32_t modules, struct err *e)
{
	const struct walk *w = l->from->w;
	const struct walk_file *d = &w->files[modules];
	int r = 0;

	for (uint32_t i = d->first; r == 0 && i < d->first + d->children; i++) {
		const char *name = walk_name(w, i);
		uint32_t own;

		if (!S_ISDIR(w->files[i].mode) || *name == '.')
			continue;
		if (*name == '@') {
			r = see_modules(l, i, e);
			continue;
		}
		r = see_package(l, i, e);
		own = walk_child(w, i, "node_modules", 12);
		if (r == 0 && own != WALK_NONE)
			r = see_modules(l, own, e);
	}
	return r;
}

static int see_lock(void *arg, uint32_t file, struct err *e)
{
	struct loading *l = arg;
	const struct walk *w = l->from->w;
	uint32_t modules = w->files[file].parent;
	char path[WALK_PATH_BYTES], top[WALK_PATH_BYTES];
	AUTO_JSON json_t *lock = NULL;
	int r = packages_init(l->into, l->from, e);

	/* One that a package of the system brought is told by that. */
	if (r < 0 || l->into->owned[file].package ||
		walk_path(path, w, file) < 0 ||
		walk_path(top, w, w->files[modules].parent) < 0)
		return r;
	r = load(&lock, l->from, path, LOCK_BYTES, e);
	l->locked = json_object_get(lock, "packages");
	l->top = top;
	if (r == 0 && l->locked)
		r = see_modules(l, modules, e);
	l->locked = NULL;
	l->top = NULL;
	return r;
}

int npm_load(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	struct loading l = { .into = into, .from = from };

	return walk_glob(from->w, pattern, see_lock, &l, e);
}
