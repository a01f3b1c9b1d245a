/* SPDX-License-Identifier: Apache-2.0 */
/* Our kernel module: loaded when it is wanted, gone when we are done. */
#ifndef MEMORY_MODULE_H
#define MEMORY_MODULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "memory/lockdown.h"

struct err;

enum {
	MODULE_FILE_BYTES = 16 << 20,
	MODULE_VERMAGIC_BYTES = 128,
};

/*
 * module_load(path, e):
 * Load the kernel module in the file ${path}.  Return 1 when it was loaded, 0
 * when a module of that name was there already.
 */
int module_load(const char *path, struct err *e) MUST_CHECK;

/*
 * module_unload(name, e):
 * Unload the module ${name}; wait a bounded time for its last user to go.  It
 * is no error when there is no such module.
 */
int module_unload(const char *name, struct err *e) MUST_CHECK;

/*
 * module_vermagic(ret, image, len):
 * The kernel that the ${len} bytes of a module file were built for, as its
 * .modinfo says: the first word of "vermagic=".  -ENOENT when there is none.
 */
int module_vermagic(char ret[MODULE_VERMAGIC_BYTES], const uint8_t *image,
	size_t len) MUST_CHECK;

/* What a refusal is explained with. */
struct module_facts {
	const char *path;
	const uint8_t *image; /* of the file */
	size_t len;
	const char *release; /* of the running kernel */
	enum lockdown lockdown;
};

/*
 * module_refusal(e, code, facts):
 * Say in ${e} why finit_module() failed with ${code}, a negative errno, and
 * return it.
 */
int module_refusal(struct err *e, int code, const struct module_facts *facts);

#endif
