/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of files that are open in captured memory: by names of directories, up
 * through the mounts. */
#ifndef INSPECT_FILE_PATH_H
#define INSPECT_FILE_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct captured;

enum {
	FILE_PATH_NAMES_MAX = 96, /* directories and mounts */
	FILE_PATH_NAME_CHARS = 256, /* NAME_MAX + 1 */
};

/*
 * file_path(ret, cap, c, file):
 * That of a struct file, from the root of the mounts that it is in; as much of
 * its end as ${cap} has room for, after "...", where it is longer.  A name that
 * the capture lacks is "?".  -EFAULT when nothing can be said.
 */
int file_path(char *ret, size_t cap, const struct captured *c,
	uint64_t file) MUST_CHECK;

#endif
