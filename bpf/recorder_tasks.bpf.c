// SPDX-License-Identifier: GPL-2.0-only
/* Processes: how they come, what they execute, how they go. */
#include "recorder_common.h"
#include "recorder_exe.h"

/* Whole records, which would not fit on the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct recorder_exec);
} recorder_scratch SEC(".maps");

static __always_inline void put_ancestors(
	struct recorder_exec *x, struct task_struct *task)
{
	struct task_struct *at = task, *parent;
	__u32 n = 0;

	for (__u32 i = 0; i < RECORDER_ANCESTORS; i++) {
		parent = BPF_CORE_READ(at, real_parent, group_leader);
		if (!parent || parent == at)
			break;
		at = parent;
		x->ancestors[i].pid = process_at(at, recorder_level);
		recorder_comm(x->ancestors[i].comm, at);
		n = i + 1;
		if (BPF_CORE_READ(at, pid) <= 1)
			break;
	}
	x->ancestors_n = n;
}

/* Behind the file's name, ${at} of which is checked to be small enough. */
static __always_inline void put_args(
	struct recorder_exec *x, struct task_struct *task, __u32 at)
{
	struct mm_struct___args *mm = (void *)BPF_CORE_READ(task, mm);
	unsigned long start = BPF_CORE_READ(mm, arg_start);
	unsigned long all = BPF_CORE_READ(mm, arg_end) - start;
	__u32 n = all > RECORDER_ARGS_BYTES ? RECORDER_ARGS_BYTES : all;

	x->args_all_bytes = all > ~0U ? ~0U : all;
	x->args_bytes = 0;
	at &= 2 * RECORDER_FILENAME_BYTES - 1;
	if (at > RECORDER_FILENAME_BYTES)
		return;
	barrier_var(n);
	if (n > RECORDER_ARGS_BYTES)
		return;
	if (!bpf_probe_read_user(x->text + at, n, (void *)start))
		x->args_bytes = n;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(recorder_on_exec, struct task_struct *p, int old_pid,
	struct linux_binprm *bprm)
{
	struct recorder_counters *c = recorder_happened(RECORDER_EXEC);
	struct task_struct *task = p;
	struct file *file = BPF_CORE_READ(bprm, file);
	struct recorder_exec *x;
	__u32 zero = 0, bytes;
	__u64 wake;
	long n;

	x = bpf_map_lookup_elem(&recorder_scratch, &zero);
	if (!x) {
		recorder_lost(c, RECORDER_EXEC);
		return 0;
	}
	recorder_who(&x->head, RECORDER_EXEC, 0);
	put_exe(x, file);
	x->mntns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	put_ancestors(x, task);
	n = bpf_probe_read_kernel_str(x->text, RECORDER_FILENAME_BYTES,
		BPF_CORE_READ(bprm, filename));
	if (n < 0)
		n = 0;
	x->filename_bytes = n;
	put_args(x, task, n);
	bytes = __builtin_offsetof(struct recorder_exec, text) +
		x->filename_bytes + x->args_bytes;
	bytes = (bytes + 7) & ~7U;
	x->head.bytes = bytes;
	if (bytes > sizeof(*x))
		bytes = sizeof(*x);
	wake = x->exe & (RECORDER_EXE_MEMFD | RECORDER_EXE_DELETED |
				RECORDER_EXE_TMPFS)
		       ? BPF_RB_FORCE_WAKEUP
		       : BPF_RB_NO_WAKEUP;
	if (bpf_ringbuf_output(&recorder_ring, x, bytes, wake))
		recorder_lost(c, RECORDER_EXEC);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(
	recorder_on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *new = child;
	struct recorder_fork *f;

	/* Threads are not told. */
	if (BPF_CORE_READ(new, group_leader) != new)
		return 0;
	f = recorder_begin(RECORDER_FORK, sizeof(*f));
	if (!f)
		return 0;
	recorder_who(&f->head, RECORDER_FORK, sizeof(*f));
	f->child_start_boot_ns = recorder_start_of(new);
	f->child_pid = process_at(new, recorder_level);
	f->pad = 0;
	recorder_end(f);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(recorder_on_exit, struct task_struct *p)
{
	struct task_struct *task = p;
	struct signal_struct___live *signal = (void *)BPF_CORE_READ(task, signal);
	struct recorder_exit *x;

	/* The last thread. */
	if (!signal || BPF_CORE_READ(signal, live.counter))
		return 0;
	x = recorder_begin(RECORDER_EXIT, sizeof(*x));
	if (!x)
		return 0;
	recorder_who(&x->head, RECORDER_EXIT, sizeof(*x));
	x->code = BPF_CORE_READ(
		(struct task_struct___exit *)(void *)task, exit_code);
	x->pad = 0;
	recorder_end(x);
	return 0;
}

__u32 recorder_own_level;

/* Run by the agent, before the others are loaded. */
SEC("iter/task")
int recorder_iter_level(struct bpf_iter__task *ctx)
{
	recorder_own_level = own_level();
	return 0;
}
