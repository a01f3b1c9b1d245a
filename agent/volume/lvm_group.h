/* SPDX-License-Identifier: Apache-2.0 */
/* The logical volumes of a group, from its text. */
#ifndef VOLUME_LVM_GROUP_H
#define VOLUME_LVM_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "volume/lvm.h"
#include "volume/lvm_text.h"
#include "volume/map.h"

struct err;

enum {
	LVM_GROUP_VOLUMES_MAX = 256,
	LVM_GROUP_SEGMENTS_MAX = 1 << 16, /* looked at for one of them */
	LVM_NESTING_MAX = 4, /* of logical volumes in each other */
};

/* Where a physical volume is. */
struct lvm_place {
	char id[LVM_ID_CHARS];
	unsigned device;
	uint64_t start_bytes, bytes;
};

struct lvm_group {
	struct lvm_text text;
	struct slice name;
	uint32_t section; /* of it in the text */
	uint64_t number; /* of the change that made it: seqno */
	const struct lvm_place *places; /* borrowed */
	size_t places_n;
};

/*
 * lvm_group_open(ret, text, e), lvm_group_done(g):
 * ${text} must live as long.  The caller sets the places afterwards.
 */
int lvm_group_open(
	struct lvm_group *ret, struct slice text, struct err *e) MUST_CHECK;
void lvm_group_done(struct lvm_group *g);

/*
 * lvm_group_next(g, at):
 * The visible logical volume after ${at}, or the first after 0; 0 at the end.
 */
uint32_t lvm_group_next(const struct lvm_group *g, uint32_t at);

/*
 * lvm_group_map(ret, g, volume, e):
 * Where the logical volume lies.  Understood are linear and striped segments,
 * and mirrors by their first leg; -ENOTSUP with the reason for the others,
 * -ENODEV when a physical volume is not there, -EBADMSG for nonsense.
 */
int lvm_group_map(struct map *ret, const struct lvm_group *g, uint32_t volume,
	struct err *e) MUST_CHECK;

#endif
