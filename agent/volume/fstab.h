/* SPDX-License-Identifier: Apache-2.0 */
/* The fstab of the disk (fstab(5)), which an attacker may have written. */
#ifndef VOLUME_FSTAB_H
#define VOLUME_FSTAB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "disk/slice.h"

enum {
	FSTAB_BYTES = 256 << 10,
	FSTAB_LINES_MAX = 256, /* that mount something */
	FSTAB_TEXT_CHARS = 1024, /* of a field, without its escapes */
};

enum fstab_by {
	FSTAB_BY_UUID,
	FSTAB_BY_LABEL,
	FSTAB_BY_PARTITION_UUID,
	FSTAB_BY_PARTITION_LABEL,
	FSTAB_BY_LOGICAL, /* value "group/logical" */
	FSTAB_BY_POSITION, /* value is the device's name: a guess */
};

struct fstab_line {
	enum fstab_by by;
	char value[FSTAB_TEXT_CHARS];
	char spec[FSTAB_TEXT_CHARS]; /* as it is written */
	char where[FSTAB_TEXT_CHARS]; /* absolute */
	char subvolume[FSTAB_TEXT_CHARS]; /* subvol=, or "" */
	unsigned long long subvolume_id; /* subvolid=, or 0 */
	unsigned partition; /* by position: "sda2", "nvme0n1p2"; 0 = the device */
};

/*
 * fstab_next(ret, rest):
 * Take the next line that mounts a file system of a device off ${rest}; false
 * at the end.  Left out are comments, swap, pseudo and network file systems,
 * bind mounts, "none", and lines that are none.
 */
bool fstab_next(struct fstab_line *ret, struct slice *rest);

/*
 * fstab_depth(where): how many directories deep; 0 = "/".
 */
size_t fstab_depth(const char *where);

#endif
