// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "kernel/hook_internal.h"
#include "kernel/layout.h"

/* Whose code may be called. */
enum allowed {
	ALLOW_CORE = 1 << TEXT_CORE,
	ALLOW_MODULES = ALLOW_CORE | 1 << TEXT_MODULE,
	ALLOW_MADE = ALLOW_CORE | 1 << TEXT_BPF | 1 << TEXT_TRAMPOLINE,
	ALLOW_ALL = ALLOW_MODULES | ALLOW_MADE,
};

static const struct place {
	const char *name;
	int (*walk)(struct hook_walk *w, struct err *e);
	unsigned allowed;
	const char *rule;
} places[HOOK_PLACES] = {
	[HOOK_SYSCALL_TABLE] = { "syscall-table", hook_walk_syscalls,
		ALLOW_CORE, "hook.syscall-table" },
	[HOOK_SYSCALL_DISPATCHER] = { "syscall-dispatcher",
		hook_walk_dispatcher, ALLOW_CORE, "hook.syscall-dispatcher" },
	[HOOK_FUNCTION_START] = { "function-start", hook_walk_starts,
		ALLOW_MADE, "hook.function-start" },
	[HOOK_FTRACE] = { "ftrace", hook_walk_ftrace, ALLOW_MADE,
		"hook.ftrace-foreign" },
	[HOOK_KPROBE] = { "kprobe", hook_walk_kprobes, ALLOW_MADE,
		"hook.kprobe-foreign" },
	[HOOK_TRACEPOINT] = { "tracepoint", hook_walk_tracepoints, ALLOW_ALL,
		"hook.tracepoint-unknown" },
	[HOOK_OPERATIONS] = { "operations", hook_walk_operations, ALLOW_CORE,
		"hook.operations" },
	[HOOK_PROC] = { "proc", hook_walk_proc, ALLOW_MODULES, "hook.operations" },
	[HOOK_NETFILTER] = { "netfilter", hook_walk_netfilter, ALLOW_ALL,
		"hook.netfilter-unknown" },
	[HOOK_LSM] = { "lsm", hook_walk_lsm, ALLOW_CORE, "hook.lsm-foreign" },
};

const char *hook_place_name(enum hook_place place)
{
	return places[place].name;
}

const char *hook_place_rule(enum hook_place place)
{
	return places[place].rule;
}

bool hook_same_cause(const struct hook *a, const struct hook *b)
{
	return a->place == b->place && hook_is_foreign(b) &&
	       (a->module ? a->module == b->module
			  : !b->module && a->target >> 12 == b->target >> 12);
}

bool hook_is_foreign(const struct hook *h)
{
	return !(places[h->place].allowed >> h->region & 1);
}

static int grow(struct hooks *hs, struct err *e)
{
	size_t cap = hs->cap ? 2 * hs->cap : 512;
	struct hook *v = reallocarray(hs->v, cap, sizeof(*v));

	if (!v)
		return err_set(e, -ENOMEM, "no memory for hooks");
	hs->v = v;
	hs->cap = cap;
	return 0;
}

int hook_add(struct hook_walk *w, const char *slot, uint64_t at,
	uint64_t target, struct err *e)
{
	struct hooks *hs = w->hooks;
	struct hook *h;

	if (!target)
		return 0;
	if (hs->n == HOOKS_MAX) {
		hs->lost++;
		return 0;
	}
	if (hs->n == hs->cap && grow(hs, e) < 0)
		return -ENOMEM;
	h = &hs->v[hs->n++];
	*h = (struct hook){
		.place = w->place,
		.at = at,
		.target = target,
		.netns = w->netns,
	};
	(void)snprintf(h->slot, sizeof(h->slot), "%s", slot);
	return 0;
}

uint64_t hook_symbol(const struct hook_walk *w, const char *name, struct err *e)
{
	uint64_t at = symbols_address(&w->state->symbols, name);

	if (!at)
		(void)err_set(e, -ENOENT, "no symbol %s", name);
	return at;
}

struct structure {
	struct hook_walk *walk;
	const char *name;
	uint64_t at;
};

static int see_member(void *arg, const char *name, uint32_t offset, struct err *e)
{
	const struct structure *s = arg;
	char slot[HOOK_SLOT_CHARS];
	uint64_t target;

	if (peek_u64(s->walk->state->peek, &target, s->at + offset) < 0)
		return err_set(e, -EFAULT, "nothing at %s", s->name);
	(void)snprintf(slot, sizeof(slot), "%s.%s", s->name, name);
	return hook_add(s->walk, slot, s->at + offset, target, e);
}

int hook_structure(struct hook_walk *w, const char *type, const char *name,
	uint64_t at, struct err *e)
{
	struct structure s = { w, name, at };

	return layout_functions(w->state->layout, type, see_member, &s, e);
}

static int name_targets(struct hooks *hs, const char *kallsyms, struct err *e)
{
	int r;

	hs->named = calloc(hs->n + 1, sizeof(*hs->named));
	if (!hs->named)
		return err_set(e, -ENOMEM, "no memory for names");
	for (size_t i = 0; i < hs->n; i++)
		hs->named[i].address = hs->v[i].target;
	r = symbols_name(hs->named, hs->n, kallsyms, e);
	return r == -ENOMEM ? r : 0;
}

/* Bytes only of what is not the kernel's own, or was written over. */
static void judge(struct hooks *hs, struct kstate *s)
{
	for (size_t i = 0; i < hs->n; i++) {
		struct hook *h = &hs->v[i];
		struct symbol_at nobody = { .address = h->target };

		h->symbol = symbols_named(hs->named, hs->n, h->target);
		h->region = text_region(
			&s->text, h->symbol ? h->symbol : &nobody, &h->module);
		if (h->symbol && !h->symbol->base)
			h->symbol = NULL;
		if (h->region != TEXT_CORE &&
			peek_read(s->peek, h->bytes, h->target, HOOK_BYTES) == 0)
			h->bytes_len = HOOK_BYTES;
	}
}

int hooks_see(struct hooks *hs, struct kstate *state, struct err *e)
{
	int r;

	*hs = (struct hooks){ 0 };
	for (int i = 0; i < HOOK_PLACES; i++) {
		struct hook_walk w = { hs, state, i, 0 };

		r = places[i].walk(&w, &hs->why[i]);
		if (r == -ENOMEM)
			return err_set(e, r, "%s", hs->why[i].msg);
		if (r == 0)
			hs->why[i].msg[0] = 0;
	}
	r = name_targets(hs, state->kallsyms, e);
	if (r == 0)
		judge(hs, state);
	return r;
}

void hooks_done(struct hooks *hs)
{
	free(hs->v);
	free(hs->named);
	*hs = (struct hooks){ 0 };
}
