// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "inspect/task_internal.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "kernel/walk.h"

/* include/linux/sched.h */
enum {
	FLAG_IDLE = 0x2,
	FLAG_EXITING = 0x4,
	FLAG_KERNEL = 0x200000,
	STATE_DEAD = 0x80,
};

static int find_layout(struct task_layout *l, struct layout *types, struct err *e)
{
	const struct layout_want wants[] = {
		{ "task_struct", "tasks", &l->tasks },
		{ "task_struct", "pid", &l->pid },
		{ "task_struct", "tgid", &l->tgid },
		{ "task_struct", "real_parent", &l->parent },
		{ "task_struct", "children", &l->children },
		{ "task_struct", "sibling", &l->sibling },
		{ "task_struct", "comm", &l->comm },
		{ "task_struct", "real_cred", &l->cred },
		{ "task_struct", "flags", &l->flags },
		{ "task_struct", "exit_state", &l->exit_state },
		{ "task_struct", "mm", &l->mm },
		{ "task_struct", "signal", &l->signal },
		{ "task_struct", "thread_node", &l->thread_node },
		{ "task_struct", "pid_links", &l->links },
		{ "task_struct", "thread_pid", &l->id },
		{ "task_struct", "stack", &l->stack },
		{ "task_struct", "usage", &l->usage },
		{ "task_struct", "sighand", &l->sighand },
		{ "task_struct", "nsproxy", &l->nsproxy },
		{ "task_struct", "group_leader", &l->leader },
		{ "cred", "uid", &l->uid },
		{ "signal_struct", "thread_head", &l->thread_head },
		{ "pid", "tasks", &l->pid_tasks },
	};
	int r = layout_find(types, wants, ARRAY_LEN(wants), e);

	/* 5.5, cf25e24db61c ("time: Rename tsk->real_start_time to
	 * ->start_boottime"); 5.14, 2f064a59a11f ("sched: Change
	 * task_struct::state"). */
	if (r == 0 && layout_offset(types, &l->start, "task_struct",
			      "start_boottime", NULL) < 0)
		r = layout_offset(
			types, &l->start, "task_struct", "real_start_time", e);
	if (r == 0 && layout_offset(types, &l->state, "task_struct", "__state",
			      NULL) < 0)
		r = layout_offset(types, &l->state, "task_struct", "state", e);
	return r;
}

/* --- the table of those that were seen --- */

static size_t slot_of(const struct tasks *ts, uint64_t at)
{
	size_t i = (size_t)(at >> 6) * 0x9e3779b1U & (ts->slots_n - 1);

	while (ts->slots[i] && ts->v[ts->slots[i] - 1].at != at)
		i = (i + 1) & (ts->slots_n - 1);
	return i;
}

static int grow(struct tasks *ts, struct err *e)
{
	size_t cap = ts->cap ? 2 * ts->cap : 1024;
	struct task *v = reallocarray(ts->v, cap, sizeof(*v));
	uint32_t *slots = calloc(2 * cap, sizeof(*slots));

	if (v)
		ts->v = v;
	if (!v || !slots) {
		free(slots);
		return err_set(e, -ENOMEM, "no memory for tasks");
	}
	free(ts->slots);
	ts->slots = slots;
	ts->slots_n = 2 * cap;
	ts->cap = cap;
	for (size_t i = 0; i < ts->n; i++)
		ts->slots[slot_of(ts, v[i].at)] = (uint32_t)i + 1;
	return 0;
}

/* What of one field there is; 0 where the capture lacks it. */
static void take(struct task_walk *w, void *ret, uint64_t at, size_t len)
{
	if (peek_read(w->peek, ret, at, len) < 0)
		memset(ret, 0, len);
}

