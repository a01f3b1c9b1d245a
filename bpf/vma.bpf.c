// SPDX-License-Identifier: GPL-2.0-only
/* Mappings, from inside the kernel; as live.bpf.c. */
#include "kernel_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "live.h"
#include "live_ids.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	MINOR_BITS = 20,
	PROTECTION = 0xf, /* VM_READ, VM_WRITE, VM_EXEC, VM_SHARED */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the agent sets how many */
	__type(key, __u32);
	__type(value, struct live_vma);
} vma_array SEC(".maps");

/* Only these processes; 0 = all. */
const volatile __u32 vma_pids_n;
const volatile __u32 vma_pids[LIVE_PIDS_MAX];

__u32 vma_n;
__u64 vma_lost;

static __always_inline int is_wanted(__u32 pid)
{
	if (!vma_pids_n)
		return 1;
	for (__u32 i = 0; i < LIVE_PIDS_MAX; i++)
		if (i < vma_pids_n && vma_pids[i] == pid)
			return 1;
	return 0;
}

SEC("iter/task_vma")
int vma_iter(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	__u32 pid, index, dev;
	struct inode *inode;
	struct live_vma *v;
	struct file *file;

	if (!task || !vma)
		return 0;
	pid = process_at(task, own_level());
	if (!is_wanted(pid))
		return 0;
	index = vma_n;
	v = bpf_map_lookup_elem(&vma_array, &index);
	if (!v) {
		vma_lost++;
		return 0;
	}
	vma_n = index + 1;
	v->start = vma->vm_start;
	v->end = vma->vm_end;
	v->pid = pid;
	v->flags = (__u32)vma->vm_flags & PROTECTION;
	v->inode = 0;
	v->major = v->minor = 0;
	file = vma->vm_file;
	inode = file ? file->f_inode : NULL;
	if (!inode || !inode->i_sb)
		return 0;
	dev = inode->i_sb->s_dev;
	v->inode = inode->i_ino;
	v->major = dev >> MINOR_BITS;
	v->minor = dev & ((1 << MINOR_BITS) - 1);
	return 0;
}
