/* SPDX-License-Identifier: Apache-2.0 */
/* Between ram.c, which reads, and ram_fill.c, which lays out. */
#ifndef INSPECT_RAM_INTERNAL_H
#define INSPECT_RAM_INTERNAL_H

#include <pthread.h>

#include "icecore/v1/record.pb-c.h"
#include "inspect/ram.h"
#include "lab/reader.h"

#define PAGE_MASK (RAM_PAGE_BYTES - 1ULL)

struct extent {
	uint64_t start;
	uint64_t end;
	uint64_t read_start_ns;
	uint64_t read_end_ns;
};

struct cached {
	uint64_t page; /* its address | 1; 0 = none */
	uint8_t bytes[RAM_PAGE_BYTES];
};

struct ram {
	struct physical physical; /* first */
	int fd;
	struct ranges room; /* whole pages: what the file is laid out for */
	uint64_t *offsets; /* in the file, of each of these */
	struct ranges known;
	struct extent *extents; /* by start */
	size_t extents_n;
	struct cached *cache; /* RAM_CACHE_PAGES */
	struct ram_totals totals;
};

/*
 * ram_place(s, ret, paddr, len):
 * Where ${len} bytes at ${paddr} are in the file; -ERANGE = nowhere.
 */
int ram_place(const struct ram *s, uint64_t *ret, uint64_t paddr,
	uint64_t len) MUST_CHECK;

/*
 * ram_open_scratch(dir, e):
 * The file: a descriptor.
 */
int ram_open_scratch(const char *dir, struct err *e) MUST_CHECK;

/* What the threads that write share. */
struct ram_writer {
	struct ram *ram;
	const char *scratch; /* the directory */
	bool over; /* another pass was before: zeros count */
	pthread_mutex_t lock;
	uint8_t *free[READER_THREADS_MAX]; /* buffers that nobody uses */
	size_t free_n;
};

/*
 * ram_write_extent(w, x, e), ram_writer_done(w):
 * Put the pages of ${x} into the file.  -EBADMSG for what there is no room laid
 * out for, -ENOSPC when the disk is full.  Any thread.
 */
int ram_write_extent(struct ram_writer *w, const Icecore__V1__MemoryExtent *x,
	struct err *e) MUST_CHECK;
void ram_writer_done(struct ram_writer *w);

/*
 * ram_fill(s, r, options, e):
 * Lay all memory of ${r} out in it, and sum up.
 */
int ram_fill(struct ram *s, struct reader *r, const struct ram_options *options,
	struct err *e) MUST_CHECK;

#endif
