/* SPDX-License-Identifier: Apache-2.0 */
/* Between source.c and the kinds of sources, source_*.c. */
#ifndef MEMORY_SOURCE_INTERNAL_H
#define MEMORY_SOURCE_INTERNAL_H

#include "base/range.h"
#include "memory/source.h"

struct source {
	const struct source_ops *ops;
	struct source_config config;
	struct ranges offline; /* not to be touched; empty for kmod */
};

struct source_reader {
	struct source *source;
	int fd; /* of this reader alone; -1 = the kind needs none */
	uint64_t base; /* address of data[0], of the read that is going on */
	uint8_t *data; /* of a batch, page aligned; the kind's */
	uint8_t *status; /* of each of its pages; all 0 when a read begins */
};

/*
 * A kind embeds struct source and struct source_reader at the front of its
 * own.  open() and reader_open() get room that is zeroed but for
 * source->ops, source->config and reader->source; when they fail close() and
 * reader_close() are called, which must do with what was set up by then.
 */
struct source_ops {
	const char *name;
	size_t source_bytes;
	size_t reader_bytes;
	int kind;
	int knows_offline; /* finds offline blocks by itself */
	int (*open)(struct source *s, struct err *e);
	/* Undo what open() changed on the host; NULL = it changes nothing. */
	int (*restore)(struct source *s, struct err *e);
	void (*close)(struct source *s);
	int (*reader_open)(
		struct source_reader *r, unsigned index, struct err *e);
	void (*reader_close)(struct source_reader *r);
	/* Fill data and status as source_read() says. */
	int (*read)(struct source_reader *r, uint64_t paddr, size_t len,
		struct err *e);
};

extern const struct source_ops source_kmod_ops;
extern const struct source_ops source_bpf_ops;
extern const struct source_ops source_kcore_ops;
extern const struct source_ops source_devmem_ops;

/*
 * source_pages(paddr, len):
 * How many pages ${len} bytes at ${paddr} touch.
 */
static inline size_t source_pages(uint64_t paddr, size_t len)
{
	return (paddr % SOURCE_PAGE_BYTES + len + SOURCE_PAGE_BYTES - 1) /
	       SOURCE_PAGE_BYTES;
}

/*
 * source_buffer_open(r, index, e), source_buffer_close(r):
 * reader_open() and reader_close() of the kinds that read by a descriptor:
 * room for a batch in data and status.  The latter closes r->fd too.
 */
int source_buffer_open(
	struct source_reader *r, unsigned index, struct err *e) MUST_CHECK;
void source_buffer_close(struct source_reader *r);

/*
 * source_pread(r, delta, start, end, e):
 * Read those pages of [${start}, ${end}) whose status is 0 from r->fd, where
 * they lie at their address + ${delta}: neighbours in one call, and page by
 * page where that fails.  They become PAGE_DATA or PAGE_FAULT.  A refusal to
 * read at all is an error.
 */
int source_pread(struct source_reader *r, uint64_t delta, uint64_t start,
	uint64_t end, struct err *e) MUST_CHECK;

#endif
