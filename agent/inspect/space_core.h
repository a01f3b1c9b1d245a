/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a process out of the memory of its host, as the records of a
 * process whose memory was taken: lab/cores.h makes the same core file of both.
 */
#ifndef INSPECT_SPACE_CORE_H
#define INSPECT_SPACE_CORE_H

#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct captured;
struct err;
struct space;

enum { SPACE_CORE_PIECE_BYTES = 1 << 20 };

/* Takes a record that is good during the call. */
typedef int space_core_put(
	void *arg, const Icecore__V1__Record *m, struct err *e);

/*
 * space_core_describe(c, s, put, arg, e):
 * One ProcessCore record, of the process and its mappings; it has no
 * registers, which lie in the kernel's stacks and are not looked for.
 */
int space_core_describe(const struct captured *c, const struct space *s,
	space_core_put *put, void *arg, struct err *e) MUST_CHECK;

/*
 * space_core_pages(c, s, put, arg, e):
 * ProcessPages records of what is resident in its mappings, by ascending
 * address; what the capture lacks is not in them.
 */
int space_core_pages(const struct captured *c, const struct space *s,
	space_core_put *put, void *arg, struct err *e) MUST_CHECK;

#endif
