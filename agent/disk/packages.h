/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the package databases of an attached disk say, laid over its files: who
 * owns a file, and what its content should be.  The databases are the host's
 * own: who can change a program can change them too.
 */
#ifndef DISK_PACKAGES_H
#define DISK_PACKAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "disk/digest.h"
#include "disk/openpgp.h"
#include "disk/slice.h"
#include "disk/walk.h"

struct disk_root;

enum {
	PACKAGES_MAX = 65535,
	PACKAGES_MISSING_MAX = 1 << 18,
	PACKAGES_TEXT_BYTES = 64 << 20,
	PACKAGES_FILE_BYTES = 64 << 20, /* of one file of a database */
};

enum packages_checksum {
	PACKAGES_NONE, /* nobody says */
	PACKAGES_MD5,
	PACKAGES_SHA1,
	PACKAGES_SHA256,
};

/* Whether keys that were given vouch for what a database says of a package. */
enum packages_signature {
	PACKAGES_NOT_ASKED, /* no keys were given, or its format has none */
	PACKAGES_SIGNED,
	PACKAGES_UNSIGNED,
	PACKAGES_OTHER_KEY,
	PACKAGES_BAD_SIGNATURE,
	PACKAGES_SIGNATURE_UNREAD, /* of a kind that is not known */
};

/* Offsets are of packages_text(). */
struct package {
	const char *format; /* "dpkg", "rpm", "apk", "python", "npm" */
	uint32_t name;
	uint32_t version;
	uint32_t architecture;
	uint32_t status;
	uint32_t files; /* that it lists, directories too */
	uint32_t checksums;
	bool altered; /* what the database says of it is not what was signed */
	bool not_locked; /* of npm: no lock names it */
	bool other_version; /* than its lock says */
	uint8_t signature; /* enum packages_signature */
	uint8_t signer[OPENPGP_ID_BYTES]; /* zeros: nobody says */
};

struct packages_owned {
	uint16_t package; /* its number, from 1; 0 = nobody's */
	bool conffile;
	uint8_t checksum; /* enum packages_checksum */
	uint16_t mode; /* that it should have, with its type; 0 = not told */
	uint8_t want[DIGEST_SHA256_BYTES];
};

struct packages_missing {
	uint16_t package; /* its number, from 1 */
	uint32_t path;
};

struct packages {
	bool found; /* there is a database */
	bool whole; /* one that tells whose all programs are */
	struct package *v; /* that of number 1 first */
	size_t n;
	struct packages_owned *owned; /* one for each file of the walk */
	struct packages_missing *missing;
	size_t missing_n;
	size_t missing_cap;
	uint64_t bad; /* lines or entries that no packager writes */
	uint64_t lost; /* texts that had no room */
	struct buf text;
};

/* What a database is loaded from; borrowed. */
struct packages_from {
	const struct disk_root *root;
	const struct walk *w;
	walk_miss *miss; /* what cannot be read */
	void *arg;
	const struct openpgp_keys *keys; /* of packagers; NULL = none were given */
};

/*
 * packages_load(ret, from, e), packages_done(p):
 * Load all databases there are; a disk without one is no error.
 */
int packages_load(struct packages *ret, const struct packages_from *from,
	struct err *e) MUST_CHECK;
void packages_done(struct packages *p);

/*
 * packages_init(p, from, e): of a loader, before the first package.
 * packages_keep(p, s): a copy of a text, 0 when there is no room.
 * packages_add(p, package): one more; its number, 0 past PACKAGES_MAX.
 * packages_miss(p, from, number, path, e): a file that is not there.
 * packages_own(p, file, number, checksum, want): it is of package ${number};
 * ${want} is not read where ${checksum} is PACKAGES_NONE.
 * packages_find(p, name): the first of that name; 0 = none.
 * packages_slurp(from, path, ret, e): a file of a database into ${ret}: 1, or 0
 * where there is none or it was told as missed.
 */
int packages_init(struct packages *p, const struct packages_from *from,
	struct err *e) MUST_CHECK;
uint32_t packages_keep(struct packages *p, struct slice s);
uint16_t packages_add(struct packages *p, const struct package *package);
int packages_miss(struct packages *p, const struct packages_from *from,
	uint16_t number, const char *path, struct err *e) MUST_CHECK;
void packages_own(struct packages *p, uint32_t file, uint16_t number,
	enum packages_checksum checksum, const uint8_t *want);
uint16_t packages_find(const struct packages *p, struct slice name);
int packages_slurp(const struct packages_from *from, const char *path,
	struct buf *ret, struct err *e) MUST_CHECK;

/* Add what one kind of database says; a disk without one is no error. */
typedef int packages_loader(
	struct packages *into, const struct packages_from *from, struct err *e);

static inline const char *packages_text(const struct packages *p, uint32_t offset)
{
	return offset ? (const char *)p->text.data + offset : "";
}

/*
 * packages_name(p, number): of package ${number}; NULL for 0.
 */
static inline const char *packages_name(const struct packages *p, uint16_t number)
{
	return number ? packages_text(p, p->v[number - 1].name) : NULL;
}

/*
 * packages_weak(checksum): what has to be made of a content beside SHA-256.
 */
enum digest_weak packages_weak(enum packages_checksum checksum);

/*
 * packages_agree(o, d): whether the content ${d} is what ${o} says; it says
 * something.
 */
bool packages_agree(const struct packages_owned *o, const struct digest *d);

#endif
