/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader of hostile evidence can still do, should it be taken over:
 * compute, read what it was told to read, write where it was told to write.
 *
 *	privileges  capabilities are gone, but of root's those to read and write
 *	            the files of others, and nothing gives new ones
 *	seccomp     a list of system calls: no program is started, no socket
 *	            made, nobody traced or signalled, nothing mounted
 *	Landlock    (Linux 5.13) files below the given paths only
 *	limits      of address space and descriptors; no core file, which would
 *	            hold the evidence in clear
 */
#ifndef LAB_SANDBOX_H
#define LAB_SANDBOX_H

#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	SANDBOX_PATHS_MAX = 16,
	SANDBOX_DESCRIPTORS = 1024,
	/* Small beside what an address space can have, large beside what any
	 * command needs. */
	SANDBOX_MEMORY_GIB = 16,
};

/* Paths, each a file or all below a directory; NULL is passed over, and what
 * is not there is, too. */
struct sandbox {
	const char *read[SANDBOX_PATHS_MAX];
	const char *write[SANDBOX_PATHS_MAX]; /* and read, make, delete */
	const char *empty; /* below it, empty directories may be removed */
};

/*
 * sandbox_enter(s, e):
 * From here on, for all threads to come; there is no way back.  To be called
 * with one thread, before the evidence is read.  Return 0, or 1 when this
 * kernel has no Landlock: then all but the paths holds.
 */
int sandbox_enter(const struct sandbox *s, struct err *e) MUST_CHECK;

#endif
