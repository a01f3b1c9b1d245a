/* SPDX-License-Identifier: Apache-2.0 */
/* A small disk in a directory, for the tests of the disk floor. */
#ifndef UNIT_DISK_TREE_H
#define UNIT_DISK_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "disk/root.h"
#include "disk/walk.h"
#include "unit/scratch.h"
#include "unit/unit.h"

/* Directories, each after its parent, from "a/b/c". */
static inline void tree_mkdir(const char *top, const char *path)
{
	char name[SCRATCH_CHARS], at[SCRATCH_CHARS];

	(void)snprintf(name, sizeof(name), "%s", path);
	for (char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		scratch_path(at, top, name);
		assert_true(mkdir(at, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
	scratch_path(at, top, name);
	assert_true(mkdir(at, 0755) == 0 || errno == EEXIST);
}

static inline void tree_write(const char *top, const char *path, const char *text)
{
	scratch_write(top, path, text, strlen(text));
}

/* Misses, counted. */
struct tree_misses {
	int n;
	char last[WALK_PATH_BYTES];
	char reason[ERR_MSG_BYTES];
};

static inline int tree_miss(
	void *arg, const char *path, const char *reason, struct err *e)
{
	struct tree_misses *m = arg;

	(void)e;
	m->n++;
	(void)snprintf(m->last, sizeof(m->last), "%s", path);
	(void)snprintf(m->reason, sizeof(m->reason), "%s", reason);
	return 0;
}

#endif
