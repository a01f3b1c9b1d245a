// SPDX-License-Identifier: Apache-2.0
/* Lists of what the kernel calls: ftrace, kprobes, tracepoints, security
 * modules. */
#include <errno.h>

#include "kernel/hook_internal.h"
#include "kernel/layout.h"
#include "kernel/walk.h"

enum {
	OPS_MAX = 4096,
	KPROBE_TABLE = 64, /* KPROBE_TABLE_SIZE */
	TRACEPOINTS_MAX = 16384,
	TRACEPOINT_FUNCS_MAX = 256,
	LSM_BYTES_MAX = 1 << 20,
};

int hook_walk_ftrace(struct hook_walk *w, struct err *e)
{
	uint64_t at = hook_symbol(w, "ftrace_ops_list", e);
	uint64_t end = hook_symbol(w, "ftrace_list_end", e);
	uint32_t func, next;
	const struct layout_want wants[] = {
		{ "ftrace_ops", "func", &func },
		{ "ftrace_ops", "next", &next },
	};
	int r = at && end ? layout_find(w->state->layout, wants,
				    ARRAY_LEN(wants), e)
			  : -ENOENT;

	if (r < 0)
		return r;
	if (peek_u64(w->state->peek, &at, at) < 0)
		return err_set(e, -EFAULT, "no ftrace_ops_list");
	for (int i = 0; r == 0 && at && at != end; i++) {
		uint64_t target;

		if (i == OPS_MAX)
			return err_set(
				e, -ELOOP, "more than %d ftrace_ops", OPS_MAX);
		if (peek_u64(w->state->peek, &target, at + func) < 0)
			return err_set(e, -EFAULT, "no ftrace_ops");
		r = hook_add(w, "ftrace_ops", at, target, e);
		if (r == 0 && peek_u64(w->state->peek, &at, at + next) < 0)
			return err_set(e, -EFAULT, "no ftrace_ops");
	}
	return r;
}

struct kprobe_layout {
	struct hook_walk *walk;
	uint32_t hlist, list, addr, pre, post;
};

static int see_probe(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct kprobe_layout *l = arg;
	struct peek *p = l->walk->state->peek;
	uint64_t pre, post, where;
	char slot[HOOK_SLOT_CHARS];
	int r;

	(void)index;
	if (peek_u64(p, &pre, at + l->pre) < 0 ||
		peek_u64(p, &post, at + l->post) < 0 ||
		peek_u64(p, &where, at + l->addr) < 0)
		return err_set(e, -EFAULT, "no kprobe");
	(void)snprintf(slot, sizeof(slot), "kprobe at %#llx",
		(unsigned long long)where);
	r = hook_add(l->walk, slot, at + l->pre, pre, e);
	return r < 0 ? r : hook_add(l->walk, slot, at + l->post, post, e);
}

static int see_listed(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct kprobe_layout *l = arg;

	return see_probe(arg, at - l->list, index, e);
}

/* One that stands for several has them on its list. */
static int see_hashed(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct kprobe_layout *l = arg;
	uint64_t probe = at - l->hlist;
	int r = see_probe(arg, probe, index, e);

	return r < 0 ? r
		     : walk_list(l->walk->state->peek, probe + l->list,
			       see_listed, arg, e);
}

int hook_walk_kprobes(struct hook_walk *w, struct err *e)
{
	uint64_t at = hook_symbol(w, "kprobe_table", e);
	struct kprobe_layout l = { .walk = w };
	const struct layout_want wants[] = {
		{ "kprobe", "hlist", &l.hlist },
		{ "kprobe", "list", &l.list },
		{ "kprobe", "addr", &l.addr },
		{ "kprobe", "pre_handler", &l.pre },
		{ "kprobe", "post_handler", &l.post },
	};
	int r = at ? layout_find(w->state->layout, wants, ARRAY_LEN(wants), e)
		   : -ENOENT;

	for (int i = 0; r == 0 && i < KPROBE_TABLE; i++)
		r = walk_hlist(w->state->peek, at + 8 * (uint64_t)i, see_hashed,
			&l, e);
	return r;
}

struct tracepoint_layout {
	uint32_t name, funcs, func_bytes;
};

static int see_tracepoint(struct hook_walk *w,
	const struct tracepoint_layout *l, uint64_t at, struct err *e)
{
	struct peek *p = w->state->peek;
	uint64_t funcs, name;
	char slot[HOOK_SLOT_CHARS];
	int r = 0;

	if (peek_u64(p, &funcs, at + l->funcs) < 0)
		return err_set(e, -EFAULT, "no tracepoint");
	if (!funcs)
		return 0;
	if (peek_u64(p, &name, at + l->name) < 0 ||
		peek_text(p, slot, sizeof(slot), name) < 0)
		(void)snprintf(slot, sizeof(slot), "tracepoint");
	for (uint64_t i = 0; r == 0 && i < TRACEPOINT_FUNCS_MAX; i++) {
		uint64_t target;

		if (peek_u64(p, &target, funcs + i * l->func_bytes) < 0 || !target)
			break;
		r = hook_add(w, slot, funcs + i * l->func_bytes, target, e);
	}
	return r;
}

