/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that one file says of itself, by one reading. */
#ifndef BINARY_LOOK_H
#define BINARY_LOOK_H

#include "base/err.h"
#include "binary/content.h"
#include "binary/elf_traits.h"
#include "binary/measure.h"
#include "binary/script.h"

enum { LOOK_CAPABILITY_BYTES = 64 };

struct look {
	bool read; /* to its end; else ->why */
	struct err why;
	struct content content;
	bool is_elf;
	struct elf_traits elf;
	int segments[ELF_SEGMENTS_MAX]; /* their parts of ->measure */
	int sections[ELF_SECTIONS_MAX];
	bool is_script;
	struct script script;
	struct measure *measure; /* NULL = it was not opened */
	uint8_t capability[LOOK_CAPABILITY_BYTES]; /* as it is stored */
	size_t capability_len;
	bool tmpfs; /* on a file system that is only in memory */
};

/*
 * look_at(ret, slow, held, interrupted, e), look_done(l):
 * Look at the file that ${held}, of regular_look(), holds.  What goes wrong
 * with it is told by ${ret}, which the caller ends in every case; a negative
 * return means that there was no memory.
 */
int look_at(struct look *ret, struct slow *slow, int held,
	const atomic_bool *interrupted, struct err *e) MUST_CHECK;
void look_done(struct look *l);

/*
 * look_entropy(l):
 * The highest of a segment that is loaded and not small, as
 * measure_entropy() has it; -1 when there is none.
 */
int look_entropy(const struct look *l);

#endif
