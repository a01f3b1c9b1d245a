/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bytes of a file say while they pass: the entropy of parts of it, and
 * words that packers and miners leave behind.
 */
#ifndef BINARY_MEASURE_H
#define BINARY_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct measure;

enum {
	MEASURE_PARTS_MAX = 192,
	/* Parts together have at most this many times the file's bytes. */
	MEASURE_TIMES = 4,
	MEASURE_ENTROPY_MAX = 8000, /* thousandths of a bit, of each byte */
};

/* Words that are looked for; bits of measure_marks(). */
enum measure_mark {
	MEASURE_UPX = 1 << 0,
	MEASURE_PACKER = 1 << 1, /* another one's */
	MEASURE_MINER = 1 << 2, /* two different ones of a miner */
	MEASURE_GO = 1 << 3,
};

/*
 * measure_new(ret, size, e), measure_free(m):
 * For a file of ${size} bytes.
 */
int measure_new(struct measure **ret, uint64_t size, struct err *e) MUST_CHECK;
void measure_free(struct measure *m);

/*
 * measure_part(m, offset, bytes):
 * The entropy of that part is wanted.  Return its number, or -1 when there is
 * no room for it or it is empty.
 */
int measure_part(struct measure *m, uint64_t offset, uint64_t bytes);

/*
 * measure_see(m, offset, p, len):
 * The next bytes; holes between them are zeros that count for nothing.
 */
void measure_see(
	struct measure *m, uint64_t offset, const uint8_t *p, size_t len);

/*
 * measure_entropy(m, part): in thousandths of a bit; -1 when nothing was seen.
 * measure_marks(m): enum measure_mark.
 * measure_word(m, mark): the word that was found first; NULL = none.
 */
int measure_entropy(const struct measure *m, int part);
unsigned measure_marks(const struct measure *m);
const char *measure_word(const struct measure *m, enum measure_mark mark);

#endif
