// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "live/vma.h"

static void set_protection(struct mapping *m, uint32_t flags)
{
	static const char letters[] = "rwx";

	for (unsigned i = 0; i < 3; i++)
		m->protection[i] = flags >> i & 1 ? letters[i] : '-';
	m->protection[3] = flags >> 3 & 1 ? 's' : 'p';
	m->protection[4] = 0;
}

static struct mapping mapping_of(const struct live_vma *v)
{
	struct mapping m = { .start = v->start,
		.end = v->end,
		.inode = v->inode,
		.major = v->major,
		.minor = v->minor,
		.seen_by = LIVE_BY_ITERATOR };

	set_protection(&m, v->flags);
	m.flags = maps_judge(&m);
	return m;
}

static int by_start(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

int vmas_merge(
	struct maps *maps, const struct live_vma *v, size_t n, struct err *e)
{
	size_t told = maps->n, at = 0;
	int added = 0;

	for (size_t i = 0; i < n; i++) {
		struct mapping m = mapping_of(&v[i]);
		int r;

		while (at < told && maps->v[at].start < m.start)
			at++;
		if (at < told && maps->v[at].start == m.start &&
			maps->v[at].end == m.end &&
			strcmp(maps->v[at].protection, m.protection) == 0) {
			maps->v[at].seen_by |= LIVE_BY_ITERATOR;
			continue;
		}
		r = maps_add(maps, &m, e);
		if (r < 0)
			return r;
		added++;
	}
	if (added)
		qsort(maps->v, maps->n, sizeof(*maps->v), by_start);
	return added;
}
