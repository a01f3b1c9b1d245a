/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a process still runs the program that the kernel began.  It said where
 * that begins (AT_ENTRY in /proc/PID/auxv); a packer, or who put another
 * program into the process, took the file away from there.
 */
#ifndef COREDUMP_PROGRAM_H
#define COREDUMP_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping;
struct maps;

/* Where it began, and what is there now; NULL = nothing. */
struct program_place {
	uint64_t entry;
	const struct mapping *m;
};

/*
 * program_is_replaced(ret, dir, maps, exe, len):
 * Of the process whose directory in /proc is ${dir}: false too when the kernel
 * does not say, or a name of ${len} bytes cannot be compared.
 */
bool program_is_replaced(struct program_place *ret, int dir,
	const struct maps *maps, const char *exe, size_t len);

/*
 * program_entry(ret, auxv, len):
 * The entry point in the bytes of /proc/PID/auxv; false when it is not told.
 */
bool program_entry(uint64_t *ret, const uint8_t *auxv, size_t len);

#endif
