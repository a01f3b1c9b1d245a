// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open files of every process, into an array that the agent has mapped.  When
 * it is full the program asks to see the same file again: read() says EAGAIN
 * then, and the agent empties the array and reads on.
 */
#include "kernel_net.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "file.h"
#include "live_ids.h"

char LICENSE[] SEC("license") = "GPL";

enum { MINOR_BITS = 20, WORD_BITS = 64, O_CLOEXEC = 02000000 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FILE_CHUNK);
	__type(key, __u32);
	__type(value, struct file_seen);
} files SEC(".maps");

/* bpf_d_path() may be called by iterators since 5.10. */
const volatile __u32 files_with_path;

__u32 files_pid; /* only this process; 0 = all */
__u32 files_n;

/* As fdinfo has it: O_CLOEXEC is the descriptor's, and not the file's. */
static __always_inline __u32 flags_of(
	struct task_struct *task, struct file *file, __u32 fd)
{
	unsigned long *bits = BPF_CORE_READ(task, files, fdt, close_on_exec);
	unsigned long word = 0;
	__u32 flags = file->f_flags & ~(__u32)O_CLOEXEC;

	if (bits)
		(void)bpf_probe_read_kernel(
			&word, sizeof(word), bits + fd / WORD_BITS);
	return word >> fd % WORD_BITS & 1 ? flags | O_CLOEXEC : flags;
}

/* A thread may have a table of its own. */
static __always_inline __u32 whose_table(
	struct task_struct *task, __u32 pid, __u32 level)
{
	if (BPF_CORE_READ(task, files) == BPF_CORE_READ(task, group_leader, files))
		return pid;
	return pid_at(BPF_CORE_READ(task, thread_pid), level);
}

SEC("iter/task_file")
int iter_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct inode *inode;
	struct file_seen *f;
	__u32 index, pid, dev;

	if (!task || !file)
		return 0;
	pid = process_at(task, own_level());
	if (files_pid && files_pid != pid)
		return 0;
	index = files_n;
	f = bpf_map_lookup_elem(&files, &index);
	if (!f)
		return 1;
	files_n = index + 1;
	__builtin_memset(f, 0, sizeof(*f));
	f->pid = pid;
	f->tid = whose_table(task, pid, own_level());
	f->fd = ctx->fd;
	f->start_boot_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	f->flags = flags_of(task, file, ctx->fd);
	f->position = file->f_pos;
	inode = file->f_inode;
	if (inode) {
		f->inode = inode->i_ino;
		f->mode = inode->i_mode;
		f->links = inode->i_nlink;
		dev = BPF_CORE_READ(inode, i_sb, s_dev);
		f->major = dev >> MINOR_BITS;
		f->minor = dev & ((1 << MINOR_BITS) - 1);
	}
	f->path_len = -1;
	if (files_with_path)
		f->path_len = bpf_d_path(&file->f_path, f->path, sizeof(f->path));
	return 0;
}
