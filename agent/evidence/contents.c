// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "evidence/contents.h"

static int add_extent(
	struct contents *c, const Icecore__V1__MemoryExtent *x, struct err *e)
{
	struct range all = { x->start, x->start };

	for (size_t i = 0; i < x->n_runs; i++) {
		const Icecore__V1__PageRun *run = x->runs[i];

		if (__builtin_add_overflow(all.end, run->bytes, &all.end))
			return err_set(e, -ERANGE, "extent past 2^64");
		if (run->status == ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO)
			c->zero_bytes += run->bytes;
		if (run->status ==
			ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO_DOUBTFUL)
			c->doubtful_bytes += run->bytes;
		if (run->status ==
			ICECORE__V1__PAGE_STATUS__PAGE_STATUS_PRIVATE_MAP)
			c->private_map_bytes += run->bytes;
	}
	return ranges_add(&c->memory, all, e);
}

int contents_add(struct contents *c, const Icecore__V1__Record *m, struct err *e)
{
	unsigned kind = (unsigned)m->body_case;

	if (kind >= RECORD_KINDS)
		return err_set(e, -EINVAL, "record of kind %u", kind);
	c->kinds[kind]++;
	if (m->body_case == ICECORE__V1__RECORD__BODY_MEMORY_EXTENT)
		return add_extent(c, m->memory_extent, e);
	if (m->body_case == ICECORE__V1__RECORD__BODY_GAP && m->gap->range &&
		m->gap->kind == ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY)
		return ranges_add(&c->memory_gaps,
			(struct range){ m->gap->range->start, m->gap->range->end },
			e);
	return 0;
}

bool contents_full(const struct contents *c)
{
	return c->memory.n >= MANIFEST_RANGES_MAX ||
	       c->memory_gaps.n >= MANIFEST_RANGES_MAX;
}

void contents_done(struct contents *c)
{
	ranges_done(&c->memory);
	ranges_done(&c->memory_gaps);
	*c = (struct contents){ 0 };
}

static int put_ranges(Icecore__V1__Range ***ret, size_t *ret_n,
	const struct ranges *rs, struct err *e)
{
	if (!rs->n)
		return 0;
	*ret = calloc(rs->n, sizeof(**ret));
	if (!*ret)
		return err_set(e, -ENOMEM, "no memory for %zu ranges", rs->n);
	for (size_t i = 0; i < rs->n; i++) {
		Icecore__V1__Range *r = malloc(sizeof(*r));

		if (!r)
			return err_set(e, -ENOMEM, "no memory for a range");
		icecore__v1__range__init(r);
		r->start = rs->v[i].start;
		r->end = rs->v[i].end;
		(*ret)[i] = r;
		*ret_n = i + 1;
	}
	return 0;
}

static int put_kinds(
	Icecore__V1__SegmentEntry *ret, const struct contents *c, struct err *e)
{
	ret->kinds = calloc(RECORD_KINDS, sizeof(*ret->kinds));
	if (!ret->kinds)
		return err_set(e, -ENOMEM, "no memory for a segment entry");
	for (unsigned i = 0; i < RECORD_KINDS; i++) {
		Icecore__V1__KindCount *k;

		if (!c->kinds[i])
			continue;
		k = malloc(sizeof(*k));
		if (!k)
			return err_set(e, -ENOMEM, "no memory for a count");
		icecore__v1__kind_count__init(k);
		k->kind = i;
		k->records = c->kinds[i];
		ret->kinds[ret->n_kinds++] = k;
	}
	return 0;
}

int contents_entry(Icecore__V1__SegmentEntry **ret, const struct contents *c,
	struct err *e)
{
	Icecore__V1__SegmentEntry *s = malloc(sizeof(*s));
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for a segment entry");
	icecore__v1__segment_entry__init(s);
	s->zero_bytes = c->zero_bytes;
	s->doubtful_bytes = c->doubtful_bytes;
	s->private_map_bytes = c->private_map_bytes;
	r = put_kinds(s, c, e);
	if (r == 0)
		r = put_ranges(&s->memory, &s->n_memory, &c->memory, e);
	if (r == 0)
		r = put_ranges(
			&s->memory_gaps, &s->n_memory_gaps, &c->memory_gaps, e);
	if (r < 0) {
		icecore__v1__segment_entry__free_unpacked(s, NULL);
		return r;
	}
	*ret = s;
	return 0;
}
