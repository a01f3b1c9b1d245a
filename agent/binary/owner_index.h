/* SPDX-License-Identifier: Apache-2.0 */
/* The paths that were asked for, as packages may list them. */
#ifndef BINARY_OWNER_INDEX_H
#define BINARY_OWNER_INDEX_H

#include "binary/owner.h"
#include "disk/slice.h"

/* A path, and what it answers; everything is borrowed. */
struct owner_key {
	struct slice path;
	size_t asked; /* its number */
	struct slice only; /* of that package alone; empty = any */
	struct slice not_of; /* of no such package; empty = any */
	size_t next; /* of the same hash, from 1 */
};

struct owner_index {
	struct owner_key *v;
	size_t n;
	size_t cap;
	size_t *heads; /* by hash, from 1 */
	size_t mask;
};

/*
 * owner_index_add(ix, key, e): before owner_index_close().
 * owner_index_close(ix, e): no more come.
 * owner_index_done(ix).
 */
int owner_index_add(struct owner_index *ix, const struct owner_key *key,
	struct err *e) MUST_CHECK;
int owner_index_close(struct owner_index *ix, struct err *e) MUST_CHECK;
void owner_index_done(struct owner_index *ix);

/*
 * owner_index_next(ix, at, path, package):
 * The number of the next path that ${path}, of ${package}, answers; -1 = none.
 * ${at} is 0 first.
 */
ptrdiff_t owner_index_next(const struct owner_index *ix, size_t *at,
	struct slice path, struct slice package);

/*
 * owner_index_merged(path, rootfd):
 * "/bin/x" for "/usr/bin/x" where /bin of that root is a link to it, as packages
 * older than the merge list it; else empty.
 */
struct slice owner_index_merged(struct slice path, int rootfd);

#endif
