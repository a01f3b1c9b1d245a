/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk of the tree, and the table that everything else is derived from.
 *
 * A file is its number in the table: 0 is the root, a directory's children
 * follow each other in the order of their names (bytes), and every directory
 * stands before its children.  Names, targets and the like lie in one arena and
 * are told by their offset; 0 is "".  Mounts below are walked too, but those of
 * pseudo file systems, which are told as missed.
 */
#ifndef DISK_WALK_H
#define DISK_WALK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

struct disk_root;
struct err;

enum {
	WALK_FILES_MAX = 1 << 20,
	WALK_TEXT_BYTES = 128 << 20, /* of names, targets, names of xattrs */
	WALK_PATH_BYTES = 4096, /* with its NUL; PATH_MAX of Linux */
	WALK_LINKS_MAX = 40, /* followed for one path, as Linux does */
	WALK_XATTRS_BYTES = 4096, /* names of one file */
	WALK_CAPABILITY_BYTES = 24, /* struct vfs_ns_cap_data */
};

#define WALK_NONE UINT32_MAX

enum walk_attribute {
	WALK_IMMUTABLE = 1 << 0,
	WALK_APPEND_ONLY = 1 << 1,
	WALK_WHITEOUT = 1 << 2, /* of an overlay: a character device 0:0 */
};

enum walk_time { WALK_ATIME, WALK_MTIME, WALK_CTIME, WALK_BTIME, WALK_TIMES };

struct walk_file {
	uint32_t name; /* offset in the arena */
	uint32_t parent; /* of the root: itself */
	uint32_t first; /* child; 0 = none */
	uint32_t children;
	uint32_t mode; /* as st_mode; 0: nobody could tell */
	uint32_t uid;
	uint32_t gid;
	uint32_t links;
	uint64_t inode;
	uint64_t size_bytes;
	int64_t time_ns[WALK_TIMES]; /* of birth: 0 = not told */
	uint32_t device_major;
	uint32_t device_minor;
	uint32_t target; /* of a symbolic link */
	uint32_t xattrs; /* names, each with its NUL; an empty one ends */
	uint32_t capability; /* security.capability, capability_len bytes */
	uint8_t capability_len;
	uint8_t attributes; /* enum walk_attribute */
};

struct walk {
	struct walk_file *files;
	uint32_t n;
	uint32_t cap;
	struct buf text;
	uint64_t lost; /* names, targets and the like that had no room */
	bool cut; /* interrupted */
};

/* What could not be looked at, and why.  A negative return ends the walk. */
typedef int walk_miss(
	void *arg, const char *path, const char *reason, struct err *e);

/* A file system that is not entered. */
struct walk_skip {
	uint32_t device_major;
	uint32_t device_minor;
	const char *reason;
};

struct walk_config {
	walk_miss *miss;
	void *arg;
	const atomic_bool *interrupted; /* NULL = nobody will */
	uint64_t until_ns; /* of CLOCK_MONOTONIC; 0 = as long as it takes */
	const struct walk_skip *skips; /* not that of the root */
	size_t skips_n;
};

/*
 * walk_run(ret, root, config, e), walk_done(w):
 * Walk everything below ${root}.  What does not fit is in ret->lost, and is
 * told by ${config}'s miss as well.
 */
int walk_run(struct walk *ret, const struct disk_root *root,
	const struct walk_config *config, struct err *e) MUST_CHECK;
void walk_done(struct walk *w);

#define AUTO_WALK CLEANUP(walk_done)

/*
 * walk_text(w, offset), walk_name(w, file):
 * Borrowed until the walk is done.
 */
static inline const char *walk_text(const struct walk *w, uint32_t offset)
{
	return offset ? (const char *)w->text.data + offset : "";
}

static inline const char *walk_name(const struct walk *w, uint32_t file)
{
	return walk_text(w, w->files[file].name);
}

/*
 * walk_path(ret, w, file):
 * "/usr/bin/env".  Return its length, or -ENAMETOOLONG.
 */
int walk_path(char ret[WALK_PATH_BYTES], const struct walk *w,
	uint32_t file) MUST_CHECK;

enum walk_find_how {
	WALK_FOLLOW = 1 << 0, /* the last component too, when it is a link */
};

/*
 * walk_find(w, path, how):
 * The file that ${path}, absolute or from the root, leads to with the links in
 * the table, none of which leads out; WALK_NONE when there is none.
 */
uint32_t walk_find(const struct walk *w, const char *path, unsigned how);

/*
 * walk_child(w, directory, name, len):
 * WALK_NONE when there is none.
 */
uint32_t walk_child(
	const struct walk *w, uint32_t directory, const char *name, size_t len);

typedef int walk_see(void *arg, uint32_t file, struct err *e);

/*
 * walk_glob(w, pattern, see, arg, e):
 * Call ${see} for each file whose path fits ${pattern}, absolute, in which *, ?
 * and [] and the forms of FNM_EXTMATCH, such as !(*.x), are of one component,
 * {a,b} is either, not one in another, a last
 * component of ** is everything below, and one before is any directories, none
 * too.  No link is followed.  A negative return of ${see} ends it, and is
 * returned.
 */
int walk_glob(const struct walk *w, const char *pattern, walk_see *see,
	void *arg, struct err *e) MUST_CHECK;

#endif
