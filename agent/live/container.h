/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container a cgroup path speaks of, by the names that runtimes give:
 *
 *	/docker/ID, .../docker-ID.scope                   docker
 *	/kubepods/burstable/podUID/ID                     cgroupfs driver
 *	/kubepods.slice/...-podUID.slice/RUNTIME-ID.scope systemd driver
 *	.../crio-ID.scope/container, .../crio-ID/container CRI-O and crun, nested
 *	.../libpod-ID.scope/container                     podman
 *	...:cri-containerd:ID                             kubelet in slices "a:b:c"
 *	/lxc/NAME, /lxc.payload.NAME                      lxc
 *
 * ID is 64 hexadecimal digits; the innermost one counts.  A pod's UID has "_"
 * for "-" under systemd, and is given back with "-"; a static pod's is 32
 * hexadecimal digits.
 */
#ifndef LIVE_CONTAINER_H
#define LIVE_CONTAINER_H

#include <stddef.h>

enum {
	CONTAINER_RUNTIME_CHARS = 32,
	CONTAINER_ID_CHARS = 72,
	CONTAINER_POD_CHARS = 48,
};

/* "" = not told. */
struct container {
	char runtime[CONTAINER_RUNTIME_CHARS];
	char id[CONTAINER_ID_CHARS];
	char pod_uid[CONTAINER_POD_CHARS];
};

/*
 * container_find(ret, path, len):
 * What the path of a cgroup, relative to its mount, says.
 */
void container_find(struct container *ret, const char *path, size_t len);

/*
 * container_cgroup(ret, ret_len, text, len):
 * Of /proc/PID/cgroup the path that tells most: one with a container, or that
 * of the v2 hierarchy, or the longest.  ${ret} points into ${text}; NULL when
 * there is none.
 */
void container_cgroup(
	const char **ret, size_t *ret_len, const char *text, size_t len);

#endif
