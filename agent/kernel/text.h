/* SPDX-License-Identifier: Apache-2.0 */
/* Whose code an address of the kernel is. */
#ifndef KERNEL_TEXT_H
#define KERNEL_TEXT_H

#include <stdint.h>

#include "base/cleanup.h"

struct kmodule;
struct kmodules;
struct symbol_at;
struct symbols;

/* As in kernel.proto. */
enum text_region {
	TEXT_CORE = 1,
	TEXT_MODULE = 2,
	TEXT_HIDDEN_MODULE = 3, /* some view does not tell of it */
	TEXT_BPF = 4,
	TEXT_TRAMPOLINE = 5, /* made by ftrace or kprobes */
	TEXT_DATA = 6, /* of the kernel's image, but no code */
	TEXT_UNKNOWN = 7,
};

/* The kernel's image; 0 = not told. */
struct text {
	uint64_t start; /* _stext */
	uint64_t end; /* _etext */
	uint64_t image_start; /* _text */
	uint64_t image_end; /* _end */
	const struct kmodules *modules; /* borrowed */
};

/*
 * text_init(t, symbols, modules):
 * By "_stext" and the like, which were asked for.
 */
void text_init(struct text *t, const struct symbols *symbols,
	const struct kmodules *modules);

/*
 * text_region(t, at, ret):
 * The region of ${at}, which symbols_name() has named or tried to; ${ret} is
 * the module, if it is one's.
 */
enum text_region text_region(const struct text *t, const struct symbol_at *at,
	const struct kmodule **ret);

/*
 * text_module(t, address):
 * The module that ${address} lies in; NULL = none.
 */
const struct kmodule *text_module(const struct text *t, uint64_t address);

#endif
