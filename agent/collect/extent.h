/* SPDX-License-Identifier: Apache-2.0 */
/* From what a source read to MemoryExtent and Gap records. */
#ifndef COLLECT_EXTENT_H
#define COLLECT_EXTENT_H

#include "memory/source.h"
#include "stream/writer.h"

/* A gap that may go on in the next batch. */
struct open_gap {
	uint64_t start;
	uint64_t end; /* == start: none is open */
	uint8_t status;
	int source;
	struct err reason;
};

/* One thread's way from batches to records. */
struct extents {
	struct writer *w;
	struct open_gap gap;
};

/*
 * extents_put(x, source, batch, paddr, len, e):
 * Write what ${batch} says of the ${len} bytes at ${paddr}.  Pages of zeros
 * are found and left out; pages without data become gaps.
 */
int extents_put(struct extents *x, int source, const struct source_batch *batch,
	uint64_t paddr, size_t len, struct err *e) MUST_CHECK;

/*
 * extents_gap(x, gap, e):
 * Write ${gap}, or let the open one go on when it is of the same kind.
 */
int extents_gap(struct extents *x, const struct open_gap *gap,
	struct err *e) MUST_CHECK;

/*
 * extents_flush(x, e):
 * Write the gap that is still open.
 */
int extents_flush(struct extents *x, struct err *e) MUST_CHECK;

#endif
