// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "volume/lvm_group.h"

/* One segment of a logical volume. */
struct segment {
	uint32_t at; /* in the text */
	uint64_t bytes;
	uint64_t extent_bytes;
	unsigned depth;
};

/* How many were looked at for one map, which a mirror may have many times. */
struct mapper {
	const struct lvm_group *g;
	unsigned segments;
};

static bool has_flag(const struct lvm_text *t, uint32_t in, const char *list,
	const char *flag)
{
	uint32_t at = lvm_text_find(t, in, LVM_LIST, slice_of(list));

	for (uint32_t i = at ? t->nodes[at].first : 0; i; i = t->nodes[i].next)
		if (t->nodes[i].kind == LVM_STRING &&
			slice_is(t->nodes[i].text, flag))
			return true;
	return false;
}

int lvm_group_open(struct lvm_group *ret, struct slice text, struct err *e)
{
	struct lvm_group g = { 0 };
	int r = lvm_text_parse(&g.text, text, e);

	if (r < 0)
		return r;
	/* The group is the only section. */
	for (uint32_t i = g.text.nodes[0].first; i; i = g.text.nodes[i].next)
		if (g.text.nodes[i].kind == LVM_SECTION) {
			g.section = i;
			g.name = g.text.nodes[i].name;
			g.number = lvm_text_number(&g.text, i, "seqno");
			break;
		}
	if (!g.section) {
		lvm_group_done(&g);
		return err_set(e, -EBADMSG, "no group in its text");
	}
	*ret = g;
	return 0;
}

void lvm_group_done(struct lvm_group *g)
{
	lvm_text_done(&g->text);
}

static uint32_t section(const struct lvm_group *g, const char *name)
{
	return lvm_text_find(&g->text, g->section, LVM_SECTION, slice_of(name));
}

uint32_t lvm_group_next(const struct lvm_group *g, uint32_t at)
{
	const struct lvm_node *nodes = g->text.nodes;
	uint32_t all = section(g, "logical_volumes");

	if (!all)
		return 0;
	for (at = at ? nodes[at].next : nodes[all].first; at; at = nodes[at].next)
		if (nodes[at].kind == LVM_SECTION &&
			has_flag(&g->text, at, "status", "VISIBLE"))
			return at;
	return 0;
}

/* A UUID as it is on the disk, without its hyphens. */
static bool same_id(const char *id, struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != '-' &&
			(n == LVM_ID_CHARS - 1 || id[n++] != text.p[i]))
			return false;
	return n == LVM_ID_CHARS - 1;
}

/* ${bytes} from ${extent} of the physical volume that the text calls ${name}. */
static int find_stripe(struct map_stripe *ret, const struct lvm_group *g,
	const struct segment *s, const struct lvm_node *name, uint64_t bytes,
	struct err *e)
{
	const struct lvm_text *t = &g->text;
	uint64_t extent = t->nodes[name->next].number, from, off;
	uint32_t all = section(g, "physical_volumes");
	uint32_t pv = all ? lvm_text_find(t, all, LVM_SECTION, name->text) : 0;
	struct slice id;

	if (!pv)
		return err_set(e, -EBADMSG,
			"on %.*s, which is no physical volume",
			(int)name->text.len, name->text.p);
	id = lvm_text_string(t, pv, "id");
	if (__builtin_mul_overflow(lvm_text_number(t, pv, "pe_start"),
		    (uint64_t)LVM_SECTOR_BYTES, &from) ||
		__builtin_mul_overflow(extent, s->extent_bytes, &off) ||
		__builtin_add_overflow(from, off, &off))
		return err_set(e, -EBADMSG, "an extent past all ends");
	for (size_t i = 0; i < g->places_n; i++) {
		const struct lvm_place *p = &g->places[i];

		if (!same_id(p->id, id))
			continue;
		if (off > p->bytes || bytes > p->bytes - off)
			return err_set(e, -EBADMSG,
				"past the end of a physical volume");
		*ret = (struct map_stripe){ p->device, p->start_bytes + off };
		return 0;
	}
	return err_set(e, -ENODEV, "on physical volume %.*s, which is not there",
		(int)id.len, id.p);
}

/* The pairs of a list: a name and an extent; 0 past the last. */
static uint32_t next_pair(const struct lvm_text *t, uint32_t at)
{
	uint32_t second = at ? t->nodes[at].next : 0;

	if (!second || t->nodes[at].kind != LVM_STRING ||
		t->nodes[second].kind != LVM_NUMBER)
		return 0;
	return second;
}

