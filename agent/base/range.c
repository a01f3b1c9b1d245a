// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/range.h"

enum { FIRST_CAP = 16 };

void ranges_done(struct ranges *rs)
{
	if (!rs)
		return;
	free(rs->v);
	*rs = (struct ranges){ 0 };
}

/* The index of the first range whose end is at or behind ${addr}. */
static size_t lower_bound(const struct ranges *rs, uint64_t addr)
{
	size_t lo = 0, hi = rs->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rs->v[mid].end < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int grow(struct ranges *rs, struct err *e)
{
	size_t cap = rs->cap ? rs->cap * 2 : FIRST_CAP;
	struct range *v;

	if (rs->n < rs->cap)
		return 0;
	if (rs->n == RANGES_MAX)
		return err_set(e, -E2BIG, "more than %d ranges", RANGES_MAX);
	v = reallocarray(rs->v, cap, sizeof(*v));
	if (!v)
		return err_set(e, -ENOMEM, "no memory for %zu ranges", cap);
	rs->v = v;
	rs->cap = cap;
	return 0;
}

int ranges_add(struct ranges *rs, struct range r, struct err *e)
{
	size_t first, last;
	int rc;

	if (r.end < r.start)
		return err_set(e, -EINVAL,
			"range %#" PRIx64 "-%#" PRIx64 " ends before it starts",
			r.start, r.end);
	if (r.end == r.start)
		return 0;
	first = lower_bound(rs, r.start);
	for (last = first; last < rs->n && rs->v[last].start <= r.end; last++) {
		if (rs->v[last].start < r.start)
			r.start = rs->v[last].start;
		if (rs->v[last].end > r.end)
			r.end = rs->v[last].end;
	}
	if (last == first) {
		rc = grow(rs, e);
		if (rc < 0)
			return rc;
		memmove(rs->v + first + 1, rs->v + first,
			(rs->n - first) * sizeof(*rs->v));
		rs->n++;
	} else {
		memmove(rs->v + first + 1, rs->v + last,
			(rs->n - last) * sizeof(*rs->v));
		rs->n -= last - first - 1;
	}
	rs->v[first] = r;
	return 0;
}

int ranges_subtract(struct ranges *ret, const struct ranges *a,
	const struct ranges *b, struct err *e)
{
	size_t k = 0;

	for (size_t i = 0; i < a->n; i++) {
		uint64_t at = a->v[i].start, end = a->v[i].end;

		while (k < b->n && b->v[k].end <= at)
			k++;
		for (size_t j = k; at < end; j++) {
			int more = j < b->n && b->v[j].start < end;
			uint64_t stop = more ? b->v[j].start : end;

			if (stop > at) {
				int r = ranges_add(
					ret, (struct range){ at, stop }, e);

				if (r < 0)
					return r;
			}
			at = more ? b->v[j].end : end;
		}
	}
	return 0;
}

uint64_t ranges_bytes(const struct ranges *rs)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < rs->n; i++)
		sum += rs->v[i].end - rs->v[i].start;
	return sum;
}

const struct range *ranges_find(const struct ranges *rs, uint64_t addr)
{
	size_t i = lower_bound(rs, addr);

	if (i < rs->n && rs->v[i].end == addr)
		i++;
	return i < rs->n ? &rs->v[i] : NULL;
}
