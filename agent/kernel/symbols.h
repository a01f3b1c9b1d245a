/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc/kallsyms is asked for: the addresses of some of the kernel's
 * variables, which modules it has names of, and which name an address has.
 * All of it would be megabytes; each question is one pass.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	SYMBOL_CHARS = 128, /* KSYM_NAME_LEN was that until 6.1 */
	SYMBOL_MODULE_CHARS = 56, /* MODULE_NAME_LEN */
	SYMBOL_MODULES_MAX = 4096,
	SYMBOL_FAR_BYTES = 1 << 20, /* no function is as long */
};

/* A symbol of the kernel itself. */
struct symbol {
	const char *name;
	uint64_t address; /* 0 = not there, or hidden */
	uint64_t end; /* where the next one is; 0 = not known */
};

/* What has names in brackets. */
struct symbol_module {
	char name[SYMBOL_MODULE_CHARS];
	uint64_t low; /* of its symbols */
	uint64_t high;
};

struct symbols {
	struct symbol *wanted; /* borrowed; sorted by name here */
	size_t wanted_n;
	struct symbol_module *modules;
	size_t modules_n;
	size_t lines;
	bool hidden; /* all addresses are 0 */
};

/*
 * symbols_scan(s, path, e), symbols_done(s):
 * One pass for s->wanted, which was set, and for modules; ${path} is
 * "/proc/kallsyms" but in tests.  -E2BIG past SYMBOL_MODULES_MAX.
 */
int symbols_scan(struct symbols *s, const char *path, struct err *e) MUST_CHECK;
void symbols_done(struct symbols *s);

/*
 * symbols_address(s, name):
 * Of a wanted symbol; 0 when it is not there.
 */
uint64_t symbols_address(const struct symbols *s, const char *name);
const struct symbol *symbols_find(const struct symbols *s, const char *name);

/* An address, and the last symbol that is not behind it. */
struct symbol_at {
	uint64_t address;
	uint64_t base; /* of the symbol; 0 = there is none within reach */
	char name[SYMBOL_CHARS];
	char module[SYMBOL_MODULE_CHARS]; /* "" = the kernel's own */
};

/*
 * symbols_name(at, n, path, e):
 * Sort ${at} by address, and name each of them.  Symbols that are no code are
 * passed over, and so is what lies further away than SYMBOL_FAR_BYTES.
 */
int symbols_name(struct symbol_at *at, size_t n, const char *path,
	struct err *e) MUST_CHECK;

/*
 * symbols_named(at, n, address):
 * Of what symbols_name() sorted; NULL = none.
 */
const struct symbol_at *symbols_named(
	const struct symbol_at *at, size_t n, uint64_t address);

#define AUTO_SYMBOLS CLEANUP(symbols_done)

#endif