static int add_striped(struct map *ret, const struct lvm_group *g,
	const struct segment *s, struct err *e)
{
	const struct lvm_text *t = &g->text;
	uint32_t list = lvm_text_find(t, s->at, LVM_LIST, slice_of("stripes"));
	uint64_t n = lvm_text_number(t, s->at, "stripe_count");
	struct map_piece piece = { .bytes = s->bytes };
	uint32_t at = list ? t->nodes[list].first : 0, second;
	int r = 0;

	if (n > 1 && (n > MAP_STRIPES_MAX || s->bytes % n))
		return err_set(
			e, -ENOTSUP, "in %llu stripes", (unsigned long long)n);
	if (n > 1 &&
		__builtin_mul_overflow(lvm_text_number(t, s->at, "stripe_size"),
			(uint64_t)LVM_SECTOR_BYTES, &piece.chunk_bytes))
		return err_set(e, -EBADMSG, "a stripe past all ends");
	for (; r == 0 && (second = next_pair(t, at)) && piece.stripes_n < n;
		at = t->nodes[second].next)
		r = find_stripe(&piece.stripes[piece.stripes_n++], g, s,
			&t->nodes[at], s->bytes / n, e);
	if (r < 0)
		return r;
	if (!n || piece.stripes_n != n || at ||
		(n > 1 && (!piece.chunk_bytes ||
				  s->bytes / n % piece.chunk_bytes)))
		return err_set(e, -EBADMSG, "stripes that are none");
	return map_add(ret, &piece, e);
}

static int add_volume(struct map *ret, struct mapper *m, uint32_t at,
	unsigned depth, struct err *e);

/* The first leg of a mirror, which is a logical volume of its own. */
static int add_leg(struct map *ret, struct mapper *m, const struct segment *s,
	struct err *e)
{
	const struct lvm_group *g = m->g;
	const struct lvm_text *t = &g->text;
	uint32_t list = lvm_text_find(t, s->at, LVM_LIST, slice_of("mirrors"));
	uint32_t leg = list ? t->nodes[list].first : 0,
		 second = next_pair(t, leg);
	uint32_t all = section(g, "logical_volumes");
	uint32_t volume = second && all ? lvm_text_find(t, all, LVM_SECTION,
						  t->nodes[leg].text)
					: 0;
	struct map whole = { 0 };
	uint64_t start;
	int r;

	if (!volume || __builtin_mul_overflow(t->nodes[second].number,
			       s->extent_bytes, &start))
		return err_set(e, -EBADMSG, "a mirror of nothing");
	r = add_volume(&whole, m, volume, s->depth + 1, e);
	if (r == 0)
		r = map_slice(ret, &whole, start, s->bytes, e);
	map_done(&whole);
	return r;
}

static int add_segment(struct map *ret, struct mapper *m,
	const struct segment *s, struct err *e)
{
	struct slice type = lvm_text_string(&m->g->text, s->at, "type");

	if (slice_is(type, "striped"))
		return add_striped(ret, m->g, s, e);
	if (slice_is(type, "mirror"))
		return add_leg(ret, m, s, e);
	return err_set(e, -ENOTSUP, "a segment of type %.*s, which is not read",
		(int)(type.len < 32 ? type.len : 32), type.p);
}

/* The next section of a volume that is a segment, from the node ${i} on. */
static uint32_t next_segment(const struct lvm_text *t, uint32_t i)
{
	while (i && (t->nodes[i].kind != LVM_SECTION ||
			    !slice_begins(t->nodes[i].name, "segment")))
		i = t->nodes[i].next;
	return i;
}

/* They stand in the order of their extents, without holes. */
static int add_volume(struct map *ret, struct mapper *m, uint32_t at,
	unsigned depth, struct err *e)
{
	const struct lvm_text *t = &m->g->text;
	uint64_t extent = 0, count;
	struct segment s = { .depth = depth };
	int r = 0;

	if (depth > LVM_NESTING_MAX)
		return err_set(e, -EBADMSG, "volumes in each other");
	if (__builtin_mul_overflow(
		    lvm_text_number(t, m->g->section, "extent_size"),
		    (uint64_t)LVM_SECTOR_BYTES, &s.extent_bytes))
		return err_set(e, -EBADMSG, "an extent past all ends");
	s.at = next_segment(t, t->nodes[at].first);
	if (!s.at)
		return err_set(e, -EBADMSG, "no segments");
	for (; r == 0 && s.at; s.at = next_segment(t, t->nodes[s.at].next)) {
		if (++m->segments > LVM_GROUP_SEGMENTS_MAX)
			return err_set(e, -E2BIG, "more than %d segments",
				LVM_GROUP_SEGMENTS_MAX);
		count = lvm_text_number(t, s.at, "extent_count");
		if (!count || lvm_text_number(t, s.at, "start_extent") != extent ||
			__builtin_mul_overflow(count, s.extent_bytes, &s.bytes) ||
			__builtin_add_overflow(extent, count, &extent) ||
			!s.bytes)
			return err_set(e, -EBADMSG, "a hole between segments");
		r = add_segment(ret, m, &s, e);
	}
	return r;
}

int lvm_group_map(struct map *ret, const struct lvm_group *g, uint32_t volume,
	struct err *e)
{
	struct mapper mapper = { .g = g };
	struct map m = { 0 };
	int r = add_volume(&m, &mapper, volume, 0, e);

	if (r < 0)
		map_done(&m);
	else
		*ret = m;
	return r;
}
