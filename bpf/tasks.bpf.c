// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks by other ways than the table of ids, which iterators and /proc walk
 * and a rootkit takes an id out of: the list of all tasks, and the processors,
 * which no task that runs can do without.
 */
#include "kernel_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "live.h"
#include "live_ids.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	PF_KTHREAD = 0x00200000,
	STEPS_MAX = 1 << 20, /* a list that is longer leads in circles */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the agent sets how many tasks */
	__type(key, __u32);
	__type(value, struct live_task);
} tasks_array SEC(".maps");

struct known_key {
	__u64 task;
	__u64 start;
};

/* Those that a processor showed already. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* as many */
	__type(key, struct known_key);
	__type(value, __u8);
} tasks_known SEC(".maps");

__u32 tasks_n;
__u64 tasks_lost;
__u32 tasks_walked; /* the list is walked once */
__u32 tasks_broken; /* it leads nowhere, or in circles */
__u32 tasks_level; /* of the agent's pid namespace */

static __always_inline __u64 start_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->start_boottime))
		return BPF_CORE_READ(task, start_boottime);
	return BPF_CORE_READ(
		(struct task_struct___5_4 *)(void *)task, real_start_time);
}

/* Only what can be read of a task that no typed pointer leads to. */
static __always_inline void put(struct task_struct *task, __u32 by)
{
	__u32 index = __sync_fetch_and_add(&tasks_n, 1);
	const struct cred *cred;
	struct live_task *t;

	t = bpf_map_lookup_elem(&tasks_array, &index);
	if (!t) {
		__sync_fetch_and_add(&tasks_lost, 1);
		return;
	}
	__builtin_memset(t, 0, sizeof(*t));
	t->seen_ns = bpf_ktime_get_ns();
	t->seen_by = by;
	t->pid = process_at(task, tasks_level);
	t->tid = pid_at(BPF_CORE_READ(task, thread_pid), tasks_level);
	t->ppid = process_at(BPF_CORE_READ(task, real_parent), tasks_level);
	t->start_boot_ns = start_of(task);
	t->is_kthread = !!(BPF_CORE_READ(task, flags) & PF_KTHREAD);
	t->present = LIVE_HAS_KTHREAD;
	(void)bpf_probe_read_kernel_str(t->comm, sizeof(t->comm),
		(void *)task + bpf_core_field_offset(struct task_struct, comm));
	cred = BPF_CORE_READ(task, real_cred);
	if (!cred)
		return;
	t->uid[LIVE_ID_REAL] = BPF_CORE_READ(cred, uid.val);
	t->uid[LIVE_ID_EFFECTIVE] = BPF_CORE_READ(cred, euid.val);
	t->uid[LIVE_ID_SAVED] = BPF_CORE_READ(cred, suid.val);
	t->uid[LIVE_ID_FS] = BPF_CORE_READ(cred, fsuid.val);
	t->gid[LIVE_ID_REAL] = BPF_CORE_READ(cred, gid.val);
	t->gid[LIVE_ID_EFFECTIVE] = BPF_CORE_READ(cred, egid.val);
	t->gid[LIVE_ID_SAVED] = BPF_CORE_READ(cred, sgid.val);
	t->gid[LIVE_ID_FS] = BPF_CORE_READ(cred, fsgid.val);
	t->present |= LIVE_HAS_IDS;
}

/* Where the walk is. */
struct place {
	struct task_struct *first; /* init_task */
	struct task_struct *leader;
	struct task_struct *thread;
};

#define TASK_OF(node, member)                                                  \
	((struct task_struct *)((void *)(node)-bpf_core_field_offset(          \
		struct task_struct, member)))

static long step(__u32 i, void *ctx)
{
	struct place *at = ctx;
	struct task_struct *leader = at->leader, *thread = at->thread;
	struct list_head *next;
	void *signal;

	if (leader != at->first)
		put(thread, LIVE_BY_LIST);
	signal = BPF_CORE_READ(leader, signal);
	next = BPF_CORE_READ(thread, thread_node.next);
	if (next && signal &&
		(void *)next !=
			signal + bpf_core_field_offset(
					 struct signal_struct, thread_head)) {
		at->thread = TASK_OF(next, thread_node);
		return 0;
	}
	next = BPF_CORE_READ(leader, tasks.next);
	tasks_broken = !next || !signal || i == STEPS_MAX - 1;
	if (tasks_broken)
		return 1;
	at->leader = at->thread = TASK_OF(next, tasks);
	return at->leader == at->first;
}

/* From parent to parent one comes to the first of all tasks. */
static long climb(__u32 i, void *ctx)
{
	struct place *at = ctx;
	struct task_struct *task = at->first, *parent;

	(void)i;
	parent = BPF_CORE_READ(task, real_parent);
	if (!parent || parent == task)
		return 1;
	at->first = parent;
	return 0;
}

/* An iterator for its RCU section only, in which no task goes away. */
SEC("iter/task")
int tasks_iter_list(struct bpf_iter__task *ctx)
{
	struct place at = { 0 };

	(void)ctx;
	if (tasks_walked)
		return 0;
	tasks_walked = 1;
	tasks_level = own_level();
	at.first = (void *)bpf_get_current_task();
	bpf_loop(STEPS_MAX, climb, &at, 0);
	at.leader = at.thread = at.first;
	bpf_loop(STEPS_MAX, step, &at, 0);
	return 0;
}

/* The clock is in whoever runs: the agent says where it is before. */
SEC("iter/task")
int tasks_iter_level(struct bpf_iter__task *ctx)
{
	(void)ctx;
	tasks_level = own_level();
	return 0;
}

static __always_inline void show(struct task_struct *task)
{
	struct known_key key = { .task = (__u64)task, .start = start_of(task) };
	__u8 yes = 1;

	if (!BPF_CORE_READ(task, pid))
		return;
	if (bpf_map_update_elem(&tasks_known, &key, &yes, BPF_NOEXIST) == 0)
		put(task, LIVE_BY_SCHEDULER);
}

/* A clock of the processor: no code of the kernel is patched for it, as it is
 * for a tracepoint. */
SEC("perf_event")
int tasks_on_clock(void *ctx)
{
	(void)ctx;
	show((void *)bpf_get_current_task());
	return 0;
}
