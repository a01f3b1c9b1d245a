/* SPDX-License-Identifier: Apache-2.0 */
/* A directory for one test, and looking into it. */
#ifndef UNIT_SCRATCH_H
#define UNIT_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

enum { SCRATCH_CHARS = 256 };

/*
 * scratch_new(ret), scratch_remove(path):
 * A new directory, and the end of it with everything in it.
 */
void scratch_new(char ret[SCRATCH_CHARS]);
void scratch_remove(const char *path);

/*
 * scratch_path(ret, dir, name):
 * dir/name.
 */
void scratch_path(char ret[SCRATCH_CHARS], const char *dir, const char *name);

/*
 * scratch_read(dir, name, len), scratch_write(dir, name, buf, len):
 * A whole file, allocated; replace a file.
 */
uint8_t *scratch_read(const char *dir, const char *name, size_t *len);
void scratch_write(
	const char *dir, const char *name, const void *buf, size_t len);

/*
 * scratch_count(dir, part):
 * How many names in ${dir} hold ${part}; "" = all but . and ..
 */
int scratch_count(const char *dir, const char *part);

/*
 * scratch_copy(to, from):
 * Copy the files of one directory into another.
 */
void scratch_copy(const char *to, const char *from);

/*
 * scratch_open_fds():
 * How many descriptors this process has open.
 */
int scratch_open_fds(void);

#endif
