// SPDX-License-Identifier: Apache-2.0
/* Views of tasks that begin at a table: ids, control groups, processors. */
#include <errno.h>
#include <string.h>

#include "inspect/task_internal.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "kernel/symbols.h"
#include "kernel/walk.h"

enum { CSS_BUCKETS_MAX = 1 << 16 };

struct ids {
	struct task_walk *walk;
	uint32_t tasks;
};

/* A struct pid; of one that only a file holds there is no task. */
static int see_id(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct ids *i = arg;
	uint64_t link = 0;

	(void)index;
	if (peek_u64(i->walk->peek, &link, at + i->tasks) < 0)
		return err_set(
			e, -EFAULT, "no id at %#llx", (unsigned long long)at);
	/* PIDTYPE_PID is 0: the first of the links. */
	return link ? task_take(i->walk, link - i->walk->l->links, e) : 0;
}

int task_walk_ids(struct task_walk *w, struct err *e)
{
	uint64_t at = captured_symbol(w->c, "init_pid_ns");
	struct walk_xarray_layout xarray;
	struct ids ids = { w, w->l->pid_tasks };
	uint32_t table, head;
	const struct layout_want wants[] = {
		{ "pid_namespace", "idr.idr_rt", &table },
		{ "xarray", "xa_head", &head },
		{ "xa_node", "shift", &xarray.shift },
		{ "xa_node", "slots", &xarray.slots },
	};
	int r;

	if (!at)
		return err_set(e, -ENOENT, "no symbol init_pid_ns");
	r = layout_find(captured_layout(w->c), wants, ARRAY_LEN(wants), e);
	if (r < 0)
		return r;
	xarray.head = table + head;
	return walk_xarray(w->peek, at, &xarray, see_id, &ids, e);
}

struct groups {
	struct task_walk *walk;
	uint32_t link, lists[3];
	size_t lists_n;
};

/* A struct css_set. */
static int see_group(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct groups *g = arg;
	int r = 0;

	(void)index;
	for (size_t i = 0; r == 0 && i < g->lists_n; i++)
		r = task_take_list(g->walk, at - g->link + g->lists[i], e);
	return r;
}

int task_walk_cgroups(struct task_walk *w, struct err *e)
{
	const struct symbol *table =
		symbols_find(&w->c->state->symbols, "css_set_table");
	struct layout *types = captured_layout(w->c);
	struct groups g = { .walk = w };
	const struct layout_want wants[] = {
		{ "task_struct", "cg_list", &w->member },
		{ "css_set", "hlist", &g.link },
		{ "css_set", "tasks", &g.lists[0] },
		{ "css_set", "mg_tasks", &g.lists[1] },
	};
	uint64_t n;
	int r;

	if (!table || !table->address || !table->end)
		return err_set(e, -ENOENT, "no symbol css_set_table");
	r = layout_find(types, wants, ARRAY_LEN(wants), e);
	/* 5.2, c03cd7738a83 ("cgroup: Include dying leaders with live threads
	 * in PROCS iterations"). */
	g.lists_n = layout_offset(types, &g.lists[2], "css_set", "dying_tasks",
			    NULL) == 0
			    ? 3
			    : 2;
	n = (table->end - table->address) / 8;
	if (r == 0 && n > CSS_BUCKETS_MAX)
		r = err_set(e, -EFBIG, "css_set_table of %llu entries",
			(unsigned long long)n);
	for (uint64_t i = 0; r == 0 && i < n; i++)
		r = walk_hlist(w->peek, table->address + 8 * i, see_group, &g, e);
	return r;
}

int task_walk_running(struct task_walk *w, struct err *e)
{
	uint64_t queues = captured_symbol(w->c, "runqueues");
	uint64_t offsets = captured_symbol(w->c, "__per_cpu_offset");
	uint64_t count = captured_symbol(w->c, "nr_cpu_ids");
	uint32_t n = 0, member;
	int r;

	if (!queues || !offsets || !count)
		return err_set(e, -ENOENT,
			"no symbols runqueues, __per_cpu_offset, nr_cpu_ids");
	r = layout_offset(captured_layout(w->c), &member, "rq", "curr", e);
	if (r == 0 && (peek_u32(w->peek, &n, count) < 0 || n > TASK_CPUS_MAX))
		r = err_set(e, -EFAULT, "no number of processors");
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		uint64_t offset, at;

		if (peek_u64(w->peek, &offset, offsets + 8 * i) < 0 ||
			peek_u64(w->peek, &at, queues + offset + member) < 0)
			return err_set(e, -EFAULT, "no processor %llu",
				(unsigned long long)i);
		r = at ? task_take(w, at, e) : 0;
	}
	return r;
}
