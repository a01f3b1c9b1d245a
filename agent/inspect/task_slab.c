// SPDX-License-Identifier: Apache-2.0
/*
 * Tasks by the memory that they are made of.  The kernel has a struct page for
 * each page of memory; the first one of a slab says whose it is.  Every page
 * that the capture has is looked at, so nothing that the kernel could take
 * off a list is missed; what was freed is told by what the kernel left in it.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "inspect/task_internal.h"
#include "inspect/vmemmap.h"
#include "kernel/layout.h"

enum {
	OBJECTS_MAX = 32767,
	OBJECT_BYTES_MIN = 512, /* its last part depends on the processor */
	STACK_MAGIC = 0x57ac6e9d,
};

struct slab {
	struct task_walk *walk;
	uint64_t cache; /* the address of task_struct's */
	uint32_t page_bytes; /* of a struct page */
	uint32_t owner; /* where it has its cache */
	uint32_t size; /* of an object, with what lies round it */
	uint32_t pad; /* before it */
	uint32_t objects; /* in a slab */
};

static int read_cache(struct slab *s, struct err *e)
{
	struct layout *types = captured_layout(s->walk->c);
	struct peek *p = s->walk->peek;
	uint32_t size, order, pad = 0;
	const struct layout_want wants[] = {
		{ "kmem_cache", "size", &size },
		{ "kmem_cache", "oo", &order },
	};
	uint64_t at = captured_symbol(s->walk->c, "task_struct_cachep");
	int r = layout_find(types, wants, ARRAY_LEN(wants), e);

	if (r < 0)
		return r;
	if (!at || peek_u64(p, &s->cache, at) < 0 ||
		peek_u32(p, &s->size, s->cache + size) < 0 ||
		peek_u32(p, &s->objects, s->cache + order) < 0)
		return err_set(e, -ENOENT, "no cache of tasks");
	/* OO_MASK; the bits above are the order of its pages. */
	s->objects &= 0xffff;
	if (layout_offset(types, &pad, "kmem_cache", "red_left_pad", NULL) == 0 &&
		peek_u32(p, &s->pad, s->cache + pad) < 0)
		s->pad = 0;
	if (s->size < OBJECT_BYTES_MIN || !s->objects ||
		s->objects > OBJECTS_MAX || s->pad >= s->size)
		return err_set(e, -EBADMSG,
			"a cache of tasks of %u bytes, %u in a slab", s->size,
			s->objects);
	return 0;
}

/*
 * A task that lives, or whose end nobody has asked for yet.  What was freed has
 * no stack: put_task_stack() takes it away.  Of what ends, release_task() has
 * taken what signals go to and its id.  Whoever hides can change one of these
 * without harm to himself, so two out of four are enough.
 */
static bool is_task(const struct slab *s, uint64_t at)
{
	const struct task_layout *l = s->walk->l;
	struct peek *p = s->walk->peek;
	uint64_t stack = 0, signals = 0, id = 0, magic = 0;
	uint32_t usage = 0;

	if (peek_u64(p, &stack, at + l->stack) < 0 || !stack ||
		peek_u64(p, &signals, at + l->sighand) < 0 ||
		peek_u64(p, &id, at + l->id) < 0 ||
		peek_u32(p, &usage, at + l->usage) < 0 ||
		peek_u64(p, &magic, stack) < 0)
		return false;
	if (!signals && !id)
		return false;
	return (signals != 0) + (id != 0) + (usage && usage <= INT32_MAX) +
		       ((uint32_t)magic == STACK_MAGIC) >=
	       2;
}

static int see_slab(struct slab *s, uint64_t base, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < s->objects; i++) {
		uint64_t at = base + s->pad + (uint64_t)i * s->size;

		if (is_task(s, at))
			r = task_take(s->walk, at, e);
		else
			s->walk->ts->ended++;
		/* What the capture lacks is kept as a gap. */
		r = r == -EFAULT ? 0 : r;
	}
	return r;
}

/* One struct page. */
static int see_page(void *arg, const uint8_t *page, uint64_t base, struct err *e)
{
	struct slab *s = arg;
	uint64_t owner;

	memcpy(&owner, page + s->owner, sizeof(owner));
	return owner == s->cache ? see_slab(s, base, e) : 0;
}

int task_walk_slab(struct task_walk *w, struct err *e)
{
	struct layout *types = captured_layout(w->c);
	struct slab s = { .walk = w };
	int r;

	/* 5.17, d122019bf061 ("mm: Split slab into its own type"). */
	if (layout_offset(types, &s.owner, "slab", "slab_cache", NULL) < 0) {
		r = layout_offset(types, &s.owner, "page", "slab_cache", e);
		if (r < 0)
			return r;
	}
	r = layout_size(types, &s.page_bytes, "page", e);
	if (r == 0 && s.owner + sizeof(uint64_t) > s.page_bytes)
		r = err_set(
			e, -EBADMSG, "a struct page of %u bytes", s.page_bytes);
	if (r == 0)
		r = read_cache(&s, e);
	return r < 0 ? r : vmemmap_each(w->c, s.page_bytes, see_page, &s, e);
}
