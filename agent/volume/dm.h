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

struct dm_mapping {
	int control; /* -1 = there is none */
	unsigned number; /* of its name, in this process */
};

/*
 * dm_attach(ret, ret_dev, stage, map, devices, e), dm_detach(m, fd):
 * A mapping of ${map}, whose devices have the numbers ${devices}.  Return a
 * descriptor that holds it.  dm_detach() closes that and takes the mapping
 * away: at once when nobody else has it open, else with its last user, as it
 * goes when the process dies.
 */
int dm_attach(struct dm_mapping *ret, dev_t *ret_dev, const struct stage *stage,
	const struct map *map, const dev_t *devices, struct err *e) MUST_CHECK;
void dm_detach(struct dm_mapping *m, int fd);

#endif
