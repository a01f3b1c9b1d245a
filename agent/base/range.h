/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges [start, end) of addresses, and sorted sets of them. */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum { RANGES_MAX = 1 << 20 }; /* in one set: 16 MiB of them */

struct range {
	uint64_t start;
	uint64_t end;
};

/* Sorted, disjoint, not touching; none is empty.  { 0 } is the empty set. */
struct ranges {
	struct range *v;
	size_t n;
	size_t cap;
};

void ranges_done(struct ranges *rs);

/*
 * ranges_add(rs, r, e):
 * The union of ${rs} and ${r}; ranges that touch become one, an empty ${r}
 * changes nothing.  -EINVAL when ${r} ends before it starts, -E2BIG past
 * RANGES_MAX.
 */
int ranges_add(struct ranges *rs, struct range r, struct err *e) MUST_CHECK;

/*
 * ranges_subtract(ret, a, b, e):
 * Add to ${ret} what is in ${a} and not in ${b}.
 */
int ranges_subtract(struct ranges *ret, const struct ranges *a,
	const struct ranges *b, struct err *e) MUST_CHECK;

/*
 * ranges_bytes(rs):
 * The sum of the lengths.
 */
uint64_t ranges_bytes(const struct ranges *rs);

/*
 * ranges_find(rs, addr):
 * The range that holds ${addr}, or else the first one after it; NULL = none.
 */
const struct range *ranges_find(const struct ranges *rs, uint64_t addr);

#define AUTO_RANGES CLEANUP(ranges_done)

#endif
