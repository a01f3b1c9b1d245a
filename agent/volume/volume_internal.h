/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of volume.h share. */
#ifndef VOLUME_VOLUME_INTERNAL_H
#define VOLUME_VOLUME_INTERNAL_H

#include <sys/types.h>

#include "volume/dm.h"
#include "volume/fstab.h"
#include "volume/stage.h"
#include "volume/volume.h"

/* A volume as a block device, once it is one. */
struct volume_device {
	int fd; /* -1 = it is none yet */
	dev_t dev;
	struct dm_mapping mapping; /* when it is not a loop device */
};

struct volume_stack {
	struct stage stage;
	struct volume_device volumes[VOLUMES_MAX];
	struct volume_device devices[VOLUME_DEVICES_MAX]; /* under mappings */
	int root; /* what is mounted there */
};

/*
 * volume_stack_free(s): undo everything; NULL is fine.
 */
void volume_stack_free(struct volume_stack *s);

/*
 * volume_device(v, one, e):
 * Make the volume a read-only block device: a loop device when it is one
 * stretch, else a mapping.  Return its number in v->stack.
 */
int volume_device(
	struct volumes *v, const struct volume *one, struct err *e) MUST_CHECK;

/*
 * volume_choose(ret, ret_subvolume, v, e):
 * The volume that has the root, and its subvolume, as volumes_mount() says.
 */
int volume_choose(struct volume **ret, const char **ret_subvolume,
	struct volumes *v, struct err *e) MUST_CHECK;

/*
 * volume_match(v, line, root):
 * The volume that a line of the fstab means, by position one of the device that
 * ${root} is on; NULL = it is not there.
 */
struct volume *volume_match(struct volumes *v, const struct fstab_line *line,
	const struct volume *root);

/*
 * volume_find_groups(v, e):
 * Add the logical volumes of those that are physical ones.
 */
int volume_find_groups(struct volumes *v, struct err *e) MUST_CHECK;

/*
 * volume_add(ret, v, e), volume_probe(v, one), volume_refuse(one, why):
 * A new volume; look at the content of one whose map is told; why it is not
 * mounted.
 */
int volume_add(struct volume **ret, struct volumes *v, struct err *e) MUST_CHECK;
void volume_probe(const struct volumes *v, struct volume *one);
void volume_refuse(struct volume *one, const char *why);

/*
 * volume_gap(v, what, why, e), volume_is_cut(v, e):
 * Tell of something else that is missing; -EINTR when somebody interrupted.
 */
int volume_gap(struct volumes *v, const char *what, const char *why,
	struct err *e) MUST_CHECK;
int volume_is_cut(const struct volumes *v, struct err *e) MUST_CHECK;

#endif
