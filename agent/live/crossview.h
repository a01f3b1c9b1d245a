/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks that some witnesses tell and others do not.  On a host where processes
 * come and go each witness misses some; a task is hidden when it is there,
 * and missing from the same witness, again and again.
 */
#ifndef LIVE_CROSSVIEW_H
#define LIVE_CROSSVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "live/source.h"
#include "live/task.h"

struct err;

enum {
	CROSSVIEW_ROUNDS = 3, /* after the first sighting */
	/* Each of these has every task there is; who else tells one is a
	 * witness of its being there only. */
	CROSSVIEW_COMPLETE =
		LIVE_BY_ITERATOR | LIVE_BY_PROC | LIVE_BY_LIST | LIVE_BY_MODULE,
};

/*
 * crossview_missing(t, worked):
 * Which witnesses of ${worked} should tell ${t} and do not.
 */
uint32_t crossview_missing(const struct live_task *t, uint32_t worked);

/*
 * crossview_tasks(hidden, seen, worked, config, e):
 * Ask the witnesses in ${worked}, a set of enum live_witness, again for those
 * of the sorted ${seen} that one of them missed.  ${hidden}, which is empty,
 * gets those that are hidden, sorted; their seen_by is that of the last round.
 * A witness that fails now, or has no room for all, is not counted; it must not
 * be in ${worked} when it had none before.  -ENOMEM.
 */
int crossview_tasks(struct live_tasks *hidden, const struct live_tasks *seen,
	uint32_t worked, const struct live_config *config,
	struct err *e) MUST_CHECK;

#endif
