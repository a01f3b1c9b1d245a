/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/kallsyms: a line for each symbol,
 *
 *	ffffffff81000000 T _stext
 *	ffffffffc0201000 t nf_hook	[nf_tables]
 *
 * the kernel's own by address first, then those of modules, of ftrace's and
 * kprobes' pages, and of BPF programs.  Every address is 0 when the reader may
 * not see them (kernel.kptr_restrict).
 */
#ifndef BASE_KALLSYMS_H
#define BASE_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	KALLSYMS_LINE_BYTES = 1024,
	KALLSYMS_BYTES = 256 << 20, /* of the whole file */
};

/* One line, good during the call. */
struct kallsyms_line {
	uint64_t address;
	char type; /* as nm(1) has it */
	const char *name;
	const char *module; /* NULL = the kernel's own */
};

/* A negative return ends the reading. */
typedef int kallsyms_see(
	void *arg, const struct kallsyms_line *line, struct err *e);

/*
 * kallsyms_parse(ret, line, e):
 * Take one line apart, which is written to, and ends with a NUL.  -EBADMSG.
 */
int kallsyms_parse(
	struct kallsyms_line *ret, char *line, struct err *e) MUST_CHECK;

/*
 * kallsyms_each(path, see, arg, e):
 * All lines of ${path}, "/proc/kallsyms" but in tests.  -EBADMSG when a line
 * is no symbol.
 */
int kallsyms_each(const char *path, kallsyms_see *see, void *arg,
	struct err *e) MUST_CHECK;

struct kallsyms_symbol {
	const char *name;
	uint64_t address; /* 0 = not there, or hidden */
};

/*
 * kallsyms_find(symbols, n, path, e):
 * Set the addresses of ${symbols} from ${path}.  Symbols of modules do not
 * count.  -EBADMSG when a line is no symbol.
 */
int kallsyms_find(struct kallsyms_symbol *symbols, size_t n, const char *path,
	struct err *e) MUST_CHECK;

#endif
