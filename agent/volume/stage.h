/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mount namespace of our own, and mounts in it that are reached by their
 * descriptors alone: a tmpfs is laid over "/", under which every process goes
 * on to see what it saw, and everything else lies on that tmpfs.
 */
#ifndef VOLUME_STAGE_H
#define VOLUME_STAGE_H

#include <sys/types.h>

#include "base/cleanup.h"

struct err;

enum { STAGE_PATH_CHARS = 64, STAGE_OPTIONS_MAX = 6 };

struct stage {
	int fd; /* of the tmpfs; -1 = none */
};

/* What a file system is mounted with, besides ro,nodev,nosuid,noexec. */
struct stage_option {
	const char *key;
	const char *value; /* NULL = the key alone */
};

/*
 * stage_enter(ret, e), stage_leave(s):
 * Unshare the mount namespace of the calling thread and lay the tmpfs; take
 * everything off again that is on it.
 */
int stage_enter(struct stage *ret, struct err *e) MUST_CHECK;
void stage_leave(struct stage *s);

/*
 * stage_node(ret, s, type, dev, e), stage_open(s, type, dev, e):
 * The path of a node of that device (S_IFBLK, S_IFCHR), which need not be in
 * /dev, and a descriptor of it, for reading, which the caller closes.
 */
int stage_node(char ret[STAGE_PATH_CHARS], const struct stage *s, mode_t type,
	dev_t dev, struct err *e) MUST_CHECK;
int stage_open(const struct stage *s, mode_t type, dev_t dev,
	struct err *e) MUST_CHECK;

/*
 * stage_mount(s, type, dev, options, n, e):
 * Mount the block device; return the descriptor of its root, which is nowhere
 * yet and is gone when the caller closes it.  The kernel's own words are in
 * ${e}.
 */
int stage_mount(const struct stage *s, const char *type, dev_t dev,
	const struct stage_option *options, size_t n, struct err *e) MUST_CHECK;

/*
 * stage_root(s, mount, e), stage_attach(mount, directory, e):
 * Put a mount onto the stage, or onto a directory of one that is there.
 */
int stage_root(const struct stage *s, int mount, struct err *e) MUST_CHECK;
int stage_attach(int mount, int directory, struct err *e) MUST_CHECK;

#endif
