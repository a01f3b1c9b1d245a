/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file of a disk holds behind gzip (RFC 1952), zstd (RFC 8878) or xz, by
 * its first bytes; anything else as it is.  A file may be made to unpack to
 * more than any disk holds: the reader says how much he takes.
 */
#ifndef DISK_UNPACK_H
#define DISK_UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct err;
struct unpack;

enum { UNPACK_MEMORY_BYTES = 64 << 20 }; /* that an unpacker may use */

/*
 * unpack_open(ret, fd, offset, e), unpack_close(u):
 * Of ${fd}, which stays the caller's, from ${offset} on.  -ENOTSUP, with its
 * name, for what is packed in another way.
 */
int unpack_open(
	struct unpack **ret, int fd, uint64_t offset, struct err *e) MUST_CHECK;
void unpack_close(struct unpack *u);

/*
 * unpack_read(u, buf, len, e):
 * The next bytes, fewer than ${len} at the end only; 0 there.  -EBADMSG for
 * what is damaged or cut.
 */
ssize_t unpack_read(
	struct unpack *u, void *buf, size_t len, struct err *e) MUST_CHECK;

/*
 * unpack_is_plain(u): it is as it is in the file.
 */
int unpack_is_plain(const struct unpack *u);

#endif
