// SPDX-License-Identifier: Apache-2.0
#include "inspect/smear.h"
#include "inspect/captured.h"
#include "inspect/task.h"
#include "kernel/layout.h"

int smear_see(struct smear *ret, const struct captured *c,
	const struct tasks *ts, struct err *e)
{
	struct peek *p = &c->peek->base;
	uint32_t tasks;
	int r = layout_offset(
		captured_layout(c), &tasks, "task_struct", "tasks", e);

	*ret = (struct smear){ 0 };
	for (size_t i = 0; r == 0 && i < ts->n; i++) {
		uint64_t link = ts->v[i].at + tasks, next, back;

		/* struct list_head: next, prev. */
		if (!(ts->v[i].views & TASK_BY_LIST) || !ts->v[i].leader ||
			peek_u64(p, &next, link) < 0 ||
			peek_u64(p, &back, next + 8) < 0)
			continue;
		ret->links++;
		ret->torn += back != link;
	}
	return r;
}
