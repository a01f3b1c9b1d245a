/* SPDX-License-Identifier: GPL-2.0-only */
/* What a task is called in the agent's pid namespace. */
#ifndef BPF_LIVE_IDS_H
#define BPF_LIVE_IDS_H

#include "kernel_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* How deep the agent's own pid namespace is. */
static __always_inline __u32 own_level(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_pid, level);
}

/*
 * Where the struct upid of ${level} is in ${pid}, whose address was read by
 * BPF_CORE_READ(): to one that was loaded the verifier of 6.1 lets nobody add
 * what is no constant.
 */
static __always_inline void *upid_at(struct pid *pid, __u32 level)
{
	return (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       (__u64)level * bpf_core_type_size(struct upid);
}

/* What ${pid} is called at ${level}; 0 = it is not there. */
static __always_inline __u32 pid_at(struct pid *pid, __u32 level)
{
	__u32 nr = 0;

	if (!pid || level > BPF_CORE_READ(pid, level))
		return 0;
	if (bpf_probe_read_kernel(&nr, sizeof(nr),
		    upid_at(pid, level) + bpf_core_field_offset(struct upid, nr)))
		return 0;
	return nr;
}

static __always_inline __u32 process_at(struct task_struct *task, __u32 level)
{
	return pid_at(BPF_CORE_READ(task, group_leader, thread_pid), level);
}

#endif
