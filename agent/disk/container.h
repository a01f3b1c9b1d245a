/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that engines keep on a disk, and the layer that each may write:
 * what runs in it should have come with its image.
 *
 *	docker   /var/lib/docker/containers/ID/config.v2.json: names, image;
 *	         image/overlay2/layerdb/mounts/ID/mount-id: the layer, in
 *	         overlay2/LAYER/diff
 *	podman,  /var/lib/containers/storage/overlay-containers/containers.json;
 *	CRI-O    the layer in overlay/LAYER/diff
 *
 * containerd tells which of its snapshots are writable in a database of its own,
 * which is not read.
 */
#ifndef DISK_CONTAINER_H
#define DISK_CONTAINER_H

#include "disk/picture.h"

enum {
	CONTAINER_FILE_BYTES = 8 << 20, /* of a file of an engine */
	CONTAINERS_MAX = 4096,
	CONTAINER_PROGRAMS_MAX = 64, /* told of one; the rest is counted */
};

/* Texts are borrowed during the call, and "" when they are not told. */
struct container_found {
	const char *engine; /* "docker", "containers-storage" */
	const char *id;
	const char *name;
	const char *image;
	const char *layer; /* path of what it may write; "" = there is none */
	uint32_t added; /* programs in it */
};

struct container_tell {
	/* Each container, behind the programs of its layer. */
	int (*container)(
		void *arg, const struct container_found *found, struct err *e);
	int (*program)(void *arg, const struct container_found *found,
		const char *path, struct err *e);
	walk_miss *miss;
	void *arg;
};

/*
 * containers_run(p, tell, e):
 * A negative return of what is called ends it.
 */
int containers_run(const struct picture *p, const struct container_tell *tell,
	struct err *e) MUST_CHECK;

#endif
