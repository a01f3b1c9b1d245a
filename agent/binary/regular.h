/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a file that an attacker may have put in our way.  It is looked at
 * before it is opened: what is no regular file may act when it is opened, and
 * what a FUSE server serves hangs who closes it for as long as the server
 * likes, at the end of the process too.  Neither is ever opened for reading.
 *
 * Every call here may wait for a server of a network or FUSE file system;
 * slow.h does them by deadline.
 */
#ifndef BINARY_REGULAR_H
#define BINARY_REGULAR_H

#include <sys/stat.h>

#include "base/cleanup.h"

struct buf;
struct err;

/*
 * regular_look(dirfd, name, st, e):
 * Hold the object behind ${name}, which may be one of the kernel's magic
 * links, without opening it, and fill ${st}.  Return an O_PATH descriptor,
 * which the caller closes.  -EINVAL for what is no regular file.
 */
int regular_look(
	int dirfd, const char *name, struct stat *st, struct err *e) MUST_CHECK;

/*
 * regular_find(rootfd, path, st, e):
 * The same of a path that is found as if ${rootfd} were "/" (path.h).
 */
int regular_find(int rootfd, const char *path, struct stat *st,
	struct err *e) MUST_CHECK;

enum regular_how {
	/* Around the page cache where the file system can; such a descriptor
	 * reads at multiples of REGULAR_ALIGN_BYTES only. */
	REGULAR_DIRECT = 1 << 0,
};

enum { REGULAR_ALIGN_BYTES = 4096 };

/*
 * regular_open(held, how, e):
 * Open for reading what ${held}, of regular_look(), holds: the same object
 * whatever has its name by now.  -EPERM for a file of FUSE, -EINVAL when it is
 * no regular file or cannot be read directly.
 */
int regular_open(int held, unsigned how, struct err *e) MUST_CHECK;

/*
 * regular_directory(rootfd, path, e):
 * Open a directory for reading, found as if ${rootfd} were "/".
 */
int regular_directory(int rootfd, const char *path, struct err *e) MUST_CHECK;

/*
 * regular_slurp(rootfd, path, ret, e):
 * Append a small regular file to ${ret}, found as if ${rootfd} were "/"
 * (path.h); -EFBIG past the room that ${ret} has under its maximum.
 */
int regular_slurp(int rootfd, const char *path, struct buf *ret,
	struct err *e) MUST_CHECK;

#endif
