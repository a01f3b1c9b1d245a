// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "live/task.h"

enum {
	STEP = 256,
	STATE_IDLE = 0x402, /* TASK_UNINTERRUPTIBLE | TASK_NOLOAD */
	STATE_RTLOCK_WAIT = 0x1000,
	STATE_FROZEN = 0x8000,
};

static int compare(const void *a, const void *b)
{
	const struct live_task *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->start_boot_ns != y->start_boot_ns)
		return x->start_boot_ns < y->start_boot_ns ? -1 : 1;
	return 0;
}

void live_tasks_sort(struct live_tasks *ts)
{
	if (ts->n)
		qsort(ts->v, ts->n, sizeof(*ts->v), compare);
	ts->sorted = ts->n;
}

static int same(const struct live_task *a, const struct live_task *b)
{
	return a->pid == b->pid && a->tid == b->tid &&
	       a->start_boot_ns / LIVE_TICK_NS == b->start_boot_ns / LIVE_TICK_NS;
}

/* It, or ${t}, may be told in coarse ticks. */
struct live_task *live_tasks_find(
	const struct live_tasks *ts, const struct live_task *t)
{
	struct live_task key = *t;
	size_t low = 0, high = ts->sorted;

	key.start_boot_ns -= key.start_boot_ns % LIVE_TICK_NS;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&ts->v[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < ts->sorted && same(&ts->v[low], t))
		return &ts->v[low];
	return NULL;
}

static void fill_ids(struct live_task *to, const struct live_task *from)
{
	if (!(to->present & LIVE_HAS_IDS) && from->present & LIVE_HAS_IDS) {
		memcpy(to->uid, from->uid, sizeof(to->uid));
		memcpy(to->gid, from->gid, sizeof(to->gid));
	}
	if (!(to->present & LIVE_HAS_CAPS) && from->present & LIVE_HAS_CAPS)
		memcpy(to->cap, from->cap, sizeof(to->cap));
	for (int i = 0; i < LIVE_NS_KINDS; i++)
		if (!to->ns[i])
			to->ns[i] = from->ns[i];
}

/* What ${to} does not tell and ${from} does. */
static void fill(struct live_task *to, const struct live_task *from)
{
	const uint32_t news = from->present & ~to->present;

	fill_ids(to, from);
#define FILL(bit, member)                                                      \
	do {                                                                   \
		if (news & (bit))                                              \
			to->member = from->member;                             \
	} while (0)
	FILL(LIVE_HAS_NO_NEW_PRIVS, no_new_privs);
	FILL(LIVE_HAS_SECCOMP, seccomp);
	FILL(LIVE_HAS_LOGINUID, loginuid);
	FILL(LIVE_HAS_LOGINUID, sessionid);
	FILL(LIVE_HAS_CGROUP_ID, cgroup_id);
	FILL(LIVE_HAS_EXE, exe_major);
	FILL(LIVE_HAS_EXE, exe_minor);
	FILL(LIVE_HAS_EXE, exe_inode);
	FILL(LIVE_HAS_NLINK, exe_links);
	FILL(LIVE_HAS_LAYER, exe_layer);
	FILL(LIVE_HAS_CPU, user_ns);
	FILL(LIVE_HAS_CPU, system_ns);
	FILL(LIVE_HAS_RSS, rss_bytes);
	FILL(LIVE_HAS_OOM_ADJ, oom_score_adj);
	FILL(LIVE_HAS_TRACER, tracer);
	FILL(LIVE_HAS_REAL_PPID, real_ppid);
	FILL(LIVE_HAS_STATE, state);
	FILL(LIVE_HAS_KTHREAD, is_kthread);
	FILL(LIVE_HAS_NS_TID, ns_tid);
#undef FILL
	if (news & LIVE_HAS_TTY)
		memcpy(to->tty, from->tty, sizeof(to->tty));
	to->present |= from->present;
	to->seen_by |= from->seen_by;
}

int live_tasks_see(
	struct live_tasks *ts, const struct live_task *t, struct err *e)
{
	struct live_task *known = live_tasks_find(ts, t);

	if (ts->only && !live_tasks_find(ts->only, t))
		return 0;
	if (known) {
		fill(known, t);
		return 0;
	}
	if (ts->n == LIVE_TASKS_MAX) {
		ts->lost++;
		return 0;
	}
	if (ts->n == ts->cap) {
		size_t cap = ts->cap ? ts->cap * 2 : STEP;
		struct live_task *v = reallocarray(ts->v, cap, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory for tasks");
		ts->v = v;
		ts->cap = cap;
	}
	ts->v[ts->n++] = *t;
	return 0;
}

void live_tasks_done(struct live_tasks *ts)
{
	free(ts->v);
	*ts = (struct live_tasks){ 0 };
}

char live_state(uint32_t bits)
{
	/* fs/proc/array.c, task_state_array. */
	static const char letters[] = "RSDTtXZP";
	unsigned i = 0;

	if ((bits & STATE_IDLE) == STATE_IDLE)
		return 'I';
	if (bits == STATE_RTLOCK_WAIT || bits == STATE_FROZEN)
		return 'D';
	for (bits &= 0x7f; bits; bits >>= 1)
		i++;
	return letters[i];
}
