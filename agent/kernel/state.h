/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The means to look at a kernel's state, opened together: of the running one,
 * or of one whose memory was captured.
 */
#ifndef KERNEL_STATE_H
#define KERNEL_STATE_H

#include "base/cleanup.h"
#include "base/err.h"
#include "kernel/module.h"
#include "kernel/peek.h"
#include "kernel/symbols.h"
#include "kernel/text.h"

struct layout;

enum {
	KSTATE_WANTED_MAX = 192,
	KSTATE_TRIES = 8, /* until the views of modules agree */
};

/* Which ways not to go: as if the kernel refused. */
enum kstate_without {
	KSTATE_WITHOUT_BPF = 1 << 0,
	KSTATE_WITHOUT_KCORE = 1 << 1,
};

struct kstate {
	struct peek *peek; /* NULL = the kernel's memory cannot be read */
	struct err peek_why[PEEK_KINDS]; /* of each way that refused */
	struct layout *layout; /* NULL = no BTF */
	struct err layout_why;
	struct symbol wanted[KSTATE_WANTED_MAX];
	struct symbols symbols;
	struct err symbols_why;
	const char *kallsyms; /* the file that has them; borrowed */
	struct kmodules modules;
	struct text text;
};

/*
 * kstate_new(ret, kallsyms, e):
 * Nothing of it yet but what symbols are wanted.  Who makes it sets ->peek and
 * ->layout, which are closed with it, and asks kstate_captured_modules().
 */
int kstate_new(
	struct kstate **ret, const char *kallsyms, struct err *e) MUST_CHECK;

/*
 * kstate_want(s, name):
 * One more symbol, before they are looked for; ${name} stays.
 */
void kstate_want(struct kstate *s, const char *name);

/*
 * kstate_open(ret, without, e):
 * That of the running kernel: what can be had of them; -ENOMEM.
 */
int kstate_open(struct kstate **ret, unsigned without, struct err *e) MUST_CHECK;
void kstate_close(struct kstate *s);

/*
 * kstate_modules(s, e):
 * Look at the modules until all views agree, KSTATE_TRIES times at most: what
 * comes or goes meanwhile is no difference.  -ENOMEM.
 */
int kstate_modules(struct kstate *s, struct err *e) MUST_CHECK;

/*
 * kstate_captured_modules(s, e):
 * The symbols and the modules of captured memory, which does not change: one
 * look, by what of the views lies there.  -ENOMEM.
 */
int kstate_captured_modules(struct kstate *s, struct err *e) MUST_CHECK;

#endif
