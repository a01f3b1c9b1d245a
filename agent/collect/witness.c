// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "collect/witness.h"

static const struct {
	enum live_witness kind;
	const char *what;
} touched[] = {
	{ LIVE_BY_ITERATOR,
		"loaded a BPF iterator and an array for what it sees; attached nothing" },
	{ LIVE_BY_PROC, "read /proc" },
	{ LIVE_BY_LIST,
		"loaded a BPF iterator and an array for what it sees; attached nothing" },
	{ LIVE_BY_SCHEDULER,
		"attached a BPF program to a software clock of each processor meanwhile" },
	{ LIVE_BY_MODULE, "asked icecore's kernel module, which was loaded" },
	{ LIVE_BY_PROBE, "called kill() with signal 0, which sends none" },
};

static const char *touched_by(enum live_witness kind)
{
	for (size_t i = 0; i < ARRAY_LEN(touched); i++)
		if (touched[i].kind == kind)
			return touched[i].what;
	return NULL;
}

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
	if (w->result == 0)
		ret->touched = (char *)(uintptr_t)touched_by(w->kind);
}
