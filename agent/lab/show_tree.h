/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes as a tree: each below its parent, in the order of their ids.  A
 * parent that is not there makes a root; of processes that are each other's
 * parents, one does.
 */
#ifndef LAB_SHOW_TREE_H
#define LAB_SHOW_TREE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;
struct show_node;

enum {
	SHOW_TREE_MAX = 1 << 17, /* processes */
	SHOW_TREE_BYTES = 64 << 20, /* of their lines */
};

struct show_tree {
	struct show_node *v;
	size_t n;
	size_t cap;
	struct buf text;
};

extern const char show_tree_header[];

/*
 * show_tree_init(t), show_tree_done(t).
 */
void show_tree_init(struct show_tree *t);
void show_tree_done(struct show_tree *t);

/*
 * show_tree_add(t, p, e):
 * One process.  -EFBIG past a limit.
 */
int show_tree_add(struct show_tree *t, const Icecore__V1__Process *p,
	struct err *e) MUST_CHECK;

/*
 * show_tree_print(t, line, arg, e):
 * Call ${line} for each line in order, until it returns negative.
 */
int show_tree_print(struct show_tree *t,
	int (*line)(void *arg, const struct buf *text, struct err *e),
	void *arg, struct err *e) MUST_CHECK;

#endif
