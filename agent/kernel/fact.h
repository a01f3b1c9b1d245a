/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of itself in files: one line of a table for each. */
#ifndef KERNEL_FACT_H
#define KERNEL_FACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

enum {
	FACT_BYTES = 256 << 10, /* of one file */
	FACT_MEANINGS_MAX = 24,
	FACT_PATH_CHARS = 256,
	FACT_WAIT_NS = 1000000000,
};

/* What a fact is good for. */
enum fact_role {
	FACT_PLAIN,
	FACT_CORE_PATTERN, /* with "|" it is a program that root runs */
	FACT_HELPER, /* a path of a program that root runs */
	FACT_TAINT,
};

struct fact_place {
	const char *name;
	const char *path;
	enum fact_role role;
};

/*
 * fact_places: ends with an entry without a name.
 */
extern const struct fact_place fact_places[];

/*
 * fact_taint(ret, text, len):
 * The reasons in a number of /proc/sys/kernel/tainted (Documentation/
 * admin-guide/tainted-kernels.rst), at most FACT_MEANINGS_MAX.  Return how
 * many.
 */
size_t fact_taint(
	const char *ret[FACT_MEANINGS_MAX], const char *text, size_t len);

/*
 * fact_program(ret, role, text, len):
 * The absolute path of the program that the kernel would run: -ENOENT when it
 * runs none.
 */
int fact_program(char ret[FACT_PATH_CHARS], enum fact_role role,
	const char *text, size_t len) MUST_CHECK;

/*
 * fact_program_trouble(path):
 * Why others than root could replace that program, or NULL; a program that is
 * not there is none.
 */
const char *fact_program_trouble(const char *path);

#endif
