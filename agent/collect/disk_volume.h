/* SPDX-License-Identifier: Apache-2.0 */
/* The volumes of an attached device, as records. */
#ifndef COLLECT_DISK_VOLUME_H
#define COLLECT_DISK_VOLUME_H

#include "base/cleanup.h"
#include "disk/walk.h"

struct err;
struct volumes;
struct writer;

/*
 * disk_put_volumes(w, v, gap, arg, e):
 * One record for each volume, and a gap (by ${gap} with ${arg}) for each that
 * belongs to the disk and is not looked at, and for what else ${v} misses.
 */
int disk_put_volumes(struct writer *w, const struct volumes *v, walk_miss *gap,
	void *arg, struct err *e) MUST_CHECK;

#endif
