/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of a directory by getdents64(2) itself, with an eye on what was done
 * to them on their way here.  The buffer is filled with a pattern first.
 * fs/readdir.c, filldir64(), holds these, whatever the file system:
 *
 *	d_reclen is what the name needs: ALIGN(19 + length + 1, 8)
 *	nothing is written behind the last entry
 *	a name ends inside its entry, and has no "/" in it
 *
 * Who hides a name in the buffer of the caller makes the entry before it
 * longer, or moves what follows over it: both break one of them.  A name that
 * was only jumped over is still there, and is given back as a hidden one.
 */
#ifndef BASE_DIRENTS_H
#define BASE_DIRENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	DIRENTS_FIRST_BYTES = 1 << 10, /* asked for at first, */
	DIRENTS_BYTES = 32 << 10, /* and where there is more, at once */
	DIRENTS_CALLS_MAX = 1 << 16, /* of one directory */
	DIRENTS_HEAD_BYTES = 19, /* before the name */
	DIRENTS_PROOF_BYTES = 512,
};

/* What is odd; a set of bits. */
enum dirents_odd {
	DIRENTS_ODD_LENGTH = 1 << 0, /* an entry is longer than its name needs */
	DIRENTS_ODD_BEHIND = 1 << 1, /* bytes behind the last one were written */
	DIRENTS_ODD_FORM = 1 << 2, /* no entry at all: then nothing follows */
};

/* One entry; ${name} is good during the call, and ends with a NUL. */
struct dirents_entry {
	uint64_t inode;
	uint64_t offset; /* the place of the next one */
	uint8_t type; /* DT_DIR and the like */
	bool hidden; /* it was jumped over */
	const char *name;
	size_t len;
};

/* How a reading went. */
struct dirents_seen {
	uint64_t entries; /* without "." and "..", and without hidden ones */
	uint64_t hidden;
	unsigned odd; /* enum dirents_odd */
	uint8_t proof[DIRENTS_PROOF_BYTES]; /* the first odd bytes, as read */
	size_t proof_len;
};

/* A negative return ends the reading. */
typedef int dirents_see(
	void *arg, const struct dirents_entry *entry, struct err *e);

/*
 * dirents_fill(buf, len, seed), dirents_untouched(buf, from, len, seed):
 * The pattern of ${seed}; whether bytes [${from}, ${len}) still have it.
 */
void dirents_fill(uint8_t *buf, size_t len, uint32_t seed);
bool dirents_untouched(
	const uint8_t *buf, size_t from, size_t len, uint32_t seed);

/*
 * dirents_parse(seen, buf, len, see, arg, e):
 * The entries in ${len} bytes that one call gave; "." and ".." are left out.
 * Return 0, or what ${see} returned.
 */
int dirents_parse(struct dirents_seen *seen, const uint8_t *buf, size_t len,
	dirents_see *see, void *arg, struct err *e) MUST_CHECK;

/*
 * dirents_read(seen, dirfd, see, arg, e):
 * All entries of the directory ${dirfd}, from its beginning; the descriptor
 * is at its end then.  -ELOOP past DIRENTS_CALLS_MAX.
 */
int dirents_read(struct dirents_seen *seen, int dirfd, dirents_see *see,
	void *arg, struct err *e) MUST_CHECK;

#endif
