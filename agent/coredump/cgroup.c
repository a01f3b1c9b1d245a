// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "coredump/cgroup.h"

/* One line; what is no such line is passed over. */
static void see_line(struct cgroup_place *ret, char *line)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	bool is_freezer;

	if (!path || path[1] != '/')
		return;
	*path++ = 0;
	path++;
	is_freezer = strcmp(controllers + 1, "freezer") == 0;
	if (!is_freezer && controllers[1])
		return;
	/* One that has a place of its own for it counts, v1's more. */
	if (ret->path && (is_freezer ? !path[0] : ret->path[0]))
		return;
	ret->is_v1 = is_freezer;
	ret->path = path;
}

/* "/../x" is seen from inside another cgroup namespace. */
static bool leads_out(const char *path)
{
	return strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2]);
}

int cgroup_parse(struct cgroup_place *ret, char *text, struct err *e)
{
	*ret = (struct cgroup_place){ 0 };
	for (char *line = text, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		see_line(ret, line);
	}
	if (!ret->path || leads_out(ret->path))
		return err_set(e, -ENOENT, "its cgroup is not below ours");
	return 0;
}

bool cgroup_is_within(const char *inner, const char *outer)
{
	size_t len = strlen(outer);

	return strncmp(inner, outer, len) == 0 &&
	       (!len || inner[len] == 0 || inner[len] == '/');
}
