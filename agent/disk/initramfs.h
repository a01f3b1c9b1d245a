/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an initramfs holds: cpio archives in the "newc" form, one behind the
 * other, of which the last ones may be packed (Linux, Documentation/
 * driver-api/early-userspace/buffer-format.rst).  Whoever adds a program there
 * runs before everything else.
 */
#ifndef DISK_INITRAMFS_H
#define DISK_INITRAMFS_H

#include "base/cleanup.h"
#include "disk/digest.h"

struct err;

enum {
	INITRAMFS_NAME_BYTES = 4096, /* with its NUL */
	INITRAMFS_FILES_MAX = 1 << 18,
};

#define INITRAMFS_BYTES (4ULL << 30) /* of one, unpacked */

/* Of a regular file; ->content.file is not set. */
struct initramfs_file {
	const char *name; /* without a "/" before it; borrowed */
	uint32_t mode;
	uint64_t size_bytes;
	struct digest content;
};

typedef int initramfs_see(
	void *arg, const struct initramfs_file *file, struct err *e);

/*
 * initramfs_read(fd, weak, see, arg, e):
 * Call ${see} for each regular file; contents have the sum ${weak}.  -EBADMSG
 * for what is no such archive or damaged, -EFBIG past the most, -ENOTSUP where
 * it is packed in a way that is not read; what came before was seen.
 */
int initramfs_read(int fd, enum digest_weak weak, initramfs_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
