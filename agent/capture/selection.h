/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that a capture is confined to, and that stand still if the
 * plan says so. */
#ifndef CAPTURE_SELECTION_H
#define CAPTURE_SELECTION_H

#include "base/cleanup.h"
#include "coredump/choose.h"
#include "live/source.h"

struct capture_plan;
struct err;
struct freeze;

struct selection {
	struct live_config live; /* the plan's, with the ids in ->chosen */
	struct chosen chosen;
	struct freeze *freeze; /* NULL = nobody stands still */
};

/*
 * selection_find(ret, plan, e), selection_end(s):
 * Find them; where nobody is chosen all are meant.
 */
int selection_find(struct selection *ret, const struct capture_plan *plan,
	struct err *e) MUST_CHECK;
void selection_end(struct selection *s);

/*
 * selection_freeze(s, plan, e):
 * Let them stand still until selection_end(), as long as the plan says.
 */
int selection_freeze(struct selection *s, const struct capture_plan *plan,
	struct err *e) MUST_CHECK;

#endif
