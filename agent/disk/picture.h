/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is read of a disk before anything is judged: its files, what
 * packages say of them, and the contents that matter: those that a package
 * tells a checksum of, programs, libraries and kernel modules of nobody, and
 * small files in the places of persistence.
 */
#ifndef DISK_PICTURE_H
#define DISK_PICTURE_H

#include "disk/digest.h"
#include "disk/packages.h"
#include "disk/root.h"
#include "disk/walk.h"

enum { PICTURE_PLACED_BYTES = 1 << 20 }; /* of a file in a place */

/* As icecore.v1.DiskState. */
enum disk_state {
	DISK_UNKNOWN,
	DISK_UNOWNED,
	DISK_AS_PACKAGED,
	DISK_CHANGED,
	DISK_OWNED,
};

struct picture_config {
	const struct disk_target *target;
	struct digest_config digest;
	walk_miss *miss;
	void *arg;
	const struct openpgp_keys *keys; /* of packagers; NULL = none were given */
	const struct walk_skip *skips; /* file systems that are not entered */
	size_t skips_n;
};

struct picture {
	struct disk_root root;
	struct walk walk;
	struct packages packages;
	struct digest *digests; /* in the order of files */
	size_t digests_n;
	const struct packages_owned **wants; /* that tell a checksum, by it */
	size_t wants_n;
	uint8_t *placed; /* of each file: 1 = it lies in a place */
	bool cut; /* it was interrupted */
};

/*
 * picture_take(ret, config, e), picture_done(p).
 */
int picture_take(struct picture *ret, const struct picture_config *config,
	struct err *e) MUST_CHECK;
void picture_done(struct picture *p);

/*
 * picture_digest(p, file): NULL when it was not read.
 */
const struct digest *picture_digest(const struct picture *p, uint32_t file);

/*
 * picture_state(p, file), picture_owner(p, file):
 * How it compares, and the number of its package; 0 = none.
 */
enum disk_state picture_state(const struct picture *p, uint32_t file);
uint16_t picture_owner(const struct picture *p, uint32_t file);

/*
 * picture_knows(p, d), picture_is_copy(p, file): a package has a file with this
 * very content.  picture_weak(p): the sum that most packages tell, if it is not
 * SHA-256.
 */
bool picture_knows(const struct picture *p, const struct digest *d);
enum digest_weak picture_weak(const struct picture *p);
bool picture_is_copy(const struct picture *p, uint32_t file);

#endif
