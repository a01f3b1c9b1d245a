// SPDX-License-Identifier: Apache-2.0
/* struct maple_tree, include/linux/maple_tree.h, on 64 bits. */
#include <errno.h>

#include "base/err.h"
#include "kernel/peek.h"
#include "kernel/walk.h"

enum {
	NODE_BYTES = 256,
	DEPTH_MAX = 31, /* MAPLE_HEIGHT_MAX */
	TYPE_LEAF = 1,
	TYPE_RANGE = 2,
	TYPE_ARANGE = 3,
	RANGE_SLOTS = 16,
	ARANGE_SLOTS = 10,
};

/* A node: its parent, the last index of each slot but the last, the slots. */
struct node {
	uint64_t words[NODE_BYTES / 8];
	uint64_t max; /* the last index of all */
	unsigned type;
	unsigned slots;
	unsigned next;
};

static int enter(struct peek *p, struct node *n, uint64_t entry, uint64_t max,
	struct err *e)
{
	uint64_t at = entry & ~(NODE_BYTES - 1ULL);

	n->type = entry >> 3 & 15;
	if (n->type < TYPE_LEAF || n->type > TYPE_ARANGE)
		return err_set(e, -EBADMSG, "a node of type %u", n->type);
	if (peek_read(p, n->words, at, sizeof(n->words)) < 0)
		return err_set(
			e, -EFAULT, "nothing at %#llx", (unsigned long long)at);
	n->slots = n->type == TYPE_ARANGE ? ARANGE_SLOTS : RANGE_SLOTS;
	n->max = max;
	n->next = 0;
	return 0;
}

/* The next slot, and the last index of it: 0 = there is none. */
static int next_slot(struct node *n, uint64_t *entry, uint64_t *last)
{
	if (n->next >= n->slots)
		return 0;
	*last = n->next + 1 < n->slots ? n->words[1 + n->next] : n->max;
	/* What is not in use has no index. */
	if (!*last || *last > n->max)
		*last = n->max;
	*entry = n->words[n->slots + n->next];
	n->next = *last == n->max ? n->slots : n->next + 1;
	return 1;
}

static int walk_nodes(struct peek *p, struct node *nodes, walk_see *see,
	void *arg, struct err *e)
{
	int depth = 0, count = 0, r = 0;

	while (r == 0 && depth >= 0) {
		struct node *n = &nodes[depth];
		uint64_t entry, last;

		if (!next_slot(n, &entry, &last)) {
			depth--;
		} else if (n->type == TYPE_LEAF) {
			if (entry && !(entry & 3))
				r = see(arg, entry, last, e);
		} else if (entry) {
			if (depth + 1 == DEPTH_MAX || count++ == WALK_NODES_MAX)
				return err_set(e, -ELOOP,
					"more than %d nodes of a tree",
					WALK_NODES_MAX);
			r = enter(p, &nodes[++depth], entry, last, e);
		}
	}
	return r;
}

int walk_maple(struct peek *p, uint64_t tree, uint32_t root, walk_see *see,
	void *arg, struct err *e)
{
	AUTO_FREE struct node *nodes = calloc(DEPTH_MAX, sizeof(*nodes));
	uint64_t entry;
	int r;

	if (!nodes)
		return err_set(e, -ENOMEM, "no memory to walk");
	if (peek_u64(p, &entry, tree + root) < 0)
		return err_set(e, -EFAULT, "nothing at %#llx",
			(unsigned long long)tree);
	/* A node is marked by 2; one entry alone stands for itself. */
	if ((entry & 3) != 2)
		return entry && !(entry & 3) ? see(arg, entry, 0, e) : 0;
	r = enter(p, &nodes[0], entry, UINT64_MAX, e);
	return r < 0 ? r : walk_nodes(p, nodes, see, arg, e);
}
