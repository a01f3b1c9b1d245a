/* SPDX-License-Identifier: Apache-2.0 */
/* How each type of file system is mounted so that nothing is replayed. */
#ifndef VOLUME_FILE_SYSTEM_H
#define VOLUME_FILE_SYSTEM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "volume/volume.h"

struct stage;

/* One mount of a device. */
struct file_system {
	const char *type; /* as of probe_content */
	dev_t dev;
	const char *subvolume; /* of btrfs; NULL or "" = the default one */
	unsigned long long subvolume_id; /* when no name is told; 0 = none */
};

/*
 * file_system_known(type): whether icecore mounts it.
 */
bool file_system_known(const char *type);

/*
 * file_system_mount(ret_options, stage, fs, e):
 * As stage_mount(), with the options told.
 */
int file_system_mount(char ret_options[VOLUME_OPTIONS_CHARS],
	const struct stage *stage, const struct file_system *fs,
	struct err *e) MUST_CHECK;

/*
 * file_system_is_root(mount):
 * There is a /usr, and an /etc/fstab or an os-release.
 */
bool file_system_is_root(int mount);

/*
 * file_system_root_subvolume(i):
 * The names, one after the other, under which a btrfs may hold its root; NULL
 * at the end.
 */
const char *file_system_root_subvolume(size_t i);

#endif
