/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of a volume lie: pieces that follow each other, each on one
 * device or striped over several.
 */
#ifndef VOLUME_MAP_H
#define VOLUME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	MAP_STRIPES_MAX = 16,
	MAP_PIECES_MAX = 4096, /* of one volume */
};

struct map_stripe {
	unsigned device; /* which of those given */
	uint64_t start_bytes;
};

struct map_piece {
	uint64_t bytes; /* of all its stripes together */
	uint64_t chunk_bytes; /* of a stripe at a time; one stripe: 0 */
	unsigned stripes_n;
	struct map_stripe stripes[MAP_STRIPES_MAX];
};

struct map {
	struct map_piece *v;
	size_t n, cap;
	uint64_t bytes;
};

void map_done(struct map *m);

/*
 * map_add(m, piece, e):
 * Append ${piece}; what goes on where the last one ended makes that longer.
 */
int map_add(
	struct map *m, const struct map_piece *piece, struct err *e) MUST_CHECK;

/*
 * map_slice(ret, m, start, bytes, e):
 * Append that part of ${m} to ${ret}.  -ENOTSUP when it begins or ends within a
 * striped piece, -ERANGE when it is not all there.
 */
int map_slice(struct map *ret, const struct map *m, uint64_t start,
	uint64_t bytes, struct err *e) MUST_CHECK;

/*
 * map_plain(m): the only stretch; NULL when it is not just one.
 */
static inline const struct map_piece *map_plain(const struct map *m)
{
	return m->n == 1 && m->v[0].stripes_n == 1 ? &m->v[0] : NULL;
}

/*
 * map_read(m, fds, buf, len, off, e):
 * Read ${len} bytes at ${off}, all of them, through the devices' descriptors.
 */
int map_read(const struct map *m, const int *fds, void *buf, size_t len,
	uint64_t off, struct err *e) MUST_CHECK;

#endif
