/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel's memory by virtual address, as struct peek, out of a capture.  A
 * read of what the capture lacks fails, and is kept as a gap: what was looked
 * at, and where.  What is looked at also has a time: of the first and of the
 * last read, on the host, of the pages that it came from.
 */
#ifndef INSPECT_PEEK_IMAGE_H
#define INSPECT_PEEK_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "kernel/peek.h"

struct err;
struct physical;
struct translate;

/* What is looked at. */
enum subject {
	SUBJECT_KERNEL, /* whatever is none of the others */
	SUBJECT_TASKS,
	SUBJECT_MODULES,
	SUBJECT_HOOKS,
	SUBJECT_SOCKETS,
	SUBJECT_MAPS,
	SUBJECTS,
};

enum {
	PEEK_IMAGE_GAPS_MAX = 256, /* that are told one by one */
	PEEK_IMAGE_PAGES = 1024, /* whose translation is kept */
	/* For one subject: lists of lists that lead to each other have no end. */
	PEEK_IMAGE_READS_MAX = 1 << 27,
};

struct peek_gap {
	enum subject subject;
	uint64_t vaddr;
	uint64_t paddr; /* 0 = a page table is missing */
};

struct peek_window {
	uint64_t pages; /* looked at; one may count more than once */
	uint64_t first_ns; /* CLOCK_MONOTONIC of the host; 0 = not told */
	uint64_t last_ns;
	uint64_t missing; /* reads of what the capture lacks */
	uint64_t unmapped; /* reads where nothing is mapped */
	uint64_t reads; /* past PEEK_IMAGE_READS_MAX all fail */
};

struct peek_image {
	struct peek base; /* first */
	struct physical *memory;
	const struct translate *translate;
	enum subject subject;
	struct peek_window windows[SUBJECTS];
	struct peek_gap gaps[PEEK_IMAGE_GAPS_MAX];
	size_t gaps_n; /* all of them; at most MAX are kept */
	struct {
		uint64_t page; /* its address | 1; 0 = none */
		uint64_t paddr;
	} pages[PEEK_IMAGE_PAGES];
};

/*
 * peek_image_new(ret, memory, translate, e):
 * Over both, borrowed.  End it with peek_close().
 */
int peek_image_new(struct peek_image **ret, struct physical *memory,
	const struct translate *translate, struct err *e) MUST_CHECK;

/*
 * peek_image_begin(p, subject):
 * What is looked at from now on.
 */
void peek_image_begin(struct peek_image *p, enum subject subject);

/*
 * subject_name(subject): such as "tasks".
 */
const char *subject_name(enum subject subject);

#endif