/* x86-64 and arm64 have distances for pointers: HAVE_ARCH_PREL32_RELOCATIONS */
int hook_walk_tracepoints(struct hook_walk *w, struct err *e)
{
	uint64_t start = hook_symbol(w, "__start___tracepoints_ptrs", e);
	uint64_t stop = hook_symbol(w, "__stop___tracepoints_ptrs", e);
	AUTO_FREE int32_t *distances = NULL;
	struct tracepoint_layout l;
	const struct layout_want wants[] = {
		{ "tracepoint", "name", &l.name },
		{ "tracepoint", "funcs", &l.funcs },
	};
	size_t n = (stop - start) / sizeof(*distances);
	int r = start && stop > start && n <= TRACEPOINTS_MAX
			? layout_find(w->state->layout, wants, ARRAY_LEN(wants), e)
			: err_set(e, -ENOENT, "no table of tracepoints");

	if (r == 0)
		r = layout_size(
			w->state->layout, &l.func_bytes, "tracepoint_func", e);
	if (r < 0)
		return r;
	distances = calloc(n, sizeof(*distances));
	if (!distances)
		return err_set(e, -ENOMEM, "no memory for tracepoints");
	if (peek_read(w->state->peek, distances, start, n * sizeof(*distances)) <
		0)
		return err_set(e, -EFAULT, "no table of tracepoints");
	for (size_t i = 0; r == 0 && i < n; i++) {
		uint64_t at = start + i * sizeof(*distances);

		r = see_tracepoint(w, &l, at + (uint64_t)distances[i], e);
	}
	return r;
}

struct lsm_layout {
	struct hook_walk *walk;
	uint32_t list, hook;
};

static int see_security(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct lsm_layout *l = arg;
	uint64_t target;

	(void)index;
	at += l->hook - l->list;
	if (peek_u64(l->walk->state->peek, &target, at) < 0)
		return err_set(e, -EFAULT, "no security_hook_list");
	return hook_add(l->walk, "security_hook_list", at, target, e);
}

/* 6.12, 417c5643cd67 ("lsm: replace indirect LSM hook calls with static
 * calls"): a table, whose entries point at what was on lists before. */
static int walk_static_calls(struct hook_walk *w, struct lsm_layout *l,
	uint64_t table, struct err *e)
{
	uint32_t bytes = 0, one = 0, hl = 0;
	int r = layout_size(
		w->state->layout, &bytes, "lsm_static_calls_table", e);

	if (r == 0)
		r = layout_size(w->state->layout, &one, "lsm_static_call", e);
	if (r == 0)
		r = layout_offset(
			w->state->layout, &hl, "lsm_static_call", "hl", e);
	if (r < 0)
		return r;
	if (!one || bytes > LSM_BYTES_MAX)
		return err_set(e, -EFBIG, "a table of %u bytes", bytes);
	for (uint32_t at = 0; r == 0 && at + one <= bytes; at += one) {
		uint64_t hook;

		if (peek_u64(w->state->peek, &hook, table + at + hl) < 0)
			return err_set(e, -EFAULT, "no static_calls_table");
		if (hook)
			r = see_security(l, hook + l->list, 0, e);
	}
	return r;
}

int hook_walk_lsm(struct hook_walk *w, struct err *e)
{
	uint64_t table =
		symbols_address(&w->state->symbols, "static_calls_table");
	uint64_t heads =
		symbols_address(&w->state->symbols, "security_hook_heads");
	struct lsm_layout l = { .walk = w };
	uint32_t bytes;
	int r = layout_offset(
		w->state->layout, &l.hook, "security_hook_list", "hook", e);

	if (r < 0 || (!heads && !table))
		return r < 0 ? r : err_set(e, -ENOENT, "no security hooks");
	if (!heads)
		return walk_static_calls(w, &l, table, e);
	r = layout_offset(
		w->state->layout, &l.list, "security_hook_list", "list", e);
	if (r == 0)
		r = layout_size(
			w->state->layout, &bytes, "security_hook_heads", e);
	for (uint32_t at = 0; r == 0 && at + 8 <= bytes; at += 8)
		r = walk_hlist(w->state->peek, heads + at, see_security, &l, e);
	return r;
}
