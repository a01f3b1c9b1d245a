// SPDX-License-Identifier: Apache-2.0
#include "disk/python.h"

#include <errno.h>

#include "base/err.h"
#include "disk/base64.h"

/* Where an interpreter of the system, a user or an environment looks. */
static const char pattern[] =
	"/{usr/lib,usr/lib64,usr/local,opt,srv,home,root,var}"
	"/**/{site,dist}-packages/*.dist-info/RECORD";

struct loading {
	struct packages *into;
	const struct packages_from *from;
};

int python_record_line(struct python_line *ret, struct slice line)
{
	struct slice rest = line;
	const char *end;

	*ret = (struct python_line){ .path = line };
	if (line.len && *line.p == '"') {
		ret->quoted = true;
		rest.p++, rest.len--;
		ret->path.p++;
		/* The mark that no other follows. */
		for (end = rest.p; end < rest.p + rest.len; end++)
			if (*end == '"' &&
				(end + 1 == rest.p + rest.len || *++end != '"'))
				break;
		if (end >= rest.p + rest.len || *end != ',')
			return -EBADMSG;
		ret->path.len = (size_t)(end - ret->path.p) - 1;
	} else {
		end = memchr(rest.p, ',', rest.len);
		if (!end)
			return -EBADMSG;
		ret->path.len = (size_t)(end - ret->path.p);
	}
	rest.len -= (size_t)(end + 1 - rest.p);
	rest.p = end + 1;
	end = memchr(rest.p, ',', rest.len);
	if (!ret->path.len || memchr(ret->path.p, 0, ret->path.len) || !end)
		return -EBADMSG;
	rest.len = (size_t)(end - rest.p);
	if (!slice_begins(rest, "sha256="))
		return 0;
	rest.p += strlen("sha256=");
	rest.len -= strlen("sha256=");
	ret->has_sha256 = base64_decode(ret->sha256, sizeof(ret->sha256), rest);
	return ret->has_sha256 ? 0 : -EBADMSG;
}

/* Take "." and ".." out of ${path}: its directories are no links. */
static void straighten(char *path)
{
	char *to = path;

	for (const char *p = path + strspn(path, "/"); *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");

		if (len == 2 && memcmp(p, "..", 2) == 0) {
			while (to > path && *--to != '/')
				;
		} else if (len != 1 || *p != '.') {
			*to++ = '/';
			memmove(to, p, len);
			to += len;
		}
		p += len;
	}
	*to = 0;
}

/* "DIRECTORY/PATH", or the path when it is absolute; false: too long. */
static bool join(char ret[WALK_PATH_BYTES], struct slice directory,
	const struct python_line *line)
{
	size_t len = 0;

	if (*line->path.p != '/') {
		if (directory.len + 1 >= WALK_PATH_BYTES)
			return false;
		memcpy(ret, directory.p, directory.len);
		len = directory.len;
		ret[len++] = '/';
	}
	for (size_t i = 0; i < line->path.len; i++) {
		if (len + 1 >= WALK_PATH_BYTES)
			return false;
		ret[len++] = line->path.p[i];
		i += line->quoted && line->path.p[i] == '"';
	}
	ret[len] = 0;
	straighten(ret);
	return true;
}

/* The list that lines are of. */
struct record {
	struct slice directory; /* that its paths are from */
	uint32_t uid; /* of who wrote it: no other's files are of it */
	uint16_t number; /* of its package */
};

static int see_line(struct loading *l, const struct record *record,
	const struct python_line *line, struct err *e)
{
	char path[WALK_PATH_BYTES];
	uint32_t file;

	if (!join(path, record->directory, line)) {
		l->into->bad++;
		return 0;
	}
	l->into->v[record->number - 1].files++;
	l->into->v[record->number - 1].checksums += line->has_sha256;
	file = walk_find(l->from->w, path, 0);
	/* What is made when it is first used has none. */
	if (file == WALK_NONE)
		return line->has_sha256 ? packages_miss(l->into, l->from,
						  record->number, path, e)
					: 0;
	if (!l->into->owned[file].package &&
		l->from->w->files[file].uid == record->uid)
		packages_own(l->into, file, record->number,
			line->has_sha256 ? PACKAGES_SHA256 : PACKAGES_NONE,
			line->sha256);
	return 0;
}

/* NAME-VERSION of the directory that RECORD is in. */
static uint16_t add_package(struct loading *l, struct slice info)
{
	const char *dash = memrchr(info.p, '-', info.len);
	struct slice name = info, version = { "", 0 };
	struct package p = { .format = "python" };

	if (dash) {
		name.len = (size_t)(dash - info.p);
		version = (struct slice){ dash + 1, info.len - name.len - 1 };
	}
	p.name = packages_keep(l->into, name);
	p.version = packages_keep(l->into, version);
	return packages_add(l->into, &p);
}

static int see_record(void *arg, uint32_t file, struct err *e)
{
	struct loading *l = arg;
	const struct walk *w = l->from->w;
	uint32_t info = w->files[file].parent;
	char path[WALK_PATH_BYTES], top[WALK_PATH_BYTES];
	int n = walk_path(top, w, w->files[info].parent);
	AUTO_BUF struct buf b = { 0 };
	struct slice rest, line, name = slice_of(walk_name(w, info));
	struct python_line v;
	struct record record = { .uid = w->files[file].uid };
	int r;

	if (n < 0 || walk_path(path, w, file) < 0)
		return 0; /* told by the walk */
	r = packages_init(l->into, l->from, e);
	/* A packager of the system may have moved what he took over. */
	if (r == 0 && l->into->owned[file].package)
		return 0;
	if (r == 0)
		r = packages_slurp(l->from, path, &b, e);
	if (r <= 0)
		return r;
	name.len -= strlen(".dist-info");
	record.number = add_package(l, name);
	record.directory = (struct slice){ top, (size_t)n };
	if (!record.number)
		return l->from->miss(l->from->arg, path,
			"more packages than there is room for", e);
	r = 0;
	rest = slice_of_buf(&b);
	while (r == 0 && slice_line(&line, &rest)) {
		line = slice_trim(line);
		if (python_record_line(&v, line) < 0)
			l->into->bad += line.len != 0;
		else
			r = see_line(l, &record, &v, e);
	}
	return r;
}

int python_load(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	struct loading l = { into, from };

	return walk_glob(from->w, pattern, see_record, &l, e);
}
