/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source reads physical memory: the kernel module, a BPF program,
 * /proc/kcore or /dev/mem.  What it says of each page comes beside the bytes,
 * never in them.
 */
#ifndef MEMORY_SOURCE_H
#define MEMORY_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct ranges;

enum {
	SOURCE_PAGE_BYTES = 4096,
	/* One read: large enough to hide its cost, small enough for L2. */
	SOURCE_BATCH_BYTES = 256 << 10,
	SOURCE_BATCH_PAGES = SOURCE_BATCH_BYTES / SOURCE_PAGE_BYTES,
	SOURCE_READERS_MAX = 16,
};

/* The numbers are those of PageStatus in record.proto. */
enum page_status {
	PAGE_DATA = 1,
	PAGE_ZERO = 2,
	PAGE_PRIVATE_MAP = 3,
	PAGE_ZERO_DOUBTFUL = 4,
	PAGE_HWPOISON = 16, /* from here on there are no bytes */
	PAGE_OFFLINE = 17,
	PAGE_UNACCEPTED = 18,
	PAGE_NO_DIRECT_MAP = 19,
	PAGE_FAULT = 20,
	PAGE_TIMEOUT = 21,
	PAGE_NOT_MAPPED = 22,
	PAGE_INTERRUPTED = 23,
};

static inline int page_is_known(uint8_t status)
{
	return status >= PAGE_DATA && status < PAGE_HWPOISON;
}

/*
 * page_status_name(status):
 * "data", "zero", "private-map", "zero-doubtful", "hwpoison", "offline",
 * "unaccepted", "no-direct-map", "fault", "timeout", "not-mapped",
 * "interrupted"; "unknown" for any other number.
 */
const char *page_status_name(uint8_t status);

/* The numbers are those of MemorySource in record.proto. */
enum source_kind {
	SOURCE_KMOD = 1,
	SOURCE_BPF = 2,
	SOURCE_KCORE = 3,
	SOURCE_DEVMEM = 4,
	SOURCE_KINDS = 4,
};

/* What a source may use; borrowed while the source is open. */
struct source_config {
	unsigned readers; /* threads, 1 to SOURCE_READERS_MAX */
	const char *module_path; /* icecore.ko to load, NULL = none */
	const struct ranges *ram; /* what will be read */
};

struct source;
struct source_reader;

/*
 * source_kind_find(name):
 * The kind called "kmod", "bpf", "kcore" or "devmem"; 0 = none.
 */
int source_kind_find(const char *name);
const char *source_kind_name(int kind);

/*
 * source_open(ret, kind, config, e):
 * Open one source.  On failure ${e} says in one sentence what refuses it
 * (lockdown, capability, missing device, kernel option) and what would help.
 * Close with source_close(), which also unloads a module that it loaded.
 */
int source_open(struct source **ret, int kind,
	const struct source_config *config, struct err *e) MUST_CHECK;
void source_close(struct source *s);

/*
 * source_restore(s, e):
 * Undo what opening ${s} changed on this host, a module that it loaded, when
 * all its readers are closed; ${s} can then only be closed.  source_close()
 * does the same, but cannot say that it went wrong.
 */
int source_restore(struct source *s, struct err *e) MUST_CHECK;
int source_kind(const struct source *s);

/*
 * source_module_fd(s):
 * The device of icecore's module, which only one may open, for what else it can
 * tell; it is the source's.  -1 = this source has none.
 */
int source_module_fd(const struct source *s);

/*
 * source_reader_open(ret, s, index, e):
 * What one thread needs to read from ${s}; ${index} < config->readers, one
 * reader for each.  Close it with source_reader_close() before the source.
 */
int source_reader_open(struct source_reader **ret, struct source *s,
	unsigned index, struct err *e) MUST_CHECK;
void source_reader_close(struct source_reader *r);

/* One read.  data and status are the reader's, until its next call. */
struct source_batch {
	const uint8_t *data; /* of page i, from data + i * page bytes */
	const uint8_t *status; /* enum page_status, one of each page */
	size_t pages;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t end_ns;
};

/*
 * source_read(r, ret, paddr, len, e):
 * Read ${len} bytes at ${paddr}, which must lie in one SOURCE_BATCH_BYTES
 * aligned block and in one range of System RAM; ends of ranges need not be
 * page aligned.  data[0] is the byte at ${paddr} rounded down to a page, so
 * that every page lies at a page's distance; bytes before ${paddr} and from
 * ${paddr} + ${len} on are undefined.  A page of zeros may come as PAGE_ZERO,
 * PAGE_ZERO_DOUBTFUL or as PAGE_DATA.  Trouble with a page is its status; a
 * negative return is trouble with the source itself, which the caller may
 * close and replace by another.
 */
int source_read(struct source_reader *r, struct source_batch *ret,
	uint64_t paddr, size_t len, struct err *e) MUST_CHECK;

/*
 * source_read_bytes(paddr, end):
 * How much of [${paddr}, ${end}) one read may ask for.
 */
static inline size_t source_read_bytes(uint64_t paddr, uint64_t end)
{
	uint64_t block = SOURCE_BATCH_BYTES - paddr % SOURCE_BATCH_BYTES;

	return (size_t)(end - paddr < block ? end - paddr : block);
}

/* Why each kind was or was not taken; in the order of the ladder. */
struct source_ladder {
	struct source_step {
		int kind;
		int result; /* 0 = opened, 1 = not tried, or -errno */
		struct err why; /* of the refusal */
	} steps[SOURCE_KINDS];
	size_t n;
};

/*
 * source_open_auto(ret, ladder, after, config, e):
 * Open the first kind that opens, in the order kmod, bpf, kcore, devmem,
 * beginning behind ${after} (0 = at the start), and note every refusal in
 * ${ladder}.  When none opens ${e} names each with its reason.
 */
int source_open_auto(struct source **ret, struct source_ladder *ladder,
	int after, const struct source_config *config, struct err *e) MUST_CHECK;

/*
 * source_probe(ladder, config):
 * Try every kind, read nothing, and close it again.
 */
void source_probe(
	struct source_ladder *ladder, const struct source_config *config);

#endif
