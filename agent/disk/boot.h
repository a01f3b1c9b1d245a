/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runs before the system of a disk: programs, scripts and kernel modules
 * in its initramfs that no package brought.  An initramfs is made on the host,
 * of files that packages own; what dracut makes of programs by stripping them
 * is none of these.
 */
#ifndef DISK_BOOT_H
#define DISK_BOOT_H

#include "disk/initramfs.h"
#include "disk/picture.h"

enum { BOOT_TOLD_MAX = 64 }; /* files of one initramfs; the rest is counted */

struct boot_found {
	const char *image; /* borrowed during the call, as all */
	const struct initramfs_file *file; /* NULL: ->more than were told */
	uint64_t more;
	bool stripped; /* dracut made it: programs differ from their package's */
};

typedef int boot_see(void *arg, const struct boot_found *found, struct err *e);

/*
 * boot_run(p, miss, see, arg, e):
 * Call ${see} for each such file; nothing where the disk has no packages of the
 * whole system.  What cannot be read is told by ${miss}.
 */
int boot_run(const struct picture *p, walk_miss *miss, boot_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
