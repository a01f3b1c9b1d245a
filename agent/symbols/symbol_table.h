/* SPDX-License-Identifier: Apache-2.0 */
/* The symbols of a captured kernel itself, all of them, by name. */
#ifndef SYMBOLS_SYMBOL_TABLE_H
#define SYMBOLS_SYMBOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	SYMBOL_TABLE_MAX = 1 << 21,
	SYMBOL_TABLE_NAME_BYTES = 64 << 20, /* of all names */
};

struct table_symbol {
	uint64_t address; /* as it is in memory */
	uint64_t room_bytes; /* until the next one; 0 = it is the last */
	uint32_t name; /* in names */
	bool ambiguous; /* several have the name: this is the first of them */
};

struct symbol_table {
	struct table_symbol *v; /* by name, each name once */
	size_t n;
	char *names;
};

/*
 * symbol_table_load(t, path, e), symbol_table_done(t):
 * Of kallsyms at ${path}, without what modules have.  -EBADMSG when a line is
 * no symbol, -E2BIG past a limit.
 */
int symbol_table_load(
	struct symbol_table *t, const char *path, struct err *e) MUST_CHECK;
void symbol_table_done(struct symbol_table *t);

/*
 * symbol_table_find(t, name): NULL = none.
 */
const struct table_symbol *symbol_table_find(
	const struct symbol_table *t, const char *name);

#endif
