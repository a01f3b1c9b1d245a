/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors: whole reads and writes.  EINTR and short counts end here;
 * every descriptor is born close-on-exec.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct buf;
struct err;

/*
 * io_open(dirfd, path, flags, mode, e):
 * openat() with O_CLOEXEC.  Return the descriptor, which the caller closes.
 */
int io_open(int dirfd, const char *path, int flags, mode_t mode,
	struct err *e) MUST_CHECK;

/*
 * io_read(fd, buf, len, e), io_pread(fd, buf, len, off, e):
 * Read until ${len} bytes are there or the file ends.  Return the count.
 */
ssize_t io_read(int fd, void *buf, size_t len, struct err *e) MUST_CHECK;
ssize_t io_pread(
	int fd, void *buf, size_t len, uint64_t off, struct err *e) MUST_CHECK;

/*
 * io_write(fd, buf, len, e), io_pwrite(fd, buf, len, off, e):
 * Write all ${len} bytes.
 */
int io_write(int fd, const void *buf, size_t len, struct err *e) MUST_CHECK;
int io_pwrite(int fd, const void *buf, size_t len, uint64_t off,
	struct err *e) MUST_CHECK;

/*
 * io_fsync(fd, e):
 * fsync(), with EINTR retried.
 */
int io_fsync(int fd, struct err *e) MUST_CHECK;

/*
 * io_slurp(dirfd, path, ret, e):
 * Append the whole file to ${ret}; -EFBIG when it is larger than the room
 * that ${ret} has left under its maximum.
 */
int io_slurp(
	int dirfd, const char *path, struct buf *ret, struct err *e) MUST_CHECK;

/*
 * io_replace(path, buf, len, mode, e):
 * Let ${path} be a file with this content, whole or as it was before.  Where
 * something lies at "${path}.new", it goes.
 */
int io_replace(const char *path, const void *buf, size_t len, mode_t mode,
	struct err *e) MUST_CHECK;

#endif
