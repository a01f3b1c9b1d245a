/* SPDX-License-Identifier: Apache-2.0 */
/* Between hook.c and the files that walk. */
#ifndef KERNEL_HOOK_INTERNAL_H
#define KERNEL_HOOK_INTERNAL_H

#include "kernel/hook.h"
#include "kernel/state.h"

/* A walk of one place. */
struct hook_walk {
	struct hooks *hooks;
	struct kstate *state;
	enum hook_place place;
	uint32_t netns;
};

/*
 * hook_add(w, slot, at, target, e):
 * One target; 0 is none.  -ENOMEM; past HOOKS_MAX it is counted.
 */
int hook_add(struct hook_walk *w, const char *slot, uint64_t at,
	uint64_t target, struct err *e) MUST_CHECK;

/*
 * hook_symbol(w, name, e):
 * Of a symbol that has to be there: its address; 0 with a sentence.
 */
uint64_t hook_symbol(const struct hook_walk *w, const char *name, struct err *e);

/*
 * hook_structure(w, type, name, at, e):
 * The functions of a struct ${type} at ${at}, called ${name} in slots.
 */
int hook_structure(struct hook_walk *w, const char *type, const char *name,
	uint64_t at, struct err *e) MUST_CHECK;

/* One for each place: 0 or a negative errno. */
int hook_walk_syscalls(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_dispatcher(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_starts(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_ftrace(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_kprobes(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_tracepoints(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_operations(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_proc(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_netfilter(struct hook_walk *w, struct err *e) MUST_CHECK;
int hook_walk_lsm(struct hook_walk *w, struct err *e) MUST_CHECK;

#endif
