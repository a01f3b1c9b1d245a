/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host of a capture, with its memory, opened to be looked into: what the
 * floor kernel walks in a running kernel is walked here in the captured one.
 */
#ifndef INSPECT_CAPTURED_H
#define INSPECT_CAPTURED_H

#include "base/cleanup.h"
#include "base/err.h"
#include "inspect/peek_image.h"
#include "inspect/ram.h"
#include "inspect/translate.h"

struct kernel_files;
struct kstate;
struct layout;
struct ranges;
struct reader;

struct captured {
	struct reader *reader; /* borrowed */
	struct ram *ram;
	const struct ranges *known; /* physical memory that it has; borrowed */
	struct kernel_files *files;
	struct translate translate;
	struct kstate *state; /* its peek is ->peek; its modules were looked at */
	struct peek_image *peek;
};

/*
 * captured_open(ret, r, options, e):
 * The memory of ${r}, which was checked, its kernel's types, symbols and page
 * tables, and its modules.  -ENOENT when something is not in the evidence that
 * nothing can be read without, -EBADMSG when the kernel is not where the
 * evidence says.  Close with captured_close().
 */
int captured_open(struct captured **ret, struct reader *r,
	const struct ram_options *options, struct err *e) MUST_CHECK;
void captured_close(struct captured *c);

/*
 * captured_want(c):
 * Ask c->state for the symbols that only captured memory is asked for.
 */
void captured_want(struct captured *c);

/*
 * captured_symbol(c, name):
 * The address of a symbol that was wanted; 0 = there is none.
 */
uint64_t captured_symbol(const struct captured *c, const char *name);

/*
 * captured_layout(c):
 * The kernel's types.
 */
struct layout *captured_layout(const struct captured *c);

#endif
