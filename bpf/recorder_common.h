/* SPDX-License-Identifier: GPL-2.0-only */
/* What all programs of the recorder share: the ring buffer, the counters, and
 * who does it. */
#ifndef BPF_RECORDER_COMMON_H
#define BPF_RECORDER_COMMON_H

#include "kernel_recorder.h"

#include <linux/ptrace.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "live_ids.h"
#include "recorder.h"

char LICENSE[] SEC("license") = "GPL";

enum { RECORDER_MINOR_BITS = 20 };

/* Both are made by the agent once, and shared by all programs. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} recorder_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct recorder_counters);
} recorder_counts SEC(".maps");

/* A section of its own, so that the agent finds it in every object. */
const volatile struct recorder_settings recorder_settings SEC(".rodata.settings");

#define recorder_level recorder_settings.level

/*
 * A program for a function, by the two ways to it: ${name} is where the table
 * of the agent finds them, on_${name} what they do.
 */
#define RECORDER_ENTRY(name, ...)                                              \
	SEC("fentry/" #name)                                                   \
	int BPF_PROG(fentry_##name, __VA_ARGS__)
#define RECORDER_KPROBE(name, ...)                                             \
	SEC("kprobe/" #name)                                                   \
	int BPF_KPROBE(kprobe_##name, __VA_ARGS__)

/* Interrupts may come in between, so atomically. */
static __always_inline struct recorder_counters *recorder_happened(__u32 kind)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct recorder_counters *c = bpf_map_lookup_elem(&recorder_counts, &cpu);

	if (c && kind < RECORDER_KINDS)
		__sync_fetch_and_add(&c->happened[kind], 1);
	return c;
}

static __always_inline void recorder_lost(struct recorder_counters *c, __u32 kind)
{
	if (c && kind < RECORDER_KINDS)
		__sync_fetch_and_add(&c->lost[kind], 1);
}

/* Count an event and make room for it; NULL = it is lost. */
static __always_inline void *recorder_begin(__u32 kind, __u32 bytes)
{
	struct recorder_counters *c = recorder_happened(kind);
	void *room = bpf_ringbuf_reserve(&recorder_ring, bytes, 0);

	if (!room)
		recorder_lost(c, kind);
	return room;
}

/* The agent looks at the ring a few times a second. */
static __always_inline void recorder_end(void *room)
{
	bpf_ringbuf_submit(room, BPF_RB_NO_WAKEUP);
}

static __always_inline __u64 recorder_start_of(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct task_struct___5_4 *old = (void *)leader;

	if (bpf_core_field_exists(task->start_boottime))
		return BPF_CORE_READ(leader, start_boottime);
	return BPF_CORE_READ(old, real_start_time);
}

static __always_inline void recorder_comm(char *ret, struct task_struct *task)
{
	(void)bpf_probe_read_kernel_str(ret, RECORDER_COMM_BYTES,
		(void *)task + bpf_core_field_offset(struct task_struct, comm));
}

/* Where the kernel's own pointers can be followed (5.11), which is cheap. */
static __always_inline void recorder_task(struct recorder_head *h)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (bpf_core_enum_value_exists(
		    enum bpf_func_id, BPF_FUNC_get_current_task_btf) &&
		bpf_core_field_exists(task->start_boottime)) {
		task = bpf_get_current_task_btf();
		h->start_boot_ns = task->group_leader->start_boottime;
		h->ppid = task->real_parent->group_leader->pid;
		h->euid = task->real_cred->euid.val;
		return;
	}
	h->start_boot_ns = recorder_start_of(task);
	h->ppid = BPF_CORE_READ(task, real_parent, group_leader, pid);
	h->euid = BPF_CORE_READ(task, real_cred, euid.val);
}

/* Whoever runs now. */
static __always_inline void recorder_who(
	struct recorder_head *h, __u32 kind, __u32 bytes)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 ids = bpf_get_current_pid_tgid();

	h->boot_ns = bpf_ktime_get_boot_ns();
	recorder_task(h);
	h->cgroup_id = bpf_get_current_cgroup_id();
	h->bytes = bytes;
	h->kind = kind;
	if (recorder_level) {
		h->pid = process_at(task, recorder_level);
		h->tid = pid_at(BPF_CORE_READ(task, thread_pid), recorder_level);
		h->ppid = process_at(
			BPF_CORE_READ(task, real_parent), recorder_level);
	} else {
		h->pid = ids >> 32;
		h->tid = (__u32)ids;
	}
	h->uid = (__u32)bpf_get_current_uid_gid();
	h->pad = 0;
	(void)bpf_get_current_comm(h->comm, sizeof(h->comm));
}

/* Room for an event, empty but for who does it; NULL = it is lost. */
#define RECORDER_NEW(type, kind)                                               \
	({                                                                     \
		struct type *new_ = recorder_begin(kind, sizeof(*new_));       \
		if (new_) {                                                    \
			__builtin_memset(new_, 0, sizeof(*new_));              \
			recorder_who(&new_->head, kind, sizeof(*new_));        \
		}                                                              \
		new_;                                                          \
	})

static __always_inline void recorder_device(
	__u32 *major, __u32 *minor, struct inode *inode)
{
	__u32 dev = BPF_CORE_READ(inode, i_sb, s_dev);

	*major = dev >> RECORDER_MINOR_BITS;
	*minor = dev & ((1 << RECORDER_MINOR_BITS) - 1);
}

/* A file by what it keeps while it is renamed and unlinked. */
struct recorder_file_key {
	__u64 inode;
	__u64 dev;
};

#endif
