// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "live/crossview.h"

static const enum live_witness order[] = { LIVE_BY_SCHEDULER, LIVE_BY_ITERATOR,
	LIVE_BY_LIST, LIVE_BY_MODULE, LIVE_BY_PROC, LIVE_BY_PROBE };

uint32_t crossview_missing(const struct live_task *t, uint32_t worked)
{
	return worked & CROSSVIEW_COMPLETE & ~t->seen_by;
}

/* Those that are missing somewhere; ids of another namespace are none here. */
static int choose(struct live_tasks *ret, const struct live_tasks *seen,
	uint32_t worked, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < seen->n; i++)
		if (seen->v[i].pid && crossview_missing(&seen->v[i], worked))
			r = live_tasks_see(ret, &seen->v[i], e);
	live_tasks_sort(ret);
	return r;
}

/* Whether only the scheduler can tell one of ${ts} again. */
static int needs_scheduler(const struct live_tasks *ts)
{
	for (size_t i = 0; i < ts->n; i++)
		if (ts->v[i].seen_by == LIVE_BY_SCHEDULER)
			return 1;
	return 0;
}

/* One more look at those in ${again->only}. */
static int look(struct live_tasks *again, uint32_t *worked,
	const struct live_config *config, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct live_source *source = NULL;
		struct live_seen seen = { 0 };
		int r;

		if (!(*worked & order[i]) ||
			(order[i] == LIVE_BY_SCHEDULER &&
				!needs_scheduler(again->only)))
			continue;
		r = live_open(&source, order[i], config, e);
		if (r == 0)
			r = live_see_tasks(source, again, &seen, e);
		live_close(source);
		if (r == -ENOMEM)
			return r;
		if (r < 0 || seen.lost || seen.partial)
			*worked &= ~(uint32_t)order[i];
		live_tasks_sort(again);
	}
	return 0;
}

/* Of ${again} those that are missing from a witness that missed them before. */
static int keep(struct live_tasks *ret, const struct live_tasks *again,
	const struct live_tasks *before, uint32_t worked, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < again->n; i++) {
		const struct live_task *t = &again->v[i];
		const struct live_task *old = live_tasks_find(before, t);

		if (old && crossview_missing(t, worked) &
				   crossview_missing(old, worked))
			r = live_tasks_see(ret, t, e);
	}
	live_tasks_sort(ret);
	return r;
}

int crossview_tasks(struct live_tasks *hidden, const struct live_tasks *seen,
	uint32_t worked, const struct live_config *config, struct err *e)
{
	struct live_tasks now = { 0 };
	int r = choose(&now, seen, worked, e);

	for (int i = 0; r == 0 && now.n && i < CROSSVIEW_ROUNDS; i++) {
		struct live_tasks again = { .only = &now }, kept = { 0 };

		r = look(&again, &worked, config, e);
		if (r == 0)
			r = keep(&kept, &again, &now, worked, e);
		live_tasks_done(&again);
		live_tasks_done(&now);
		now = kept;
	}
	if (r < 0)
		live_tasks_done(&now);
	else
		*hidden = now;
	return r;
}
