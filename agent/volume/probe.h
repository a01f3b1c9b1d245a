/* SPDX-License-Identifier: Apache-2.0 */
/* What lies on a stretch of a device, by its signatures: over libblkid. */
#ifndef VOLUME_PROBE_H
#define VOLUME_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	PROBE_TYPE_CHARS = 32,
	PROBE_ID_CHARS = 64,
	PROBE_LABEL_CHARS = 256,
	PROBE_PARTITIONS_MAX = 128,
};

/* Texts are the device's own bytes; "" = not told. */
struct probe_content {
	char type[PROBE_TYPE_CHARS]; /* "ext4", "LVM2_member", ... */
	char uuid[PROBE_ID_CHARS];
	char label[PROBE_LABEL_CHARS];
	bool file_system;
	bool log_dirty; /* of ext3 and ext4: there is something to replay */
};

struct probe_partition {
	unsigned number; /* as the kernel counts, from 1 */
	uint64_t start_bytes, bytes;
	char type[PROBE_ID_CHARS]; /* a UUID, or a number as "0x83" */
	char uuid[PROBE_ID_CHARS];
	char label[PROBE_LABEL_CHARS];
};

/*
 * probe_content(ret, fd, start, bytes, e):
 * Look at the ${bytes} from ${start} of ${fd}.  -ENODATA when no signature is
 * known, -ENOTUNIQ when several contradict each other.
 */
int probe_content(struct probe_content *ret, int fd, uint64_t start,
	uint64_t bytes, struct err *e) MUST_CHECK;

/*
 * probe_partitions(ret, fd, bytes, e):
 * The table of a device of ${bytes}: those that lie in it.  Return how many, 0
 * when there is no table; -E2BIG when there are more than fit.
 */
int probe_partitions(struct probe_partition ret[PROBE_PARTITIONS_MAX], int fd,
	uint64_t bytes, struct err *e) MUST_CHECK;

#endif
