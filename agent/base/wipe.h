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
	/* A fortified libc knows how much was asked for, and takes the rest,
	 * which may be what a smaller size was cut from, for not ours. */
	__asm__("" : "+r"(p));
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

#endif
