// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "kernel/peek.h"
#include "kernel/walk.h"

enum {
	XA_SLOTS = 64, /* XA_CHUNK_SIZE without CONFIG_BASE_SMALL */
	XA_SHIFT_MAX = 60,
	XA_DEPTH_MAX = 11,
};

static int dangling(struct err *e, uint64_t at)
{
	return err_set(e, -EFAULT, "nothing at %#llx", (unsigned long long)at);
}

static int endless(struct err *e, uint64_t at)
{
	return err_set(e, -ELOOP, "more than %d links from %#llx",
		WALK_NODES_MAX, (unsigned long long)at);
}

int walk_list(
	struct peek *p, uint64_t head, walk_see *see, void *arg, struct err *e)
{
	uint64_t at = head;

	for (int i = 0; i <= WALK_NODES_MAX; i++) {
		int r;

		if (peek_u64(p, &at, at) < 0)
			return dangling(e, at);
		if (at == head)
			return 0;
		r = see(arg, at, 0, e);
		if (r < 0)
			return r;
	}
	return endless(e, head);
}

int walk_hlist(
	struct peek *p, uint64_t head, walk_see *see, void *arg, struct err *e)
{
	uint64_t at = head;

	for (int i = 0; i <= WALK_NODES_MAX; i++) {
		int r;

		if (peek_u64(p, &at, at) < 0)
			return dangling(e, at);
		if (!at)
			return 0;
		r = see(arg, at, 0, e);
		if (r < 0)
			return r;
	}
	return endless(e, head);
}

/* struct rb_node: the parent and the colour, the right and the left child. */
int walk_tree(
	struct peek *p, uint64_t root, walk_see *see, void *arg, struct err *e)
{
	uint64_t stack[WALK_DEPTH_MAX], node[3];
	size_t depth = 0;

	if (peek_u64(p, &stack[0], root) < 0)
		return dangling(e, root);
	depth = stack[0] != 0;
	for (int i = 0; depth; i++) {
		uint64_t at = stack[--depth];
		int r;

		if (i == WALK_NODES_MAX || depth + 2 > WALK_DEPTH_MAX)
			return endless(e, root);
		if (peek_read(p, node, at, sizeof(node)) < 0)
			return dangling(e, at);
		r = see(arg, at, 0, e);
		if (r < 0)
			return r;
		if (node[1])
			stack[depth++] = node[1];
		if (node[2])
			stack[depth++] = node[2];
	}
	return 0;
}

/* include/linux/xarray.h: 2 in the low bits is a node, 1 a value. */
static int is_node(uint64_t entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

struct level {
	uint64_t slots[XA_SLOTS];
	uint64_t base; /* the index of slot 0 */
	unsigned shift;
	unsigned next; /* slot */
};

static int enter(struct peek *p, struct level *l, uint64_t entry, uint64_t base,
	const struct walk_xarray_layout *layout, struct err *e)
{
	uint64_t at = entry - 2;
	uint8_t shift;

	if (peek_read(p, &shift, at + layout->shift, 1) < 0 ||
		peek_read(p, l->slots, at + layout->slots, sizeof(l->slots)) < 0)
		return dangling(e, at);
	if (shift > XA_SHIFT_MAX)
		return err_set(e, -EBADMSG, "a node with shift %u", shift);
	l->shift = shift;
	l->base = base;
	l->next = 0;
	return 0;
}

static int walk_levels(struct peek *p, struct level *levels,
	const struct walk_xarray_layout *layout, walk_see *see, void *arg,
	struct err *e)
{
	int depth = 0, nodes = 0, r = 0;

	while (r == 0 && depth >= 0) {
		struct level *l = &levels[depth];
		uint64_t entry, index;

		if (l->next == XA_SLOTS) {
			depth--;
			continue;
		}
		index = l->base + ((uint64_t)l->next << l->shift);
		entry = l->slots[l->next++];
		if (is_node(entry)) {
			if (depth + 1 == XA_DEPTH_MAX ||
				nodes++ == WALK_NODES_MAX || l->shift == 0)
				return endless(e, entry - 2);
			r = enter(p, &levels[++depth], entry, index, layout, e);
		} else if (entry && !(entry & 3)) {
			r = see(arg, entry, index, e);
		}
	}
	return r;
}

int walk_xarray(struct peek *p, uint64_t xarray,
	const struct walk_xarray_layout *layout, walk_see *see, void *arg,
	struct err *e)
{
	AUTO_FREE struct level *levels = calloc(XA_DEPTH_MAX, sizeof(*levels));
	uint64_t head;
	int r;

	if (!levels)
		return err_set(e, -ENOMEM, "no memory to walk");
	if (peek_u64(p, &head, xarray + layout->head) < 0)
		return dangling(e, xarray);
	if (!is_node(head))
		return head && !(head & 3) ? see(arg, head, 0, e) : 0;
	r = enter(p, &levels[0], head, 0, layout, e);
	return r < 0 ? r : walk_levels(p, levels, layout, see, arg, e);
}
