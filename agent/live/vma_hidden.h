/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings that the iterator tells and /proc/PID/maps does not.  A process that
 * works makes and ends some all the time: hidden is one that the iterator tells
 * and /proc does not whenever they are asked.
 */
#ifndef LIVE_VMA_HIDDEN_H
#define LIVE_VMA_HIDDEN_H

#include <stddef.h>

#include "base/cleanup.h"
#include "live/vma.h"

struct err;
struct timed;

enum {
	VMA_HIDDEN_MAX = 16384, /* that are looked at again */
	/* A loop that maps and unmaps one place is caught a few times. */
	VMA_HIDDEN_ROUNDS = 10,
};

struct vma_hidden {
	struct live_vma *v;
	size_t n;
	size_t cap;
};

/*
 * vma_hidden_note(h, pid, maps, e):
 * Remember those of the merged ${maps} that the iterator alone tells.
 */
int vma_hidden_note(struct vma_hidden *h, uint32_t pid, const struct maps *maps,
	struct err *e) MUST_CHECK;
void vma_hidden_done(struct vma_hidden *h);

/*
 * vma_hidden_ask(h, config, timed, proc, e):
 * Leave in ${h} those that are hidden.  -ENOMEM; where the iterator does not
 * answer any more nothing is.
 */
int vma_hidden_ask(struct vma_hidden *h, const struct live_config *config,
	struct timed *timed, int proc, struct err *e) MUST_CHECK;

#endif