static int read_task(struct task_walk *w, struct task *t, struct err *e)
{
	const struct task_layout *l = w->l;
	uint64_t at = t->at, parent = 0, cred = 0, leader = 0;

	if (peek_u32(w->peek, &t->tid, at + l->pid) < 0 ||
		peek_u32(w->peek, &t->pid, at + l->tgid) < 0 ||
		peek_u64(w->peek, &t->start_boot_ns, at + l->start) < 0 ||
		peek_read(w->peek, t->comm, at + l->comm, sizeof(t->comm)) < 0)
		return err_set(
			e, -EFAULT, "no task at %#llx", (unsigned long long)at);
	t->comm[sizeof(t->comm) - 1] = 0;
	take(w, &t->state, at + l->state, sizeof(t->state));
	take(w, &t->exit_state, at + l->exit_state, sizeof(t->exit_state));
	take(w, &t->flags, at + l->flags, sizeof(t->flags));
	take(w, &t->mm, at + l->mm, sizeof(t->mm));
	take(w, &t->nsproxy, at + l->nsproxy, sizeof(t->nsproxy));
	take(w, &leader, at + l->leader, sizeof(leader));
	t->leader = leader == at;
	take(w, &parent, at + l->parent, sizeof(parent));
	take(w, &cred, at + l->cred, sizeof(cred));
	/* What they lead to is a task's and a cred's, or nothing is told. */
	if (parent)
		take(w, &t->ppid, parent + l->tgid, sizeof(t->ppid));
	if (cred)
		take(w, &t->uid, cred + l->uid, sizeof(t->uid));
	return 0;
}

int task_take(struct task_walk *w, uint64_t at, struct err *e)
{
	struct tasks *ts = w->ts;
	struct task t = { .at = at };
	size_t slot;
	int r;

	if (ts->slots_n) {
		slot = slot_of(ts, at);
		if (ts->slots[slot]) {
			ts->v[ts->slots[slot] - 1].views |= (uint8_t)w->view;
			return 0;
		}
	}
	r = read_task(w, &t, e);
	if (r < 0)
		return r;
	if (ts->n == TASKS_MAX) {
		ts->lost++;
		return 0;
	}
	if (ts->n == ts->cap && grow(ts, e) < 0)
		return -ENOMEM;
	t.views = (uint8_t)w->view;
	ts->slots[slot_of(ts, at)] = (uint32_t)ts->n + 1;
	ts->v[ts->n++] = t;
	return 0;
}

static int see_linked(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	struct task_walk *w = arg;

	(void)index;
	return task_take(w, at - w->member, e);
}

int task_take_list(struct task_walk *w, uint64_t head, struct err *e)
{
	return walk_list(w->peek, head, see_linked, w, e);
}

/* --- views that begin at a task --- */

static int walk_processes(struct task_walk *w, struct err *e)
{
	uint64_t at = captured_symbol(w->c, "init_task");
	int r;

	if (!at)
		return err_set(e, -ENOENT, "no symbol init_task");
	w->member = w->l->tasks;
	r = task_take(w, at, e);
	return r < 0 ? r : task_take_list(w, at + w->l->tasks, e);
}

/* What came in by these lists is looked at in its turn. */
static int walk_each(struct task_walk *w,
	int (*list)(struct task_walk *w, const struct task *t, struct err *e),
	struct err *e)
{
	struct err why = { 0 };
	int r = 0;

	for (size_t i = 0; i < w->ts->n; i++) {
		const struct task t = w->ts->v[i]; /* which moves as it grows */
		int now = list(w, &t, r == 0 ? e : &why);

		if (now == -ENOMEM)
			return now;
		r = r == 0 ? now : r;
	}
	return r;
}

/* All threads of a process are on one list, so one of them is enough. */
static int list_threads(struct task_walk *w, const struct task *t, struct err *e)
{
	uint64_t signal = 0;

	if (t->views & TASK_BY_THREADS)
		return 0;
	w->member = w->l->thread_node;
	if (peek_u64(w->peek, &signal, t->at + w->l->signal) < 0)
		return err_set(e, -EFAULT, "no task at %#llx",
			(unsigned long long)t->at);
	return signal ? task_take_list(w, signal + w->l->thread_head, e) : 0;
}

static int list_children(struct task_walk *w, const struct task *t, struct err *e)
{
	w->member = w->l->sibling;
	return task_take_list(w, t->at + w->l->children, e);
}

