// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "base/log.h"
#include "capture/capture.h"
#include "capture/round.h"
#include "capture/selection.h"
#include "collect/collector.h"
#include "stream/writer.h"

static int put_gap(struct writer *w, Icecore__V1__GapKind kind,
	const char *what, const struct err *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = kind;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = (char *)(uintptr_t)why->msg;
	return writer_gap(w, &gap, e);
}

/* Those who do not stand still are read even so. */
static int stop_chosen(struct selection *selection,
	const struct capture_plan *plan, struct writer *w, struct err *e)
{
	struct err why = { 0 };

	if (selection_freeze(selection, plan, &why) == 0)
		return 0;
	log_warn("they do not stand still: %s", why.msg);
	return put_gap(w, ICECORE__V1__GAP_KIND__GAP_KIND_PROCESS,
		"processes that stand still", &why, e);
}

static int run_one(struct round *ret, const struct collector *col,
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct err why = { 0 };
	int done = col->run(env, w, &why), r;

	ret->cut |= done > 0;
	if (done >= 0)
		return 0;
	(void)err_wrap(&why, done, "collector %s", col->name);
	ret->failed = why;
	r = put_gap(w, ICECORE__V1__GAP_KIND__GAP_KIND_COLLECTOR, col->name,
		&why, e);
	/* Where nothing can be written, that is what is told. */
	if (r == 0)
		log_warn("collector failed name=%s error=\"%s\"", col->name,
			why.msg);
	return r;
}

int round_run(struct round *ret, const struct capture_plan *plan,
	struct selection *selection, const struct collect_env *env,
	struct writer *w, struct err *e)
{
	struct collect_env now = *env;
	int r = stop_chosen(selection, plan, w, e);

	now.live = &selection->live;
	now.freeze = selection->freeze;
	for (size_t i = 0; r == 0 && i < plan->collectors_n; i++) {
		r = run_one(ret, plan->collectors[i], &now, w, e);
		/* What the live picture needed is not kept beside the buffers
		 * that memory needs. */
		(void)malloc_trim(0);
	}
	return r;
}
