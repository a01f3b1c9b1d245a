// SPDX-License-Identifier: Apache-2.0
/* Paths into the table, and back. */
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/walk.h"

enum { PATTERN_PART_BYTES = 256, FRONTIER_FIRST = 64 };

int walk_path(char ret[WALK_PATH_BYTES], const struct walk *w, uint32_t file)
{
	size_t len = 0, at;

	for (uint32_t i = file; i; i = w->files[i].parent)
		len += strlen(walk_name(w, i)) + 1;
	if (!len)
		return snprintf(ret, WALK_PATH_BYTES, "/");
	if (len >= WALK_PATH_BYTES)
		return -ENAMETOOLONG;
	ret[len] = 0;
	at = len;
	for (uint32_t i = file; i; i = w->files[i].parent) {
		size_t part = strlen(walk_name(w, i));

		at -= part;
		memcpy(ret + at, walk_name(w, i), part);
		ret[--at] = '/';
	}
	return (int)len;
}

uint32_t walk_child(
	const struct walk *w, uint32_t directory, const char *name, size_t len)
{
	const struct walk_file *d = &w->files[directory];
	uint32_t low = 0, high = d->children;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const char *own = walk_name(w, d->first + mid);
		int c = strncmp(own, name, len);

		if (c == 0 && own[len])
			c = 1;
		if (c == 0)
			return d->first + mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return WALK_NONE;
}

/* Put the target of ${link} before ${rest}: 0, or -1 when it is too long. */
static int splice(char path[WALK_PATH_BYTES], const char *target, const char *rest)
{
	char next[WALK_PATH_BYTES];
	int n = snprintf(next, sizeof(next), "%s/%s", target, rest);

	if (n < 0 || (size_t)n >= sizeof(next))
		return -1;
	memcpy(path, next, (size_t)n + 1);
	return 0;
}

uint32_t walk_find(const struct walk *w, const char *path, unsigned how)
{
	char left[WALK_PATH_BYTES];
	const char *p = left;
	uint32_t at = 0;
	int links = 0;

	if (!w->n || splice(left, path, "") < 0)
		return WALK_NONE;
	for (p += strspn(p, "/"); *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");
		bool last = !p[len + strspn(p + len, "/")];
		uint32_t next = at;

		if (len == 2 && memcmp(p, "..", 2) == 0)
			next = w->files[at].parent;
		else if (len != 1 || *p != '.')
			next = walk_child(w, at, p, len);
		if (next == WALK_NONE)
			return WALK_NONE;
		p += len;
		if (!S_ISLNK(w->files[next].mode) ||
			(last && !(how & WALK_FOLLOW))) {
			at = next;
			continue;
		}
		if (++links > WALK_LINKS_MAX)
			return WALK_NONE;
		if (walk_text(w, w->files[next].target)[0] == '/')
			at = 0;
		if (splice(left, walk_text(w, w->files[next].target), p) < 0)
			return WALK_NONE;
		p = left;
	}
	return at;
}

/* The files that a part of the pattern led to. */
struct frontier {
	uint32_t *v;
	size_t n;
	size_t cap;
};

static int reach(struct frontier *f, uint32_t file, struct err *e)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : FRONTIER_FIRST;
		uint32_t *more = reallocarray(f->v, cap, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for a pattern");
		f->v = more;
		f->cap = cap;
	}
	f->v[f->n++] = file;
	return 0;
}

static int reach_children(struct frontier *to, const struct walk *w,
	uint32_t from, const char *part, struct err *e)
{
	const struct walk_file *d = &w->files[from];
	uint32_t one;
	int r = 0;

	if (!strpbrk(part, "*?[(")) {
		one = walk_child(w, from, part, strlen(part));
		return one == WALK_NONE ? 0 : reach(to, one, e);
	}
	for (uint32_t i = 0; r == 0 && i < d->children; i++)
		if (strcmp(part, "**") == 0 ||
			fnmatch(part, walk_name(w, d->first + i),
				FNM_EXTMATCH) == 0)
			r = reach(to, d->first + i, e);
	return r;
}

/* Everything below ${f} joins it: children follow their directory in ${f}. */
static int reach_below(struct frontier *f, const struct walk *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++)
		r = reach_children(f, w, f->v[i], "**", e);
	return r;
}

static int reach_part(struct frontier *f, const struct walk *w,
	const char *part, bool last, struct err *e)
{
	struct frontier next = { 0 };
	bool below = strcmp(part, "**") == 0;
	int r = 0;

	/* Of directories between two others there may be none. */
	if (below && !last)
		return reach_below(f, w, e);
	for (size_t i = 0; r == 0 && i < f->n; i++)
		r = reach_children(&next, w, f->v[i], part, e);
	if (r == 0 && below)
		r = reach_below(&next, w, e);
	free(f->v);
	*f = next;
	return r;
}

static int glob(const struct walk *w, const char *pattern, walk_see *see,
	void *arg, struct err *e)
{
	struct frontier f = { 0 };
	const char *p = pattern + strspn(pattern, "/");
	int r = w->n ? reach(&f, 0, e) : 0;

	while (r == 0 && *p && f.n) {
		char part[PATTERN_PART_BYTES];
		size_t len = strcspn(p, "/");

		if (len >= sizeof(part)) {
			r = err_set(e, -ENAMETOOLONG, "pattern %s", pattern);
			break;
		}
		(void)snprintf(part, sizeof(part), "%.*s", (int)len, p);
		p += len;
		p += strspn(p, "/");
		r = reach_part(&f, w, part, !*p, e);
	}
	for (size_t i = 0; r == 0 && i < f.n; i++)
		r = see(arg, f.v[i], e);
	free(f.v);
	return r;
}

int walk_glob(const struct walk *w, const char *pattern, walk_see *see,
	void *arg, struct err *e)
{
	const char *open = strchr(pattern, '{'), *at, *end;
	const char *close = open ? strchr(open, '}') : NULL;
	int r = 0;

	if (!close)
		return glob(w, pattern, see, arg, e);
	for (at = open + 1; r == 0 && at <= close; at = end + 1) {
		char one[WALK_PATH_BYTES];
		int n;

		end = at + strcspn(at, ",}");
		n = snprintf(one, sizeof(one), "%.*s%.*s%s",
			(int)(open - pattern), pattern, (int)(end - at), at,
			close + 1);
		if (n < 0 || (size_t)n >= sizeof(one))
			return err_set(e, -ENAMETOOLONG, "pattern %s", pattern);
		r = walk_glob(w, one, see, arg, e);
	}
	return r;
}
