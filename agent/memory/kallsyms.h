/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of kernel variables by /proc/kallsyms. */
#ifndef MEMORY_KALLSYMS_H
#define MEMORY_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	KALLSYMS_LINE_BYTES = 1024,
	KALLSYMS_BYTES = 256 << 20, /* of the whole file */
};

struct kallsyms_symbol {
	const char *name;
	uint64_t address; /* 0 = not there, or hidden */
};

/*
 * kallsyms_find(symbols, n, path, e):
 * Set the addresses of ${symbols} from ${path}, "/proc/kallsyms" but in tests.
 * Symbols of modules do not count.  -EBADMSG when a line is no symbol.
 */
int kallsyms_find(struct kallsyms_symbol *symbols, size_t n, const char *path,
	struct err *e) MUST_CHECK;

#endif
