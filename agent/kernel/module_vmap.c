// SPDX-License-Identifier: Apache-2.0
/*
 * Memory that the loader of modules asked for.  A module that took itself off
 * every list still lies somewhere, and vmalloc() keeps who asked for it.
 */
#include <errno.h>
#include <string.h>

#include "kernel/module.h"
#include "kernel/peek.h"
#include "kernel/symbols.h"
#include "kernel/text.h"
#include "kernel/walk.h"

enum { NODES_MAX = 1024 };

struct areas {
	struct kmodules *ms;
	struct peek *peek;
	const struct kmodule_layout *l;
	const struct symbols *symbols;
};

/* Which of them is the one depends on what the compiler put into which. */
static bool is_loader(const struct symbols *symbols, uint64_t caller)
{
	static const char *const names[] = { "load_module", "move_module",
		"layout_and_allocate", "module_memory_alloc" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct symbol *s = symbols_find(symbols, names[i]);

		if (s && s->address && caller >= s->address && caller < s->end)
			return true;
	}
	return false;
}

static int see_area(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct areas *a = arg;
	const struct text text = { .modules = a->ms };
	uint64_t start, end, vm, caller;
	char name[KMODULE_NAME_CHARS];
	struct kmodule *m;

	(void)index;
	at -= a->l->area_list;
	if (peek_u64(a->peek, &vm, at + a->l->area_vm) < 0)
		return err_set(e, -EFAULT, "no vmap_area");
	/* Of one that is vm_map_ram()'s there is no vm_struct. */
	if (peek_u64(a->peek, &caller, vm + a->l->vm_caller) < 0 ||
		!is_loader(a->symbols, caller))
		return 0;
	if (peek_u64(a->peek, &start, at + a->l->area_start) < 0 ||
		peek_u64(a->peek, &end, at + a->l->area_end) < 0)
		return err_set(e, -EFAULT, "no vmap_area");
	m = (struct kmodule *)(uintptr_t)text_module(&text, start);
	if (!m) {
		(void)snprintf(name, sizeof(name), "[%#llx]",
			(unsigned long long)start);
		m = kmodules_get(a->ms, name, strlen(name));
		if (!m)
			return 0;
		m->at = start;
		m->bytes = end - start;
		m->parts[0] = (struct kmodule_part){ start, end - start };
	}
	m->views |= KMODULE_BY_VMAP;
	return 0;
}

static int walk_nodes(struct areas *a, uint64_t nodes, struct err *e)
{
	uint64_t at = symbols_address(a->symbols, "nr_vmap_nodes");
	uint32_t n = 0;
	int r = 0;

	if (!at || peek_u32(a->peek, &n, at) < 0 ||
		peek_u64(a->peek, &nodes, nodes) < 0 || n > NODES_MAX)
		return err_set(e, -ENOENT, "no table of vmap_nodes");
	for (uint64_t i = 0; r == 0 && i < n; i++)
		r = walk_list(a->peek,
			nodes + i * a->l->node_bytes + a->l->node_list,
			see_area, a, e);
	return r;
}

int kmodules_vmap(struct kmodules *ms, struct peek *peek,
	const struct kmodule_layout *l, const struct symbols *symbols,
	struct err *e)
{
	struct areas a = { ms, peek, l, symbols };
	const char *name = l->node_bytes ? "vmap_nodes" : "vmap_area_list";
	uint64_t at = symbols_address(symbols, name);

	if (!at)
		return err_set(e, -ENOENT, "no symbol %s", name);
	return l->node_bytes ? walk_nodes(&a, at, e)
			     : walk_list(peek, at, see_area, &a, e);
}
