/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar archive on its way out: ustar (POSIX.1-1988), with pax headers
 * (POSIX.1-2001) for names and targets that are too long for it.  Everything
 * is owned by root, and read-only.
 */
#ifndef EXPORT_TAR_H
#define EXPORT_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct lines;

enum { TAR_NAME_BYTES = 8192 };

struct tar {
	struct lines *out; /* borrowed */
	uint64_t time_s; /* of all entries */
	uint64_t entries;
};

/*
 * tar_file(t, name, data, len, e), tar_link(t, name, target, e):
 * One entry; directories above it are not needed.  A name that leads upward
 * ("..") or is longer than TAR_NAME_BYTES is -EINVAL.
 */
int tar_file(struct tar *t, const char *name, const void *data, size_t len,
	struct err *e) MUST_CHECK;
int tar_link(struct tar *t, const char *name, const char *target,
	struct err *e) MUST_CHECK;

/*
 * tar_end(t, e):
 * The two empty blocks at the end.
 */
int tar_end(struct tar *t, struct err *e) MUST_CHECK;

#endif
