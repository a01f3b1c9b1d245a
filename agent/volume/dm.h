/* SPDX-License-Identifier: Apache-2.0 */
/* Read-only mappings of the kernel's device-mapper, which go with their last
 * user; by its ioctls (linux/dm-ioctl.h). */
#ifndef VOLUME_DM_H
#define VOLUME_DM_H

#include <sys/types.h>

#include "base/cleanup.h"
#include "volume/map.h"

struct err;
struct stage;

enum { DM_TABLE_BYTES = 1 << 20 }; /* of all the pieces of one */

/*
 * dm_attach(ret_dev, stage, map, devices, e):
 * A mapping of ${map}, whose devices have the numbers ${devices}.  Return a
 * descriptor that holds it; the caller closes that.
 */
int dm_attach(dev_t *ret_dev, const struct stage *stage, const struct map *map,
	const dev_t *devices, struct err *e) MUST_CHECK;

#endif
