/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of an attached disk, which an attacker may have filled.  Everything
 * is reached from its descriptor: no "..", no link and no magic link leads out
 * of it.  Nothing is written, and no time of access is changed: either the
 * mount is read-only, or O_NOATIME was granted.  What is no regular file is
 * never opened for reading: a device, a FIFO or a socket may act when it is.
 */
#ifndef DISK_ROOT_H
#define DISK_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/cleanup.h"

struct buf;
struct err;

enum disk_allow {
	DISK_ALLOW_WRITABLE = 1 << 0, /* though it is mounted writable */
};

/* Which disk. */
struct disk_target {
	const char *dir;
	unsigned allow; /* enum disk_allow */
};

struct disk_root {
	int fd;
	bool read_only; /* the mount is */
};

/*
 * root_open(ret, target, e), root_close(r):
 * Open the directory of ${target}.  One that is mounted writable is refused
 * with -EPERM unless ${target} allows it.
 */
int root_open(struct disk_root *ret, const struct disk_target *target,
	struct err *e) MUST_CHECK;
void root_close(struct disk_root *r);

/*
 * root_directory(r, path, e), root_file(r, path, st, e):
 * Open a directory, or a regular file, for reading; the last component is no
 * link.  Return the descriptor, which the caller closes.  -EINVAL for what is
 * something else, -EPERM where only a change of the time of access would let
 * us read.  ${st} is filled.
 */
int root_directory(
	const struct disk_root *r, const char *path, struct err *e) MUST_CHECK;
int root_file(const struct disk_root *r, const char *path, struct stat *st,
	struct err *e) MUST_CHECK;

/*
 * root_slurp(r, path, ret, e):
 * Append a whole small file, behind links inside the root too, to ${ret};
 * -EFBIG past the room that ${ret} has under its maximum.  What was read is
 * dropped from the page cache.
 */
int root_slurp(const struct disk_root *r, const char *path, struct buf *ret,
	struct err *e) MUST_CHECK;

#endif
