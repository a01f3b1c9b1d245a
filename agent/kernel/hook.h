/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where the kernel calls what it finds there: tables, lists and
 * structures of function pointers, and code that was written over.  Each
 * place is walked in the kernel's memory; whose code a target is comes from
 * kernel/text.h.
 */
#ifndef KERNEL_HOOK_H
#define KERNEL_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kernel/symbols.h"
#include "kernel/text.h"

struct kstate;

enum {
	HOOKS_MAX = 16384,
	HOOK_SLOT_CHARS = 96,
	HOOK_BYTES = 32, /* at the target */
	HOOK_NETNS_MAX = 1024,
};

/* In the order of the table in hook.c. */
enum hook_place {
	HOOK_SYSCALL_TABLE,
	HOOK_SYSCALL_DISPATCHER,
	HOOK_FUNCTION_START,
	HOOK_FTRACE,
	HOOK_KPROBE,
	HOOK_TRACEPOINT,
	HOOK_OPERATIONS,
	HOOK_PROC,
	HOOK_NETFILTER,
	HOOK_LSM,
	HOOK_PLACES,
};

struct hook {
	enum hook_place place;
	char slot[HOOK_SLOT_CHARS];
	uint64_t at; /* the address of the slot */
	uint64_t target;
	uint32_t netns; /* 0 = of none */
	/* Told by hooks_judge(): */
	enum text_region region;
	const struct symbol_at *symbol; /* NULL = none */
	const struct kmodule *module;
	uint8_t bytes[HOOK_BYTES]; /* at the target */
	size_t bytes_len;
};

struct hooks {
	struct hook *v;
	size_t n;
	size_t cap;
	uint64_t lost;
	struct symbol_at *named;
	struct err why[HOOK_PLACES]; /* of places that were not walked to the end */
};

/*
 * hooks_see(hs, state, e), hooks_done(hs):
 * Walk every place, name each target and say whose it is.  Places that cannot
 * be walked are said in hs->why.  -ENOMEM.
 */
int hooks_see(struct hooks *hs, struct kstate *state, struct err *e) MUST_CHECK;
void hooks_done(struct hooks *hs);

/*
 * hook_is_foreign(h):
 * Whether the target is code that must not be called at such a place.
 */
bool hook_is_foreign(const struct hook *h);

/*
 * hook_operations_symbol(i), hook_start_symbol(i):
 * The names of symbols that are looked at, for symbols_scan(); NULL at the end.
 */
const char *hook_operations_symbol(size_t i);
const char *hook_start_symbol(size_t i);

/*
 * hook_place_name(place):
 * Such as "syscall-table".
 */
const char *hook_place_name(enum hook_place place);

/*
 * hook_place_rule(place):
 * The rule that foreign code there breaks, such as "hook.syscall-table".
 */
const char *hook_place_rule(enum hook_place place);

/*
 * hook_same_cause(a, b):
 * ${b} is foreign, and at the same place as ${a}, which is, calls the same
 * module or page: they are one finding.
 */
bool hook_same_cause(const struct hook *a, const struct hook *b);

#endif
