/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are printed by rank, not in the order of the evidence. */
#ifndef LAB_SHOW_RANK_H
#define LAB_SHOW_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;

enum { SHOW_RANKED_MAX = 1 << 20, SHOW_RANKED_BYTES = 1 << 30 };

struct show_ranked {
	uint64_t rank;
	size_t at;
	size_t len;
};

struct show_rank {
	struct show_ranked *v;
	size_t n;
	size_t cap;
	struct buf text;
};

/*
 * show_rank_is_wanted(body): rows of that kind of record go by rank.
 * show_rank_of(m): of a record of such a kind; the highest comes first.
 */
bool show_rank_is_wanted(unsigned body);
uint64_t show_rank_of(const Icecore__V1__Record *m);

/*
 * show_rank_init(s), show_rank_done(s).
 * show_rank_add(s, rank, line, e): keep a copy; -E2BIG, -EFBIG.
 * show_rank_print(s, print, arg, e): all of them.
 */
void show_rank_init(struct show_rank *s);
void show_rank_done(struct show_rank *s);
int show_rank_add(struct show_rank *s, uint64_t rank, const struct buf *line,
	struct err *e) MUST_CHECK;
typedef int show_rank_line(void *arg, const struct buf *line, struct err *e);
int show_rank_print(struct show_rank *s, show_rank_line *print, void *arg,
	struct err *e) MUST_CHECK;

#endif
