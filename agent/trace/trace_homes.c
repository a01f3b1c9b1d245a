// SPDX-License-Identifier: Apache-2.0
/* Where histories lie. */
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "trace/trace_internal.h"

enum {
	HOMES_MAX = 256, /* besides /root and those in /home */
	PASSWD_BYTES = 1 << 20,
	HOME_FIELD = 5, /* of passwd(5), from 0 */
};

/* Field ${n} of a line of passwd(5); empty: there is none. */
static struct slice field(struct slice line, int n)
{
	const char *end;

	for (; n > 0; n--) {
		end = memchr(line.p, ':', line.len);
		if (!end)
			return slice_of("");
		line.len -= (size_t)(end + 1 - line.p);
		line.p = end + 1;
		if (!line.len)
			return slice_of("");
	}
	end = memchr(line.p, ':', line.len);
	return (struct slice){ line.p, end ? (size_t)(end - line.p) : line.len };
}

/* The directory of a line's home, unless the patterns of homes have it. */
static uint32_t home_of(const struct walk *w, struct slice line)
{
	struct slice home = field(line, HOME_FIELD);
	char path[WALK_PATH_BYTES];
	uint32_t file;

	if (!home.len || *home.p != '/' || home.len >= sizeof(path))
		return WALK_NONE;
	memcpy(path, home.p, home.len);
	path[home.len] = 0;
	file = walk_find(w, path, WALK_FOLLOW);
	if (file == WALK_NONE || file == walk_find(w, "/root", 0) ||
		(file && w->files[file].parent == walk_find(w, "/home", 0)))
		return WALK_NONE;
	return file;
}

static bool add_home(uint32_t homes[HOMES_MAX], size_t *n, uint32_t home)
{
	for (size_t i = 0; i < *n; i++)
		if (homes[i] == home)
			return false;
	if (*n == HOMES_MAX)
		return false;
	homes[(*n)++] = home;
	return true;
}

static int see_home(const struct walk *w, uint32_t home, const char *pattern,
	walk_see *see, void *arg, struct err *e)
{
	char path[WALK_PATH_BYTES], whole[WALK_PATH_BYTES];
	int n = walk_path(path, w, home);

	/* A name may be made to be a pattern of every file. */
	if (n < 0 || strpbrk(path, "*?[({\\"))
		return 0;
	n = snprintf(whole, sizeof(whole), "%s%s", home ? path : "", pattern);
	return n < 0 || (size_t)n >= sizeof(whole)
		       ? 0
		       : walk_glob(w, whole, see, arg, e);
}

int trace_homes(const struct picture *p, const char *pattern, walk_see *see,
	void *arg, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	char usual[WALK_PATH_BYTES];
	uint32_t homes[HOMES_MAX];
	struct slice rest, line;
	struct err why = { 0 };
	size_t n = 0;
	int r;

	(void)snprintf(usual, sizeof(usual), "{/root,/home/*}%s", pattern);
	buf_init(&b, PASSWD_BYTES);
	r = walk_glob(&p->walk, usual, see, arg, e);
	if (r < 0)
		return r;
	r = root_slurp(&p->root, "/etc/passwd", &b, &why);
	/* A disk without accounts has the usual homes only. */
	if (r < 0)
		return r == -ENOMEM ? err_set(e, r, "%s", why.msg) : 0;
	rest = slice_of_buf(&b);
	while (r == 0 && slice_line(&line, &rest)) {
		uint32_t home = home_of(&p->walk, line);

		if (home != WALK_NONE && add_home(homes, &n, home))
			r = see_home(&p->walk, home, pattern, see, arg, e);
	}
	return r;
}
