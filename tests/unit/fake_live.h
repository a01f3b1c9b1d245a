/* SPDX-License-Identifier: Apache-2.0 */
/* Witnesses that are made up: unit/fake_live.c stands in for live/source.c, so
 * that no test tells of the processes of the machine that it runs on. */
#ifndef UNIT_FAKE_LIVE_H
#define UNIT_FAKE_LIVE_H

#include <stddef.h>

#include "live/source.h"

/* Who has nothing made up for it. */
enum {
	FAKE_LIVE_REFUSES = LIVE_BY_LIST | LIVE_BY_SCHEDULER | LIVE_BY_PROBE |
			    LIVE_BY_MODULE,
};

struct fake_live {
	const struct live_task *iterator; /* what each sees */
	size_t iterator_n;
	const struct live_task *proc;
	size_t proc_n;
	const struct live_vma *vmas; /* by the iterator; NULL = refuses */
	size_t vmas_n;
	unsigned refuses; /* enum live_witness */
	int open; /* sources that are */
};

extern struct fake_live fake_live;

#endif
