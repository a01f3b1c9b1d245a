/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which package a file of a running system is of, and what its content should be:
 * a look-up of few paths in a package database that is read once, of this host
 * or of a container, which may lie.  dpkg.h lays a whole database over a whole
 * disk instead.
 */
#ifndef BINARY_OWNER_H
#define BINARY_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "disk/packages.h"

struct err;

enum {
	OWNER_PACKAGE_CHARS = 128,
	OWNER_ASKED_MAX = 16384,
	OWNER_FILE_BYTES = 16 << 20, /* of one file of the database */
	OWNER_LISTS_MAX = 65536,
};

struct owner {
	const char *path; /* asked: from the root, without links in it */
	char package[OWNER_PACKAGE_CHARS]; /* "" = of none */
	enum packages_checksum checksum;
	uint8_t want[DIGEST_SHA256_BYTES]; /* what it should be */
};

/*
 * owner_find(v, n, rootfd, e):
 * Fill ${v}, whose ->path is set, by the databases below ${rootfd}.  Return 1,
 * or 0 when there is no database.  It may wait for a server of a file system.
 */
int owner_find(struct owner *v, size_t n, int rootfd, struct err *e) MUST_CHECK;

/*
 * owner_find_timed(v, n, rootfd, wait_ns, e):
 * The same, left behind after ${wait_ns}: -ETIMEDOUT, and ${v} is as it was.
 */
int owner_find_timed(struct owner *v, size_t n, int rootfd, uint64_t wait_ns,
	struct err *e) MUST_CHECK;

/*
 * owner_agrees(o, md5, sha256):
 * Whether a content is what its package says; it says something.
 */
bool owner_agrees(
	const struct owner *o, const uint8_t *md5, const uint8_t *sha256);

/*
 * owner_dpkg(v, n, rootfd, e), owner_rpm(v, n, rootfd, e):
 * owner_find() of one database alone.
 */
int owner_dpkg(struct owner *v, size_t n, int rootfd, struct err *e) MUST_CHECK;
int owner_rpm(struct owner *v, size_t n, int rootfd, struct err *e) MUST_CHECK;

#endif
