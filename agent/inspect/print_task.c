// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "icecore/v1/inspect.pb-c.h"
#include "inspect/inspection.h"
#include "inspect/print.h"
#include "lab/show_cell.h"

enum { TASK_ROW_BYTES = 16 << 10 };

struct row {
	Icecore__V1__MemoryTask m;
	char exe[TASK_PATH_CHARS];
	char state[2];
	char *seen_by[TASK_VIEWS];
	char *missing_from[TASK_VIEWS];
};

static size_t name_views(char **ret, unsigned views)
{
	size_t n = 0;

	for (int i = 0; i < TASK_VIEWS; i++)
		if (views >> i & 1)
			ret[n++] = (char *)(uintptr_t)task_view_name(1U << i);
	return n;
}

static void fill(struct row *row, const struct print *p, const struct task *t)
{
	const struct captured *c = p->in->captured;
	Icecore__V1__MemoryTask *m = &row->m;

	icecore__v1__memory_task__init(m);
	m->has_pid = m->has_tid = m->has_ppid = m->has_uid = 1;
	m->pid = t->pid;
	m->tid = t->tid;
	m->ppid = t->ppid;
	m->uid = t->uid;
	row->state[0] = task_state(t);
	row->state[1] = 0;
	m->state = row->state;
	m->has_comm = m->has_start_boot_ns = m->has_kernel_thread = 1;
	m->comm.data = (uint8_t *)(uintptr_t)t->comm;
	m->comm.len = strlen(t->comm);
	m->start_boot_ns = t->start_boot_ns;
	m->kernel_thread = task_is_kernel(t);
	task_exe(row->exe, c, t);
	m->has_exe = row->exe[0] != 0;
	m->exe.data = (uint8_t *)row->exe;
	m->exe.len = strlen(row->exe);
	m->netns = task_netns(c, t);
	m->has_netns = m->netns != 0;
	m->has_address = 1;
	m->address = t->at;
	m->seen_by = row->seen_by;
	m->n_seen_by = name_views(row->seen_by, t->views);
	m->missing_from = row->missing_from;
	m->n_missing_from = name_views(row->missing_from, t->missing);
	m->has_in_snapshot = p->in->snapshot.tasks_n != 0;
	m->in_snapshot = snapshot_task(&p->in->snapshot, t->tid,
				 t->start_boot_ns) != NULL;
}

static int put_row(struct buf *b, const struct row *row, const struct task *t,
	struct err *e)
{
	const char *names[TASK_VIEWS];
	const Icecore__V1__MemoryTask *m = &row->m;
	int r = cell_u32(b, 7, 1, m->pid, e);

	for (int i = 0; i < TASK_VIEWS; i++)
		names[i] = task_view_name(1U << i);
	if (r == 0)
		r = cell_u32(b, 7, 1, m->tid, e);
	if (r == 0)
		r = cell_u32(b, 7, 1, m->ppid, e);
	if (r == 0)
		r = cell_u32(b, 6, 1, m->uid, e);
	if (r == 0)
		r = cell_string(b, m->state, 1, e);
	if (r == 0)
		r = cell_seconds(b, 1, m->start_boot_ns, e);
	if (r == 0)
		r = cell_bytes(b, &m->comm, 15, e);
	if (r == 0)
		r = cell_flags(b, t->views, names, TASK_VIEWS, 46, e);
	if (r == 0)
		r = cell_string(b,
			!m->has_in_snapshot ? "-"
			: m->in_snapshot    ? "yes"
					    : "no",
			4, e);
	return r < 0 || !m->has_exe ? r : cell_bytes(b, &m->exe, 0, e);
}

int print_tasks(const struct print *p, struct err *e)
{
	const struct tasks *ts = &p->in->tasks;
	int r = 0;

	print_header(p,
		"    PID     TID    PPID    UID S     START COMM            "
		"BY                                             LIVE EXE");
	for (size_t i = 0; r == 0 && i < ts->n; i++) {
		AUTO_BUF struct buf line = { 0 };
		struct row row;

		if (p->pid && p->pid != ts->v[i].pid)
			continue;
		buf_init(&line, TASK_ROW_BYTES);
		fill(&row, p, &ts->v[i]);
		if (!p->jsonl)
			r = put_row(&line, &row, &ts->v[i], e);
		if (r == 0)
			r = print_line(p, "task", &row.m.base, &line, e);
	}
	return r;
}
