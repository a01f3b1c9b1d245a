/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Smear: memory is read while the system runs, so pages that belong together
 * are of different moments.  What of it can be seen: between which times the
 * pages of each structure were read, and links of the list of tasks that do
 * not lead back to where they come from.
 */
#ifndef INSPECT_SMEAR_H
#define INSPECT_SMEAR_H

#include <stdint.h>

#include "base/cleanup.h"

struct captured;
struct err;
struct tasks;

struct smear {
	uint64_t links; /* of the list of tasks, looked at both ways */
	uint64_t torn; /* that lead back to another */
};

/*
 * smear_see(ret, c, ts, e):
 * Look at the links of those of ${ts} that are on the list.  -ENOENT when the
 * kernel has no such links.
 */
int smear_see(struct smear *ret, const struct captured *c,
	const struct tasks *ts, struct err *e) MUST_CHECK;

#endif
