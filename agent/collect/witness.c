// SPDX-License-Identifier: Apache-2.0
#include "collect/witness.h"

void witness_make(Icecore__V1__WitnessTried *ret, const struct witness *w)
{
	const char *reason = w->result < 0 ? w->why.msg : w->seen.partial;

	icecore__v1__witness_tried__init(ret);
	ret->has_witness = ret->has_worked = 1;
	ret->witness = (Icecore__V1__Witness)w->kind;
	ret->worked = w->result == 0;
	ret->reason = (char *)(uintptr_t)reason;
	ret->has_first_ns = ret->has_last_ns = w->seen.last_ns > 0;
	ret->first_ns = w->seen.first_ns;
	ret->last_ns = w->seen.last_ns;
	ret->has_tasks = ret->has_lost = w->result == 0;
	ret->tasks = w->seen.tasks;
	ret->lost = w->seen.lost;
}
