// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of threads, as they were when each went into the kernel: they
 * lie on its kernel stack.  Nobody is stopped.
 */
#include "kernel_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "live_ids.h"
#include "regs.h"

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(                                                  \
	__attribute__((preserve_access_index)), apply_to = record)

struct thread_struct {
	unsigned short es;
	unsigned short ds;
	unsigned short fsindex;
	unsigned short gsindex;
	unsigned long fsbase;
	unsigned long gsbase;
};

struct task_struct___regs {
	struct thread_struct thread;
	int on_cpu;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the agent sets how many threads */
	__type(key, __u32);
	__type(value, struct regs_thread);
} regs_threads SEC(".maps");

/* Whose. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REGS_PIDS_MAX);
	__type(key, __u32);
	__type(value, __u8);
} regs_pids SEC(".maps");

__u32 regs_n;
__u32 regs_lost;

enum {
	/* struct pt_regs of x86-64 is what user_regs_struct begins with. */
	X86_CS = 17,
	X86_SS = 20,
	X86_SAVED = 21,
	X86_FS_BASE = 21,
	X86_GS_BASE = 22,
	X86_DS = 23,
	X86_ES = 24,
	X86_FS = 25,
	X86_GS = 26,
};

#if defined(__TARGET_ARCH_x86)
static __always_inline void read_registers(
	struct regs_thread *t, struct task_struct *task, void *saved)
{
	struct task_struct___regs *own = (void *)task;

	(void)bpf_probe_read_kernel(t->general, X86_SAVED * 8, saved);
	/* The rest of these words is FRED's. */
	t->general[X86_CS] &= 0xffff;
	t->general[X86_SS] &= 0xffff;
	t->general[X86_FS_BASE] = BPF_CORE_READ(own, thread.fsbase);
	t->general[X86_GS_BASE] = BPF_CORE_READ(own, thread.gsbase);
	t->general[X86_DS] = BPF_CORE_READ(own, thread.ds);
	t->general[X86_ES] = BPF_CORE_READ(own, thread.es);
	t->general[X86_FS] = BPF_CORE_READ(own, thread.fsindex);
	t->general[X86_GS] = BPF_CORE_READ(own, thread.gsindex);
}
#else
static __always_inline void read_registers(
	struct regs_thread *t, struct task_struct *task, void *saved)
{
	(void)task;
	(void)bpf_probe_read_kernel(t->general, REGS_ARM64_WORDS * 8, saved);
}
#endif

SEC("iter/task")
int regs_iter(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_struct___regs *own = (void *)task;
	struct regs_thread *t;
	void *saved;
	__u32 pid;

	if (!task || !task->mm)
		return 0;
	pid = process_at(task, own_level());
	if (!bpf_map_lookup_elem(&regs_pids, &pid))
		return 0;
	t = bpf_map_lookup_elem(&regs_threads, &regs_n);
	if (!t) {
		regs_lost++;
		return 0;
	}
	regs_n++;
	t->pid = pid;
	t->tid = pid_at(BPF_CORE_READ(task, thread_pid), own_level());
	t->running = bpf_core_field_exists(own->on_cpu) &&
		     BPF_CORE_READ(own, on_cpu);
	saved = (void *)bpf_task_pt_regs(task);
	read_registers(t, task, saved);
	return 0;
}
