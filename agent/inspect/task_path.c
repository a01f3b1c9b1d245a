// SPDX-License-Identifier: Apache-2.0
/* What a task runs, and where its network is: pointers that are followed when
 * somebody asks. */
#include <errno.h>
#include <string.h>

#include "inspect/captured.h"
#include "inspect/file_path.h"
#include "inspect/task.h"
#include "kernel/layout.h"
#include "kernel/state.h"

void task_exe(char ret[TASK_PATH_CHARS], const struct captured *c,
	const struct task *t)
{
	uint32_t exe;
	uint64_t file;

	ret[0] = 0;
	if (!t->mm ||
		layout_offset(captured_layout(c), &exe, "mm_struct", "exe_file",
			NULL) < 0 ||
		peek_u64(&c->peek->base, &file, t->mm + exe) < 0 || !file)
		return;
	if (file_path(ret, TASK_PATH_CHARS, c, file) < 0)
		ret[0] = 0;
}

uint32_t task_netns(const struct captured *c, const struct task *t)
{
	uint32_t net, inum, ret = 0;
	const struct layout_want wants[] = {
		{ "nsproxy", "net_ns", &net },
		{ "net", "ns.inum", &inum },
	};
	uint64_t at;

	if (!t->nsproxy ||
		layout_find(captured_layout(c), wants, ARRAY_LEN(wants), NULL) <
			0 ||
		peek_u64(&c->peek->base, &at, t->nsproxy + net) < 0 ||
		peek_u32(&c->peek->base, &ret, at + inum) < 0)
		return 0;
	return ret;
}
