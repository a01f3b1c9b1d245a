/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of physical memory, [start, end), and the System RAM of this host. */
#ifndef MEMORY_RANGE_H
#define MEMORY_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	RANGES_MAX = 4096, /* in one list */
	RANGE_IOMEM_BYTES = 1 << 20, /* of /proc/iomem */
};

struct range {
	uint64_t start;
	uint64_t end;
};

/* Sorted, disjoint, not touching; none is empty. */
struct ranges {
	struct range *v;
	size_t n;
};

void ranges_done(struct ranges *rs);

/*
 * ranges_add(rs, r, e):
 * The union of ${rs} and ${r}; ranges that touch become one.  -E2BIG past
 * RANGES_MAX.
 */
int ranges_add(struct ranges *rs, struct range r, struct err *e) MUST_CHECK;

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

/*
 * ranges_parse_iomem(ret, text, e):
 * The System RAM that ${text}, the content of /proc/iomem, lists: "System
 * RAM" and "System RAM (kmem)" and the like, at every depth.  -EPERM when the
 * addresses are hidden (all zero), -EBADMSG when a line is no resource,
 * -ENOENT when there is no System RAM.  The caller ends ${ret} with
 * ranges_done().
 */
int ranges_parse_iomem(
	struct ranges *ret, const char *text, struct err *e) MUST_CHECK;

/*
 * ranges_load(ret, e):
 * The System RAM of this host, from /proc/iomem.
 */
int ranges_load(struct ranges *ret, struct err *e) MUST_CHECK;

#define AUTO_RANGES CLEANUP(ranges_done)

#endif
