// SPDX-License-Identifier: Apache-2.0
#include "capture/selection.h"

#include "base/err.h"
#include "base/log.h"
#include "capture/capture.h"
#include "coredump/freeze.h"

int selection_find(
	struct selection *ret, const struct capture_plan *plan, struct err *e)
{
	const char *proc = plan->live.proc ? plan->live.proc : "/proc";
	int r;

	*ret = (struct selection){ .live = plan->live };
	if (choice_is_empty(&plan->choice))
		return 0;
	r = choose(&ret->chosen, &plan->choice, proc, e);
	ret->live.pids = ret->chosen.pids;
	ret->live.pids_n = ret->chosen.n;
	return r;
}

/* Who was born meanwhile stands still as well, and is found the second time. */
int selection_freeze(
	struct selection *s, const struct capture_plan *plan, struct err *e)
{
	struct freeze_config config = { .proc = plan->live.proc,
		.seconds = plan->freeze_seconds };
	struct selection again;
	int r;

	if (!plan->freeze_seconds)
		return 0;
	r = freeze_begin(&s->freeze, s->chosen.pids, s->chosen.n, &config, e);
	if (r == 0)
		r = selection_find(&again, plan, e);
	if (r < 0)
		return r;
	again.freeze = s->freeze;
	chosen_done(&s->chosen);
	*s = again;
	return 0;
}

void selection_end(struct selection *s)
{
	struct err why = { 0 };

	if (freeze_end(TAKE_PTR(s->freeze), &why) < 0)
		log_warn("the host is not as it was: %s", why.msg);
	chosen_done(&s->chosen);
}
