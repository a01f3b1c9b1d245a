/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical memory drawn small: the System RAM of a capture, end to end without
 * its holes, in cells of the same size; of each what it holds, which source
 * read most of it and when.
 */
#ifndef REPORT_MEMORY_MAP_H
#define REPORT_MEMORY_MAP_H

#include <pthread.h>
#include <stdint.h>

#include "base/range.h"
#include "icecore/v1/record.pb-c.h"

struct buf;
struct err;

enum {
	MEMORY_MAP_CELLS = 4096,
	MEMORY_MAP_SOURCES = 5, /* of enum MemorySource */
	MEMORY_MAP_PAGE_BYTES = 4096,
};

enum memory_map_what {
	MEMORY_MAP_DATA,
	MEMORY_MAP_ZERO,
	MEMORY_MAP_PRIVATE, /* of pages without a direct map */
	MEMORY_MAP_DOUBTFUL, /* zeros that the source does not vouch for */
	MEMORY_MAP_MISSING, /* a gap */
	MEMORY_MAP_WHATS,
};

struct memory_map_cell {
	uint64_t bytes[MEMORY_MAP_WHATS];
	uint64_t by[MEMORY_MAP_SOURCES];
	uint64_t first_ns; /* CLOCK_MONOTONIC; 0 = nothing was read */
	uint64_t last_ns;
};

struct memory_map {
	struct ranges ram;
	uint64_t ram_bytes;
	uint64_t cell_bytes; /* of each but the last */
	size_t n;
	struct memory_map_cell *cells;
	pthread_mutex_t lock; /* of the cells */
};

/*
 * memory_map_init(ret, ram, e):
 * An empty map of ${ram}, which is copied.  End with memory_map_done().
 */
int memory_map_init(struct memory_map *ret, const struct ranges *ram,
	struct err *e) MUST_CHECK;
void memory_map_done(struct memory_map *m);

/*
 * memory_map_add(m, record, e):
 * Add an extent or a gap of memory; other records, and what lies outside of
 * the map, are nothing to it.  Any thread may call it, in any order, with the
 * same map in the end.  -EBADMSG for an extent that no writer makes.
 */
int memory_map_add(struct memory_map *m, const Icecore__V1__Record *record,
	struct err *e) MUST_CHECK;

/*
 * memory_map_hold(m, r, what):
 * Add a range of which no more is known than what it holds.
 */
void memory_map_hold(
	struct memory_map *m, struct range r, enum memory_map_what what);

/*
 * memory_map_json(m, ret, e):
 * Append { "cellBytes", "ramBytes", "ranges": [["0x..", bytes], ...], "cells":
 * [[data, zero, private, doubtful, missing, source, first, last], ...] }:
 * pages of 4 KiB, begun ones left out, the number of the source that read most,
 * microseconds of CLOCK_MONOTONIC.
 */
int memory_map_json(
	const struct memory_map *m, struct buf *ret, struct err *e) MUST_CHECK;

#endif
