/* SPDX-License-Identifier: Apache-2.0 */
/* Captures of made-up memory, for tests of what reads and takes them. */
#ifndef UNIT_EVIDENCE_H
#define UNIT_EVIDENCE_H

#include "capture/capture.h"
#include "evidence/age.h"
#include "evidence/segment.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "unit/fake_memory.h"
#include "unit/scratch.h"

/*
 * evidence_fake_host(mib):
 * Make up a host with two ranges of RAM, ${mib} MiB and a bit, whose ends are
 * no multiples of a page, with one hwpoisoned and one secret page.
 */
void evidence_fake_host(unsigned mib);

/*
 * evidence_plan(plan, top, me, interrupted):
 * A plan to capture it below ${top} with one worker, as capture "cap".
 */
void evidence_plan(struct capture_plan *plan, const char *top,
	const struct age_identity *me, atomic_bool *interrupted);

/*
 * evidence_read(r, keys, see, arg):
 * Call ${see} for every record of ${r}, which is checked and has no damage.
 */
void evidence_read(struct reader *r, const struct lab_keys *keys,
	segment_record_fn *see, void *arg);

/*
 * evidence_take(top, dir, keys, interrupted):
 * Such a capture of 1 MiB for a key that is made up, in ${keys}, below a new
 * directory ${top}, which the caller removes; ${dir} is where it lies.
 */
void evidence_take(char top[SCRATCH_CHARS], char dir[SCRATCH_CHARS],
	struct lab_keys *keys, atomic_bool *interrupted);

/* evidence_dir(ret, top): where that capture lies. */
void evidence_dir(char ret[SCRATCH_CHARS], const char *top);

#endif
