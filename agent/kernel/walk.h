/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's own containers in its memory.  Each walk is bounded, and ends
 * with -ELOOP where the bound is met (a list that never comes back to its
 * head), with -EFAULT where a link leads nowhere; what came before was seen.
 * A negative return of ${see} ends a walk, too.
 */
#ifndef KERNEL_WALK_H
#define KERNEL_WALK_H

#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct peek;

enum {
	WALK_NODES_MAX = 1 << 16,
	WALK_DEPTH_MAX = 96, /* of a tree; a balanced one of 2^48 has no more */
};

/* ${at}: the link in the object; ${index}: in an xarray, its key. */
typedef int walk_see(void *arg, uint64_t at, uint64_t index, struct err *e);

/*
 * walk_list(p, head, see, arg, e):
 * A struct list_head, but for its head.
 */
int walk_list(struct peek *p, uint64_t head, walk_see *see, void *arg,
	struct err *e) MUST_CHECK;

/*
 * walk_hlist(p, head, see, arg, e):
 * A struct hlist_head at ${head}.
 */
int walk_hlist(struct peek *p, uint64_t head, walk_see *see, void *arg,
	struct err *e) MUST_CHECK;

/*
 * walk_tree(p, root, see, arg, e):
 * A struct rb_root at ${root}, parents before children.
 */
int walk_tree(struct peek *p, uint64_t root, walk_see *see, void *arg,
	struct err *e) MUST_CHECK;

/* Where struct xarray and struct xa_node have what; by kernel/layout.h. */
struct walk_xarray_layout {
	uint32_t head;
	uint32_t shift;
	uint32_t slots;
};

/*
 * walk_xarray(p, xarray, layout, see, arg, e):
 * The entries of a struct xarray that are pointers, by ascending index.
 */
int walk_xarray(struct peek *p, uint64_t xarray,
	const struct walk_xarray_layout *layout, walk_see *see, void *arg,
	struct err *e) MUST_CHECK;

/*
 * walk_maple(p, tree, root, see, arg, e):
 * The entries of a struct maple_tree that are pointers, by ascending index
 * (6.1; lib/maple_tree.c): ${root} is where it has ma_root.
 */
int walk_maple(struct peek *p, uint64_t tree, uint32_t root, walk_see *see,
	void *arg, struct err *e) MUST_CHECK;

#endif