static int walk_threads(struct task_walk *w, struct err *e)
{
	return walk_each(w, list_threads, e);
}

static int walk_children(struct task_walk *w, struct err *e)
{
	return walk_each(w, list_children, e);
}

/* In the order in which they are walked: those that begin at a task go on from
 * what the others found. */
static const struct {
	const char *name;
	enum task_view view;
	int (*walk)(struct task_walk *w, struct err *e);
} views[TASK_VIEWS] = {
	{ "list", TASK_BY_LIST, walk_processes },
	{ "ids", TASK_BY_IDS, task_walk_ids },
	{ "cgroups", TASK_BY_CGROUPS, task_walk_cgroups },
	{ "running", TASK_BY_RUNNING, task_walk_running },
	{ "slab", TASK_BY_SLAB, task_walk_slab },
	{ "children", TASK_BY_CHILDREN, walk_children },
	{ "threads", TASK_BY_THREADS, walk_threads },
};

const char *task_view_name(unsigned view)
{
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		if (views[i].view == view)
			return views[i].name;
	return "none";
}

int tasks_see(struct tasks *ts, const struct captured *c, struct err *e)
{
	struct task_layout l = { 0 };
	struct err why = { 0 };
	int found, r = 0;

	*ts = (struct tasks){ 0 };
	peek_image_begin(c->peek, SUBJECT_TASKS);
	found = find_layout(&l, captured_layout(c), &why);
	for (size_t i = 0; r != -ENOMEM && i < ARRAY_LEN(views); i++) {
		struct task_walk w = { .c = c,
			.ts = ts,
			.l = &l,
			.peek = c->state->peek,
			.view = views[i].view };
		struct err *said = &ts->why[__builtin_ctz(w.view)];

		*said = why;
		r = found < 0 ? found : views[i].walk(&w, said);
		if (r == 0)
			ts->asked |= w.view;
		if (r == -ENOMEM)
			(void)err_set(e, r, "%s", said->msg);
	}
	peek_image_begin(c->peek, SUBJECT_KERNEL);
	return r == -ENOMEM ? r : 0;
}

void tasks_done(struct tasks *ts)
{
	free(ts->v);
	free(ts->slots);
	*ts = (struct tasks){ 0 };
}

/* --- what is said of one --- */

bool task_is_kernel(const struct task *t)
{
	return t->flags & FLAG_KERNEL;
}

bool task_is_ending(const struct task *t)
{
	return t->exit_state || t->flags & FLAG_EXITING || t->state & STATE_DEAD;
}

char task_state(const struct task *t)
{
	static const char letters[] = "RSDTtXZP";
	unsigned bits = (t->state & 0x7f) | (t->exit_state & 0x30);

	if (t->flags & FLAG_KERNEL && (t->state & 0x402) == 0x402)
		return 'I'; /* TASK_IDLE */
	return bits ? letters[(unsigned)__builtin_ctz(bits) + 1 < 8
				      ? __builtin_ctz(bits) + 1
				      : 0]
		    : 'R';
}

/* Where it has to be.  Threads are not on the list of processes and are nobody's
 * children; what ends leaves its control group first; the first of all, and the
 * ones that idle, were never made. */
static unsigned expected(const struct task *t)
{
	unsigned where = TASK_BY_IDS | TASK_BY_THREADS | TASK_BY_CGROUPS;

	if (!t->tid || t->flags & FLAG_IDLE)
		return 0;
	if (t->leader)
		where |= TASK_BY_LIST | TASK_BY_CHILDREN;
	if (task_is_ending(t))
		where &= ~(unsigned)TASK_BY_CGROUPS;
	return where;
}

size_t tasks_compare(struct tasks *ts)
{
	size_t found = 0;

	for (size_t i = 0; i < ts->n; i++) {
		struct task *t = &ts->v[i];

		t->missing = (uint8_t)(expected(t) & ts->asked & ~t->views);
		found += t->missing != 0;
	}
	return found;
}
