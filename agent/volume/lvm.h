/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A physical volume of LVM2, as the lvm2 project's lib/format_text/layout.h
 * lays it out: a label in one of the first four sectors, which leads to the
 * metadata areas, rings of which each holds the newest text of the group.
 */
#ifndef VOLUME_LVM_H
#define VOLUME_LVM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

struct err;

enum {
	LVM_ID_CHARS = 33, /* as on the disk, without hyphens, and a NUL */
	LVM_AREAS_MAX = 8, /* of data and of metadata, of one volume */
	LVM_TEXT_BYTES = 16 << 20, /* of a group's text */
	LVM_SECTOR_BYTES = 512,
};

struct lvm_physical {
	char id[LVM_ID_CHARS];
	uint64_t bytes; /* that it says it has */
	struct buf text; /* of the group; empty when it holds no copy */
};

/*
 * lvm_read(ret, fd, start, bytes, e):
 * Read the physical volume on that stretch of ${fd}.  -EBADMSG for what is
 * none or damaged.  lvm_physical_done() ends it.
 */
int lvm_read(struct lvm_physical *ret, int fd, uint64_t start, uint64_t bytes,
	struct err *e) MUST_CHECK;
void lvm_physical_done(struct lvm_physical *p);

/*
 * lvm_crc(data, len): LVM2's checksum.
 */
uint32_t lvm_crc(const uint8_t *data, size_t len);

#endif
