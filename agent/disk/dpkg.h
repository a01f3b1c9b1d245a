/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg's database of an attached disk, laid over its files: who owns a file,
 * and which MD5 it should have.  Diversions are followed, a merged /usr too,
 * since paths lead through the links of the disk; what dpkg was told to leave
 * out (path-exclude) is not missing.
 *
 * The database is the host's own: who can change a program can change it too.
 */
#ifndef DISK_DPKG_H
#define DISK_DPKG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "disk/digest.h"
#include "disk/walk.h"

enum {
	DPKG_FILE_BYTES = 64 << 20, /* of one file of the database */
	DPKG_PACKAGES_MAX = 65535,
	DPKG_MISSING_MAX = 1 << 18,
	DPKG_DIVERSIONS_MAX = 4096,
	DPKG_FILTERS_MAX = 256,
};

/* Offsets are of dpkg_text(). */
struct dpkg_package {
	uint32_t name;
	uint32_t version;
	uint32_t architecture;
	uint32_t status;
	uint32_t files; /* that it lists, directories too */
	uint32_t checksums;
};

struct dpkg_owned {
	uint16_t package; /* its number, from 1; 0 = nobody's */
	bool conffile;
	bool has_md5;
	uint8_t md5[DIGEST_MD5_BYTES];
};

struct dpkg_missing {
	uint16_t package; /* its number, from 1 */
	uint32_t path;
};

struct dpkg {
	bool found; /* the disk has such a database */
	struct dpkg_package *packages; /* that of number 1 first */
	size_t packages_n;
	struct dpkg_owned *owned; /* one for each file of the walk */
	struct dpkg_missing *missing;
	size_t missing_n;
	uint64_t bad_lines; /* that no dpkg writes */
	struct buf text;
};

/*
 * dpkg_load(ret, root, w, miss, arg, e), dpkg_done(d):
 * Load it; a disk without one is no error.  What cannot be read is told by
 * ${miss}.
 */
int dpkg_load(struct dpkg *ret, const struct disk_root *root,
	const struct walk *w, walk_miss *miss, void *arg,
	struct err *e) MUST_CHECK;
void dpkg_done(struct dpkg *d);

static inline const char *dpkg_text(const struct dpkg *d, uint32_t offset)
{
	return offset ? (const char *)d->text.data + offset : "";
}

/*
 * dpkg_name(d, number): of package ${number}; NULL for 0.
 */
static inline const char *dpkg_name(const struct dpkg *d, uint16_t number)
{
	return number ? dpkg_text(d, d->packages[number - 1].name) : NULL;
}

#endif
