/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attached device, or an image of one, holds, and how its file systems
 * come together as the host had them: partitions, LVM, the fstab.
 *
 * Nothing is written.  A device is opened for reading only, and every file
 * system is mounted from a read-only loop device or a read-only mapping made
 * here, so that the kernel cannot replay a log; ro, nodev, nosuid and noexec,
 * in a mount namespace of our own.  All of it goes with volumes_close(), and
 * with the process however it ends: loop devices clear themselves, mappings are
 * removed with their last user, mounts go with the namespace.
 *
 * The content of a device is of an attacker: what is damaged or not understood
 * is a volume with a reason, never an error.
 */
#ifndef VOLUME_VOLUME_H
#define VOLUME_VOLUME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "volume/map.h"
#include "volume/probe.h"

struct err;

enum {
	VOLUME_DEVICES_MAX = 16,
	VOLUMES_MAX = 256, /* partitions, logical volumes, all together */
	VOLUME_MOUNTS_MAX = 64,
	VOLUME_GAPS_MAX = 256, /* lines of the fstab, groups of volumes */
	VOLUME_NAME_CHARS = 128, /* of LVM, where 127 are allowed */
	VOLUME_REASON_CHARS = 256,
	VOLUME_PATH_CHARS = 1024,
	VOLUME_OPTIONS_CHARS = 128,
	VOLUME_ROOT_CHARS = 32,
};

/* A stretch that may be mounted: a whole device, a partition of it, or a
 * logical volume, which is of no device alone. */
struct volume {
	unsigned device; /* which of those given; that of its first stretch */
	unsigned partition; /* as the kernel numbers them; 0 = none */
	struct map map; /* where it lies on the devices */
	struct probe_content content;
	struct probe_partition entry; /* of the table, when it is in one */
	char group[VOLUME_NAME_CHARS]; /* of volumes; "" = no logical one */
	char logical[VOLUME_NAME_CHARS];
	char why_not[VOLUME_REASON_CHARS]; /* it is not mounted; "" = it is */
	bool expected; /* that is as it should be, and no gap */
};

/* One place of one volume; of btrfs there may be several. */
struct volume_mount {
	const struct volume *volume;
	char where[VOLUME_PATH_CHARS]; /* in the root of the disk */
	char subvolume[VOLUME_PATH_CHARS]; /* of btrfs; "" = the default one */
	char options[VOLUME_OPTIONS_CHARS];
};

/* What belongs to the disk and is not looked at, but for volumes. */
struct volume_gap {
	char what[VOLUME_PATH_CHARS];
	char reason[VOLUME_REASON_CHARS];
};

struct volumes_config {
	const char *const *devices; /* devices or images */
	size_t devices_n;
	const char *root; /* UUID, LABEL, VG/LV or device; NULL = find it */
	bool allow_writable; /* though this system writes to one */
	const atomic_bool *interrupted; /* NULL = nobody will */
};

struct volume_stack; /* what was made to mount them */

struct volumes {
	const struct volumes_config *config; /* borrowed */
	int fds[VOLUME_DEVICES_MAX];
	uint64_t bytes[VOLUME_DEVICES_MAX];
	struct volume *v; /* VOLUMES_MAX of them */
	size_t n;
	struct volume_mount *mounts; /* the root first */
	size_t mounts_n;
	struct volume_gap *gaps;
	size_t gaps_n;
	char root[VOLUME_ROOT_CHARS]; /* directory, for this process alone */
	struct volume_stack *stack; /* NULL = nothing is mounted */
};

/*
 * volumes_find(ret, config, e), volumes_close(v):
 * Look at the devices of ${config}; nothing is mounted, no device made.  -EBUSY
 * when this system has one of them mounted writable and ${config} does not
 * allow it.  volumes_close() undoes everything, and is safe after an error.
 */
int volumes_find(struct volumes *ret, const struct volumes_config *config,
	struct err *e) MUST_CHECK;
void volumes_close(struct volumes *v);

/*
 * volumes_mount(v, e):
 * Find the root, and mount it and what its fstab names at v->root.  The calling
 * thread, and those that it starts, are in a mount namespace of their own
 * afterwards, in which everything else is where it was.  -ENOENT when no volume
 * looks like a root, -ENOTUNIQ when several do; the sentence lists them.
 */
int volumes_mount(struct volumes *v, struct err *e) MUST_CHECK;

/*
 * volume_name(ret, v, volume):
 * "/dev/sdb p2", "group/logical": for people.
 */
void volume_name(char ret[VOLUME_PATH_CHARS], const struct volumes *v,
	const struct volume *volume);

/*
 * volume_hint(volume):
 * Where the table of partitions says that it belongs: "/", "/boot/efi";
 * NULL = it does not say.
 */
const char *volume_hint(const struct volume *volume);

#endif
