// SPDX-License-Identifier: GPL-2.0-only
/*
 * The live picture, from inside the kernel.  Nothing is attached: the agent
 * makes an iterator, reads it to its end, and finds what it saw in an array
 * that it has mapped; read() returns not one byte that could be rewritten.
 */
#include "kernel_min.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "live.h"
#include "live_ids.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	PF_KTHREAD = 0x00200000,
	PFA_NO_NEW_PRIVS = 0, /* a bit of atomic_flags */
	MINOR_BITS = 20,
	OVERLAYFS_MAGIC = 0x794c7630,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the agent sets how many tasks */
	__type(key, __u32);
	__type(value, struct live_task);
} live_tasks SEC(".maps");

/* Only these processes; 0 = all. */
const volatile __u32 live_pids_n;
const volatile __u32 live_pids[LIVE_PIDS_MAX];

__u32 live_tasks_n;
__u64 live_tasks_lost;

static __always_inline int is_wanted(__u32 pid)
{
	if (!live_pids_n)
		return 1;
	for (__u32 i = 0; i < LIVE_PIDS_MAX; i++)
		if (i < live_pids_n && live_pids[i] == pid)
			return 1;
	return 0;
}

static __always_inline void put_ids(
	struct live_task *t, struct task_struct *task, __u32 level)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct pid_namespace *own = NULL;

	t->pid = process_at(task, level);
	t->tid = pid_at(pid, level);
	t->ppid = process_at(task->real_parent, level);
	t->real_ppid = t->ppid;
	t->present |= LIVE_HAS_REAL_PPID;
	if (task->ptrace) {
		t->tracer = process_at(task->parent, level);
		t->present |= LIVE_HAS_TRACER;
	}
	t->session =
		pid_at(BPF_CORE_READ(task, signal, pids[PIDTYPE_SID]), level);
	t->pgid = pid_at(BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]), level);
	if (!pid)
		return;
	level = BPF_CORE_READ(pid, level);
	t->ns_tid = pid_at(pid, level);
	t->present |= LIVE_HAS_NS_TID;
	(void)bpf_probe_read_kernel(&own, sizeof(own),
		upid_at(pid, level) + bpf_core_field_offset(struct upid, ns));
	if (own)
		t->ns[LIVE_NS_PID] = BPF_CORE_READ(own, ns.inum);
}

/* A capability set is two words before 6.3 and one of 64 bits since:
 * f122a08b197d ("capability: just use a 'u64' ..."). */
#define CAPS(cred, name)                                                       \
	({                                                                     \
		__u64 caps_value = 0;                                          \
		(void)bpf_probe_read_kernel(&caps_value, sizeof(caps_value),   \
			(const void *)(cred) +                                 \
				bpf_core_field_offset(struct cred, name));     \
		caps_value;                                                    \
	})

static __always_inline void put_cred(struct live_task *t, struct task_struct *task)
{
	const struct cred *cred = task->real_cred;
	struct user_namespace *user;

	if (!cred)
		return;
	t->uid[LIVE_ID_REAL] = cred->uid.val;
	t->uid[LIVE_ID_EFFECTIVE] = cred->euid.val;
	t->uid[LIVE_ID_SAVED] = cred->suid.val;
	t->uid[LIVE_ID_FS] = cred->fsuid.val;
	t->gid[LIVE_ID_REAL] = cred->gid.val;
	t->gid[LIVE_ID_EFFECTIVE] = cred->egid.val;
	t->gid[LIVE_ID_SAVED] = cred->sgid.val;
	t->gid[LIVE_ID_FS] = cred->fsgid.val;
	t->cap[LIVE_CAP_INHERITABLE] = CAPS(cred, cap_inheritable);
	t->cap[LIVE_CAP_PERMITTED] = CAPS(cred, cap_permitted);
	t->cap[LIVE_CAP_EFFECTIVE] = CAPS(cred, cap_effective);
	t->cap[LIVE_CAP_BOUNDING] = CAPS(cred, cap_bset);
	t->cap[LIVE_CAP_AMBIENT] = CAPS(cred, cap_ambient);
	t->present |= LIVE_HAS_IDS | LIVE_HAS_CAPS;
	user = cred->user_ns;
	if (user)
		t->ns[LIVE_NS_USER] = user->ns.inum;
}

static __always_inline void put_security(
	struct live_task *t, struct task_struct *task)
{
	if (bpf_core_field_exists(task->atomic_flags)) {
		t->no_new_privs = task->atomic_flags >> PFA_NO_NEW_PRIVS & 1;
		t->present |= LIVE_HAS_NO_NEW_PRIVS;
	}
	if (bpf_core_field_exists(task->seccomp.mode)) {
		t->seccomp = task->seccomp.mode;
		t->present |= LIVE_HAS_SECCOMP;
	}
	if (bpf_core_field_exists(task->loginuid)) {
		t->loginuid = task->loginuid.val;
		t->sessionid = task->sessionid;
		t->present |= LIVE_HAS_LOGINUID;
	}
}

