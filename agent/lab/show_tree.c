// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "lab/show_cell.h"
#include "lab/show_process.h"
#include "lab/show_tree.h"

enum {
	FIRST_NODES = 256,
	INDENT_MAX = 32, /* deeper ones are not moved further */
};

const char show_tree_header[] =
	"    PID     UID      START SEEN CONTAINER    PROCESS";

struct show_node {
	uint32_t pid;
	uint32_t ppid;
	size_t head_at; /* of its text: the cells, then the name */
	size_t name_at;
	size_t end;
	size_t child; /* 1 + index of the first, 0 = none */
	size_t next; /* of its parent's: 1 + index */
	bool printed;
};

void show_tree_init(struct show_tree *t)
{
	*t = (struct show_tree){ 0 };
	buf_init(&t->text, SHOW_TREE_BYTES);
}

void show_tree_done(struct show_tree *t)
{
	free(t->v);
	buf_done(&t->text);
	*t = (struct show_tree){ 0 };
}

static int grow(struct show_tree *t, struct err *e)
{
	size_t cap = t->cap ? 2 * t->cap : FIRST_NODES;
	struct show_node *v;

	if (t->n < t->cap)
		return 0;
	if (t->n >= SHOW_TREE_MAX)
		return err_set(e, -EFBIG, "a tree of more than %d processes",
			SHOW_TREE_MAX);
	v = reallocarray(t->v, cap, sizeof(*v));
	if (!v)
		return err_set(e, -ENOMEM, "no memory for a tree");
	t->v = v;
	t->cap = cap;
	return 0;
}

static int put_head(struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	const Icecore__V1__Thread *t = show_leader(p);
	const Icecore__V1__Credentials *c = t ? t->credentials : NULL;
	ProtobufCBinaryData id = show_container_id(p);
	int r = cell_u32(ret, 7, p->has_pid, p->pid, e);

	if (r == 0)
		r = cell_u32(ret, 7, c && c->has_uid, c ? c->uid : 0, e);
	if (r == 0)
		r = cell_seconds(ret, p->has_start_boot_ns, p->start_boot_ns, e);
	if (r == 0)
		r = cell_seen(ret, p->seen_by, e);
	return r < 0 ? r : cell_bytes(ret, &id, 12, e);
}

int show_tree_add(
	struct show_tree *t, const Icecore__V1__Process *p, struct err *e)
{
	const Icecore__V1__Thread *leader = show_leader(p);
	struct show_node n = { .pid = p->pid, .ppid = p->ppid };
	int r = grow(t, e);

	n.head_at = t->text.len;
	if (r == 0)
		r = put_head(&t->text, p, e);
	n.name_at = t->text.len;
	if (r == 0 && leader)
		r = cell_bytes(&t->text, &leader->comm, 0, e);
	if (r == 0 && (!leader || !leader->kernel_thread))
		r = show_command(&t->text, p, e);
	if (r < 0)
		return r;
	n.end = t->text.len;
	t->v[t->n++] = n;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct show_node *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static struct show_node *find(struct show_tree *t, uint32_t pid)
{
	struct show_node key = { .pid = pid };

	return bsearch(&key, t->v, t->n, sizeof(*t->v), by_pid);
}

/* Make the lists of children, each in the order of ids. */
static void tie(struct show_tree *t)
{
	qsort(t->v, t->n, sizeof(*t->v), by_pid);
	for (size_t i = t->n; i-- > 0;) {
		struct show_node *n = &t->v[i];
		struct show_node *parent = n->ppid ? find(t, n->ppid) : NULL;

		if (!parent || parent == n)
			continue;
		n->next = parent->child;
		parent->child = i + 1;
	}
}

struct walk {
	struct show_tree *tree;
	size_t *stack; /* of indices: the way from the root */
	struct buf line;
	int (*say)(void *arg, const struct buf *text, struct err *e);
	void *arg;
};

static int print_one(struct walk *w, size_t i, size_t depth, struct err *e)
{
	struct show_node *n = &w->tree->v[i];
	const uint8_t *text = w->tree->text.data;
	size_t indent = 2 * (depth < INDENT_MAX ? depth : INDENT_MAX);
	int r;

	n->printed = true;
	w->line.len = 0;
	r = buf_append(&w->line, text + n->head_at, n->name_at - n->head_at, e);
	if (r == 0)
		r = buf_text(&w->line, e, "%*s", (int)indent, "");
	if (r == 0)
		r = buf_append(
			&w->line, text + n->name_at, n->end - n->name_at, e);
	return r < 0 ? r : w->say(w->arg, &w->line, e);
}

/* ${next}, or the first after it that was not printed; 0 = none. */
static size_t unprinted(const struct show_node *v, size_t next)
{
	while (next && v[next - 1].printed)
		next = v[next - 1].next;
	return next;
}

/* The next one to print: a child, else a sibling of it or of one above. */
static size_t go_on(struct walk *w, size_t *depth)
{
	const struct show_node *v = w->tree->v;
	size_t next = unprinted(v, v[w->stack[*depth]].child);

	if (next) {
		++*depth;
		return next;
	}
	while (*depth) {
		next = unprinted(v, v[w->stack[*depth]].next);
		if (next)
			return next;
		--*depth;
	}
	return 0;
}

static int print_from(struct walk *w, size_t root, struct err *e)
{
	size_t depth = 0, next = root + 1;
	int r = 0;

	while (r == 0 && next) {
		w->stack[depth] = next - 1;
		r = print_one(w, next - 1, depth, e);
		if (r == 0)
			next = go_on(w, &depth);
	}
	return r;
}

static bool is_root(struct show_tree *t, const struct show_node *n)
{
	return !n->ppid || n->ppid == n->pid || !find(t, n->ppid);
}

int show_tree_print(struct show_tree *t,
	int (*line)(void *arg, const struct buf *text, struct err *e),
	void *arg, struct err *e)
{
	AUTO_FREE size_t *stack = calloc(t->n + 1, sizeof(*stack));
	struct walk w = { .tree = t, .stack = stack, .say = line, .arg = arg };
	int r = 0;

	if (!stack)
		return err_set(e, -ENOMEM, "no memory for a tree");
	buf_init(&w.line, SHOW_TREE_BYTES);
	tie(t);
	for (size_t i = 0; r == 0 && i < t->n; i++)
		if (is_root(t, &t->v[i]))
			r = print_from(&w, i, e);
	for (size_t i = 0; r == 0 && i < t->n; i++)
		if (!t->v[i].printed)
			r = print_from(&w, i, e);
	buf_done(&w.line);
	return r;
}
