// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "kernel/layout.h"
#include "kernel/module.h"
#include "kernel/peek.h"
#include "kernel/symbols.h"
#include "kernel/walk.h"

enum { PART_PATH_CHARS = 32 };

/* 6.4, ac3b43283923 ("module: replace module_layout with module_memory"). */
static int find_parts(struct kmodule_layout *ret, struct layout *l, struct err *e)
{
	uint32_t n = 0, size, base, bytes, mem;
	int r;

	if (layout_count(l, &n, "module", "mem", NULL) < 0) {
		const struct layout_want old[] = {
			{ "module", "core_layout.base", &ret->parts[0] },
			{ "module", "core_layout.size", &ret->part_bytes[0] },
			{ "module", "init_layout.base", &ret->parts[1] },
			{ "module", "init_layout.size", &ret->part_bytes[1] },
		};

		ret->parts_n = 2;
		return layout_find(l, old, ARRAY_LEN(old), e);
	}
	r = layout_size(l, &size, "module_memory", e);
	if (r == 0)
		r = layout_offset(l, &mem, "module", "mem", e);
	if (r == 0)
		r = layout_offset(l, &base, "module_memory", "base", e);
	if (r == 0)
		r = layout_offset(l, &bytes, "module_memory", "size", e);
	ret->parts_n = n < KMODULE_PARTS_MAX ? n : KMODULE_PARTS_MAX;
	for (uint32_t i = 0; r == 0 && i < ret->parts_n; i++) {
		ret->parts[i] = mem + i * size + base;
		ret->part_bytes[i] = mem + i * size + bytes;
	}
	return r;
}

/* 6.9, d093602919ad ("mm: vmalloc: remove global vmap_area_root rb-tree"). */
static int find_areas(struct kmodule_layout *ret, struct layout *l, struct err *e)
{
	const struct layout_want wants[] = {
		{ "vmap_area", "va_start", &ret->area_start },
		{ "vmap_area", "va_end", &ret->area_end },
		{ "vmap_area", "list", &ret->area_list },
		{ "vmap_area", "vm", &ret->area_vm },
		{ "vm_struct", "caller", &ret->vm_caller },
	};

	if (layout_offset(l, &ret->node_list, "vmap_node", "busy.head", NULL) < 0 ||
		layout_size(l, &ret->node_bytes, "vmap_node", NULL) < 0)
		ret->node_bytes = 0;
	return layout_find(l, wants, ARRAY_LEN(wants), e);
}

int kmodule_layout(struct kmodule_layout *ret, struct layout *l, struct err *e)
{
	uint32_t latch = 0;
	const struct layout_want wants[] = {
		{ "module", "list", &ret->list },
		{ "module", "name", &ret->name },
		{ "module", "state", &ret->state },
		{ "kset", "list", &ret->kset_list },
		{ "module_kobject", "kobj.entry", &ret->kobject_entry },
		{ "module_kobject", "mod", &ret->kobject_mod },
	};
	const struct layout_want tree[] = {
		{ "mod_tree_root", "root.tree", &ret->tree_root },
		{ "mod_tree_node", "node", &ret->tree_node },
		{ "latch_tree_node", "node", &latch },
		{ "mod_tree_node", "mod", &ret->tree_mod },
	};
	int r;

	*ret = (struct kmodule_layout){ 0 };
	r = layout_find(l, wants, ARRAY_LEN(wants), e);
	if (r == 0)
		r = find_parts(ret, l, e);
	/* Only with CONFIG_MODULES_TREE_LOOKUP. */
	if (r == 0)
		ret->has_tree = layout_find(l, tree, ARRAY_LEN(tree), NULL) == 0;
	ret->tree_node += latch;
	return r < 0 ? r : find_areas(ret, l, e);
}

struct view {
	struct kmodules *ms;
	struct peek *peek;
	const struct kmodule_layout *l;
	enum kmodule_view bit;
};

/* The struct module at ${at}. */
static int see_module(const struct view *v, uint64_t at, struct err *e)
{
	char name[KMODULE_NAME_CHARS];
	struct kmodule *m;
	uint32_t state;

	if (peek_text(v->peek, name, sizeof(name), at + v->l->name) < 0)
		return err_set(e, -EFAULT, "no module at %#llx",
			(unsigned long long)at);
	m = kmodules_get(v->ms, name, strlen(name));
	if (!m)
		return 0;
	m->views |= v->bit;
	m->at = at;
	m->bytes = 0;
	/* MODULE_STATE_LIVE is 0. */
	if (peek_u32(v->peek, &state, at + v->l->state) == 0)
		m->passing = state != 0;
	for (uint32_t i = 0; i < v->l->parts_n; i++) {
		uint64_t start = 0;
		uint32_t bytes = 0;

		if (peek_u64(v->peek, &start, at + v->l->parts[i]) < 0 ||
			peek_u32(v->peek, &bytes, at + v->l->part_bytes[i]) < 0)
			break;
		m->parts[i] = (struct kmodule_part){ start, bytes };
		m->bytes += bytes;
	}
	return 0;
}

static int see_list(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct view *v = arg;

	(void)index;
	return see_module(v, at - v->l->list, e);
}

static int see_kobject(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct view *v = arg;
	uint64_t mod = 0;

	(void)index;
	if (peek_u64(v->peek, &mod,
		    at - v->l->kobject_entry + v->l->kobject_mod) < 0)
		return err_set(e, -EFAULT, "no kobject at %#llx",
			(unsigned long long)at);
	/* What is built in has a kobject for its parameters. */
	return mod ? see_module(v, mod, e) : 0;
}

static int see_node(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct view *v = arg;
	uint64_t mod = 0;

	(void)index;
	if (peek_u64(v->peek, &mod, at - v->l->tree_node + v->l->tree_mod) < 0)
		return err_set(e, -EFAULT, "no module at %#llx",
			(unsigned long long)at);
	return see_module(v, mod, e);
}

static int walk_kset(struct view *v, uint64_t at, struct err *e)
{
	uint64_t kset = 0;

	if (peek_u64(v->peek, &kset, at) < 0)
		return err_set(e, -EFAULT, "no module_kset");
	return walk_list(v->peek, kset + v->l->kset_list, see_kobject, v, e);
}

static int walk_modules(struct view *v, uint64_t at, struct err *e)
{
	return walk_list(v->peek, at, see_list, v, e);
}

static int walk_mod_tree(struct view *v, uint64_t at, struct err *e)
{
	if (!v->l->has_tree)
		return err_set(e, -EOPNOTSUPP, "this kernel has no mod_tree");
	return walk_tree(v->peek, at + v->l->tree_root, see_node, v, e);
}

void kmodules_walk(struct kmodules *ms, struct peek *peek,
	const struct kmodule_layout *l, const struct symbols *symbols)
{
	static const struct {
		int view; /* its bit's number */
		const char *symbol;
		int (*walk)(struct view *v, uint64_t at, struct err *e);
	} table[] = {
		{ 3, "modules", walk_modules },
		{ 4, "mod_tree", walk_mod_tree },
		{ 5, "module_kset", walk_kset },
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct view v = { ms, peek, l, 1U << table[i].view };
		uint64_t at = symbols_address(symbols, table[i].symbol);
		struct err *why = &ms->why[table[i].view];
		int r = at ? table[i].walk(&v, at, why)
			   : err_set(why, -ENOENT, "no symbol %s",
				     table[i].symbol);

		if (r == 0)
			ms->asked |= v.bit;
	}
	if (kmodules_vmap(ms, peek, l, symbols, &ms->why[6]) == 0)
		ms->asked |= KMODULE_BY_VMAP;
}
