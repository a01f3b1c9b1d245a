/* SPDX-License-Identifier: Apache-2.0 */
/* Why a capture is made, as records. */
#ifndef CAPTURE_CAUSE_H
#define CAPTURE_CAUSE_H

#include "base/cleanup.h"

struct capture_plan;
struct err;
struct writer;

/*
 * cause_put(plan, w, e): a record for each trigger of the plan.
 */
int cause_put(const struct capture_plan *plan, struct writer *w,
	struct err *e) MUST_CHECK;

#endif
