/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What our BPF programs name of the kernel's types.  Only the names of the
 * members count: CO-RE finds where they are in the running kernel.
 */
#ifndef BPF_KERNEL_MIN_H
#define BPF_KERNEL_MIN_H

#include <linux/bpf.h>
#include <linux/types.h>

#pragma clang attribute push(                                                  \
	__attribute__((preserve_access_index)), apply_to = record)

struct page {
	unsigned long flags;
	unsigned long compound_head;
	unsigned int page_type;
};

/* Since 6.18: 53fbef56e07d ("mm: introduce memdesc_flags_t"). */
struct page___memdesc {
	struct {
		unsigned long f;
	} flags;
};

struct efi {
	/* Since 6.5: 745e3ed85f71 ("efi/libstub: Implement support for
	 * unaccepted memory"). */
	unsigned long unaccepted;
};

struct efi_unaccepted_memory {
	__u32 unit_size;
	__u64 phys_base;
	__u64 size;
	unsigned long bitmap[];
};

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct net {
	struct ns_common ns;
};

struct user_namespace {
	struct ns_common ns;
};

struct uts_namespace {
	struct ns_common ns;
};

struct ipc_namespace {
	struct ns_common ns;
};

struct cgroup_namespace {
	struct ns_common ns;
};

struct time_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct cgroup_namespace *cgroup_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

typedef struct {
	unsigned int val;
} kuid_t;

typedef struct {
	unsigned int val;
} kgid_t;

struct kernel_cap_struct {
	__u32 cap[2];
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	struct kernel_cap_struct cap_inheritable;
	struct kernel_cap_struct cap_permitted;
	struct kernel_cap_struct cap_effective;
	struct kernel_cap_struct cap_bset;
	struct kernel_cap_struct cap_ambient;
	struct user_namespace *user_ns;
};

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
};

struct path {
	void *mnt;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	__s64 f_pos;
	void *private_data;
};

struct fdtable {
	unsigned long *close_on_exec;
};

struct files_struct {
	struct fdtable *fdt;
};

struct dentry;

/* Of the module overlay. */
struct ovl_inode {
	struct inode vfs_inode;
	struct dentry *__upperdentry;
};

struct mm_struct {
	struct file *exe_file;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct tty_struct {
	char name[64];
};

/* As since 4.19: 6883f81aac6f ("pid: Implement PIDTYPE_TGID"). */
enum pid_type {
	PIDTYPE_PGID = 2,
	PIDTYPE_SID = 3,
	PIDTYPE_MAX = 4,
};

struct list_head {
	struct list_head *next;
};

struct signal_struct {
	struct list_head thread_head;
	struct pid *pids[PIDTYPE_MAX];
	struct tty_struct *tty;
	short oom_score_adj;
};

struct seccomp {
	int mode;
};

struct task_struct {
	int pid; /* in the first pid namespace */
	unsigned int __state;
	int exit_state;
	unsigned int flags;
	unsigned int ptrace;
	unsigned long atomic_flags;
	struct task_struct *real_parent;
	struct task_struct *parent;
	struct task_struct *group_leader;
	struct list_head tasks; /* of leaders */
	struct list_head thread_node; /* in signal->thread_head */
	struct pid *thread_pid;
	__u64 utime;
	__u64 stime;
	__u64 start_boottime;
	const struct cred *real_cred;
	char comm[16];
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct mm_struct *mm;
	struct css_set *cgroups;
	struct seccomp seccomp;
	kuid_t loginuid;
	unsigned int sessionid;
};

struct task_struct___5_13 {
	long state;
};

struct task_struct___5_4 {
	__u64 real_start_time;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	struct file *vm_file;
};

struct bpf_iter__task {
	struct task_struct *task;
};

struct bpf_iter__task_vma {
	struct task_struct *task;
	struct vm_area_struct *vma;
};

#pragma clang attribute pop

/* Their values are those of the running kernel, by CO-RE. */
enum pageflags {
	PG_hwpoison = 1,
};

/* Since 6.11 an enum, and from 6.12 on a number in the top byte. */
enum pagetype {
	PG_offline = 1,
	PAGE_TYPE_BASE = 2,
};

enum pagetype___6_12 {
	PGTY_offline = 1,
};

#endif
