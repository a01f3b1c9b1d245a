/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which parts of the kernel are there already.  Asking for one that is not
 * makes the kernel load its module, and a capture leaves none behind.
 */
#ifndef NET_LOADED_H
#define NET_LOADED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum {
	LOADED_MODULES_BYTES = 1 << 20, /* of /proc/modules */
	LOADED_BUILTIN_BYTES = 1 << 20, /* of modules.builtin */
};

/*
 * loaded_is(name):
 * Whether the module is in /proc/modules or built in; true where there are no
 * modules at all, false where nobody can say.
 */
bool loaded_is(const char *name) MUST_CHECK;

/*
 * loaded_in(text, name), loaded_built_in(text, name):
 * Whether a line of /proc/modules is the module's, and whether a path of
 * modules.builtin is.
 */
bool loaded_in(const char *text, const char *name) MUST_CHECK;
bool loaded_built_in(const char *text, const char *name) MUST_CHECK;

#endif
