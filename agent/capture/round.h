/* SPDX-License-Identifier: Apache-2.0 */
/* One round of the collectors of a plan. */
#ifndef CAPTURE_ROUND_H
#define CAPTURE_ROUND_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"

struct capture_plan;
struct collect_env;
struct selection;
struct writer;

/* How it went. */
struct round {
	bool cut; /* a collector ended before its time */
	struct err failed; /* the last one that did; "" = none */
};

/*
 * round_run(ret, plan, selection, env, w, e):
 * Run them one after the other over those in ${selection}, who stand still
 * meanwhile if the plan says so.  One that could do nothing is a gap, and the
 * others go on; a negative return is the end of the capture.
 */
int round_run(struct round *ret, const struct capture_plan *plan,
	struct selection *selection, const struct collect_env *env,
	struct writer *w, struct err *e) MUST_CHECK;

#endif