/* Of an exiting task there is no nsproxy any more. */
static __always_inline void put_namespaces(
	struct live_task *t, struct task_struct *task)
{
	struct nsproxy *ns = task->nsproxy;

	if (!ns)
		return;
	if (ns->mnt_ns)
		t->ns[LIVE_NS_MNT] = ns->mnt_ns->ns.inum;
	if (ns->net_ns)
		t->ns[LIVE_NS_NET] = ns->net_ns->ns.inum;
	if (ns->uts_ns)
		t->ns[LIVE_NS_UTS] = ns->uts_ns->ns.inum;
	if (ns->ipc_ns)
		t->ns[LIVE_NS_IPC] = ns->ipc_ns->ns.inum;
	if (ns->cgroup_ns)
		t->ns[LIVE_NS_CGROUP] = ns->cgroup_ns->ns.inum;
	/* Since 5.6: 769071ac9f20 ("ns: Introduce Time Namespace"). */
	if (bpf_core_field_exists(ns->time_ns) && ns->time_ns)
		t->ns[LIVE_NS_TIME] = ns->time_ns->ns.inum;
}

/* What is in the upper layer came after the image, or was changed since. */
static __always_inline void put_layer(struct live_task *t, struct inode *inode)
{
	void *ovl = inode, *upper = NULL;

	if (inode->i_sb->s_magic != OVERLAYFS_MAGIC ||
		!bpf_core_field_exists(struct ovl_inode, __upperdentry))
		return;
	ovl -= bpf_core_field_offset(struct ovl_inode, vfs_inode);
	if (bpf_probe_read_kernel(&upper, sizeof(upper),
		    ovl + bpf_core_field_offset(struct ovl_inode, __upperdentry)))
		return;
	t->exe_layer = upper ? LIVE_LAYER_UPPER : LIVE_LAYER_LOWER;
	t->present |= LIVE_HAS_LAYER;
}

static __always_inline void put_exe(struct live_task *t, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	struct file *exe = mm ? mm->exe_file : NULL;
	struct inode *inode = exe ? exe->f_inode : NULL;
	__u32 dev;

	if (!inode || !inode->i_sb)
		return;
	dev = inode->i_sb->s_dev;
	t->exe_major = dev >> MINOR_BITS;
	t->exe_minor = dev & ((1 << MINOR_BITS) - 1);
	t->exe_inode = inode->i_ino;
	t->exe_links = inode->i_nlink;
	t->present |= LIVE_HAS_EXE | LIVE_HAS_NLINK;
	put_layer(t, inode);
}

static __always_inline void put_rest(struct live_task *t, struct task_struct *task)
{
	struct signal_struct *signal = task->signal;
	struct css_set *css;

	/* Since 5.14: 2f064a59a11f ("sched: Change task_struct::state"). */
	if (bpf_core_field_exists(task->__state))
		t->state_bits = task->__state;
	else
		t->state_bits =
			((struct task_struct___5_13 *)(void *)task)->state;
	t->state_bits |= task->exit_state;
	t->is_kthread = !!(task->flags & PF_KTHREAD);
	t->user_ns = task->utime;
	t->system_ns = task->stime;
	/* Since 5.5: cf25e24db61c ("time: Rename tsk->real_start_time ..."). */
	if (bpf_core_field_exists(task->start_boottime))
		t->start_boot_ns = task->start_boottime;
	else
		t->start_boot_ns =
			((struct task_struct___5_4 *)(void *)task)->real_start_time;
	t->present |= LIVE_HAS_STATE | LIVE_HAS_KTHREAD | LIVE_HAS_CPU;
	(void)bpf_probe_read_kernel_str(t->comm, sizeof(t->comm), task->comm);
	css = task->cgroups;
	if (css && css->dfl_cgrp && css->dfl_cgrp->kn) {
		t->cgroup_id = css->dfl_cgrp->kn->id;
		t->present |= LIVE_HAS_CGROUP_ID;
	}
	if (!signal)
		return;
	t->oom_score_adj = signal->oom_score_adj;
	t->present |= LIVE_HAS_OOM_ADJ;
	if (signal->tty) {
		(void)bpf_probe_read_kernel_str(
			t->tty, sizeof(t->tty), signal->tty->name);
		t->present |= LIVE_HAS_TTY;
	}
}

SEC("iter/task")
int live_iter_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 level, index;
	struct live_task *t;

	if (!task)
		return 0;
	level = own_level();
	if (!is_wanted(process_at(task, level)))
		return 0;
	index = live_tasks_n;
	t = bpf_map_lookup_elem(&live_tasks, &index);
	if (!t) {
		live_tasks_lost++;
		return 0;
	}
	live_tasks_n = index + 1;
	__builtin_memset(t, 0, sizeof(*t));
	t->seen_ns = bpf_ktime_get_ns();
	t->seen_by = LIVE_BY_ITERATOR;
	put_ids(t, task, level);
	put_cred(t, task);
	put_security(t, task);
	put_namespaces(t, task);
	put_exe(t, task);
	put_rest(t, task);
	return 0;
}
