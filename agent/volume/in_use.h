/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this very system writes to a device or an image. */
#ifndef VOLUME_IN_USE_H
#define VOLUME_IN_USE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/io.h"

struct err;

enum {
	IN_USE_DEVICES_MAX = 1024, /* partitions and holders of one device */
	IN_USE_MOUNTS_BYTES = 16 << 20, /* of mountinfo */
};

/*
 * in_use(st, e):
 * -EBUSY, with the place, when the device of ${st}, a partition of it, or what
 * lies on one of them (a mapping, a RAID, a loop device of the file) is mounted
 * writable or swapped to.
 */
int in_use(const struct stat *st, struct err *e) MUST_CHECK;

/* What matters of a line of mountinfo. */
struct in_use_mount {
	dev_t dev;
	bool writable; /* the file system, whatever this mount of it is */
	const char *where, *source; /* in the line */
};

/*
 * in_use_line(ret, line):
 * Cut one line of mountinfo up; ${line} is changed.  False for what is none.
 */
bool in_use_line(struct in_use_mount *ret, char *line);

#endif
