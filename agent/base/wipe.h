/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/*
 * wipe_free(p):
 * free() for what may hold secrets.
 */
static inline void wipe_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

#endif
