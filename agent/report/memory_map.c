// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "lab/extent.h"
#include "report/memory_map.h"

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

int memory_map_init(
	struct memory_map *ret, const struct ranges *ram, struct err *e)
{
	int r = 0;

	*ret = (struct memory_map){ .lock = PTHREAD_MUTEX_INITIALIZER };
	for (size_t i = 0; r == 0 && i < ram->n; i++)
		r = ranges_add(&ret->ram, ram->v[i], e);
	ret->ram_bytes = ranges_bytes(&ret->ram);
	/* Rounding up would wrap; no machine has as much. */
	if (r == 0 && ret->ram_bytes > UINT64_MAX / 2)
		r = err_set(e, -ERANGE, "more memory than there can be");
	if (r == 0 && ret->ram_bytes) {
		ret->cell_bytes = round_up(ret->ram_bytes / MEMORY_MAP_CELLS + 1,
			MEMORY_MAP_PAGE_BYTES);
		ret->n = (size_t)(round_up(ret->ram_bytes, ret->cell_bytes) /
				  ret->cell_bytes);
		ret->cells = calloc(ret->n, sizeof(*ret->cells));
		if (!ret->cells)
			r = err_set(e, -ENOMEM, "no memory for the map");
	}
	if (r < 0)
		memory_map_done(ret);
	return r;
}

void memory_map_done(struct memory_map *m)
{
	free(m->cells);
	m->cells = NULL;
	m->n = 0;
	ranges_done(&m->ram);
}

/* What was read, and how. */
struct piece {
	struct memory_map *m;
	enum memory_map_what what;
	unsigned source; /* 0 = none */
	uint64_t first_ns, last_ns;
};

static void add_to(
	struct memory_map_cell *c, const struct piece *p, uint64_t bytes)
{
	c->bytes[p->what] += bytes;
	if (!p->source)
		return;
	c->by[p->source] += bytes;
	if (!c->first_ns || p->first_ns < c->first_ns)
		c->first_ns = p->first_ns;
	if (p->last_ns > c->last_ns)
		c->last_ns = p->last_ns;
}

/* [at, at + bytes) of the RAM end to end. */
static void add_flat(const struct piece *p, uint64_t at, uint64_t bytes)
{
	struct memory_map *m = p->m;

	while (bytes) {
		uint64_t room = m->cell_bytes - at % m->cell_bytes;
		uint64_t n = bytes < room ? bytes : room;

		add_to(&m->cells[at / m->cell_bytes], p, n);
		at += n;
		bytes -= n;
	}
}

static void add_range(const struct piece *p, struct range x)
{
	const struct ranges *ram = &p->m->ram;
	uint64_t before = 0;

	pthread_mutex_lock(&p->m->lock);
	for (size_t i = 0; i < ram->n && ram->v[i].start < x.end; i++) {
		const struct range *v = &ram->v[i];
		uint64_t start = x.start > v->start ? x.start : v->start;
		uint64_t end = x.end < v->end ? x.end : v->end;

		if (start < end)
			add_flat(p, before + (start - v->start), end - start);
		before += v->end - v->start;
	}
	pthread_mutex_unlock(&p->m->lock);
}

static int see_run(void *arg, struct range at, Icecore__V1__PageStatus status,
	const uint8_t *data, struct err *e)
{
	struct piece *p = arg;

	(void)data;
	(void)e;
	switch (status) {
	case ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO:
		p->what = MEMORY_MAP_ZERO;
		break;
	case ICECORE__V1__PAGE_STATUS__PAGE_STATUS_PRIVATE_MAP:
		p->what = MEMORY_MAP_PRIVATE;
		break;
	case ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO_DOUBTFUL:
		p->what = MEMORY_MAP_DOUBTFUL;
		break;
	default:
		p->what = MEMORY_MAP_DATA;
	}
	add_range(p, at);
	return 0;
}

int memory_map_add(
	struct memory_map *m, const Icecore__V1__Record *record, struct err *e)
{
	struct piece p = { .m = m, .what = MEMORY_MAP_MISSING };

	if (!m->n)
		return 0;
	if (record->body_case == ICECORE__V1__RECORD__BODY_MEMORY_EXTENT) {
		const Icecore__V1__MemoryExtent *x = record->memory_extent;

		p.source = (unsigned)x->source < MEMORY_MAP_SOURCES
				   ? (unsigned)x->source
				   : 0;
		p.first_ns = x->read_start_ns;
		p.last_ns = x->read_end_ns;
		return extent_each(x, see_run, &p, e);
	}
	if (record->body_case == ICECORE__V1__RECORD__BODY_GAP &&
		record->gap->kind == ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY &&
		record->gap->range &&
		record->gap->range->start < record->gap->range->end)
		add_range(&p, (struct range){ record->gap->range->start,
				      record->gap->range->end });
	return 0;
}

void memory_map_hold(
	struct memory_map *m, struct range r, enum memory_map_what what)
{
	const struct piece p = { .m = m, .what = what };

	if (m->n)
		add_range(&p, r);
}

static unsigned most(const struct memory_map_cell *c)
{
	unsigned best = 0;

	for (unsigned i = 1; i < MEMORY_MAP_SOURCES; i++)
		if (c->by[i] > c->by[best])
			best = i;
	return best;
}

static int cell_json(
	const struct memory_map_cell *c, struct buf *ret, struct err *e)
{
	int r = buf_text(ret, e, "[");

	for (int i = 0; r == 0 && i < MEMORY_MAP_WHATS; i++)
		r = buf_text(ret, e, "%" PRIu64 ",", c->bytes[i] >> 12);
	return r < 0 ? r
		     : buf_text(ret, e, "%u,%" PRIu64 ",%" PRIu64 "]", most(c),
			       c->first_ns / 1000, c->last_ns / 1000);
}

int memory_map_json(const struct memory_map *m, struct buf *ret, struct err *e)
{
	int r = buf_text(ret, e,
		"{\"cellBytes\":%" PRIu64 ",\"ramBytes\":%" PRIu64
		",\"ranges\":[",
		m->cell_bytes, m->ram_bytes);

	for (size_t i = 0; r == 0 && i < m->ram.n; i++)
		r = buf_text(ret, e, "%s[\"0x%" PRIx64 "\",%" PRIu64 "]",
			i ? "," : "", m->ram.v[i].start,
			m->ram.v[i].end - m->ram.v[i].start);
	if (r == 0)
		r = buf_text(ret, e, "],\"cells\":[");
	for (size_t i = 0; r == 0 && i < m->n; i++) {
		if (i)
			r = buf_text(ret, e, ",\n");
		if (r == 0)
			r = cell_json(&m->cells[i], ret, e);
	}
	return r < 0 ? r : buf_text(ret, e, "]}");
}
