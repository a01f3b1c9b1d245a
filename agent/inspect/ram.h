/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical memory of a capture, at random access.  One pass over the
 * segments, by several threads, puts the pages that hold data into a file
 * without a name in a scratch directory, at the distance that they have from
 * the beginning of all that was captured; zero pages are holes in it.  What is
 * kept in memory does not grow with the pages: ranges of what is known, one
 * entry for each extent, and a cache of some pages.
 */
#ifndef INSPECT_RAM_H
#define INSPECT_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/range.h"
#include "inspect/physical.h"

struct err;
struct lab_keys;
struct reader;
struct ram;

enum {
	RAM_PAGE_BYTES = 4096, /* of the cache; whatever the host's pages are */
	RAM_CACHE_PAGES = 2048,
	RAM_EXTENTS_MAX = 1 << 20,
};

/* Called as bytes come in, by one thread at a time. */
typedef void ram_progress(void *arg, uint64_t bytes);

struct ram_options {
	const char *scratch; /* a directory with room for all pages with data */
	const struct lab_keys *keys;
	unsigned threads;
	ram_progress *progress; /* NULL = nobody looks */
	void *arg;
};

struct ram_totals {
	uint64_t known_bytes; /* data and zeros */
	uint64_t data_bytes; /* written to the scratch file */
	uint64_t missing_bytes; /* System RAM that the capture lacks */
	uint64_t doubtful_bytes; /* zeros that may be none */
	uint64_t unvouched_bytes; /* of segments that no signature vouches for */
	uint64_t twice_bytes; /* told by more than one extent */
	uint64_t first_ns; /* the first and the last read, CLOCK_MONOTONIC */
	uint64_t last_ns;
	size_t extents;
	bool by_module; /* some of it was read by icecore's module */
};

/*
 * ram_open(ret, r, options, e):
 * All memory of ${r}, which was checked.  Where vouched and unvouched segments
 * tell of the same page, what is vouched for stands.  -ENOSPC says how to get
 * room.  A segment that cannot be opened is a finding of ${r}.  Close with
 * ram_close().
 */
int ram_open(struct ram **ret, struct reader *r,
	const struct ram_options *options, struct err *e) MUST_CHECK;
void ram_close(struct ram *s);

/*
 * ram_physical(s):
 * To read from; borrowed.  One thread at a time.
 */
struct physical *ram_physical(struct ram *s);

/*
 * ram_totals(s), ram_known(s):
 * What there is; borrowed.
 */
const struct ram_totals *ram_totals(const struct ram *s);
const struct ranges *ram_known(const struct ram *s);

#endif
