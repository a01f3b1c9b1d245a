// SPDX-License-Identifier: GPL-2.0-only
/*
 * What processes do that others seldom do.  The programs stand at the entry
 * of the kernel's functions: what is told was asked for, not granted.
 */
#include "recorder_common.h"

enum {
	PROT_EXEC_ = 4,
	VM_WRITE_ = 2,
	SIGKILL_ = 9,
	SIGTERM_ = 15,
	SIGSTOP_ = 19,
};

struct recorder_name_key {
	char comm[RECORDER_COMM_BYTES];
};

/* Names of security agents. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RECORDER_AGENTS_MAX);
	__type(key, struct recorder_name_key);
	__type(value, __u8);
} recorder_agents SEC(".maps");

static __always_inline int on_memfd(const char *name, __u64 size, __u64 flags)
{
	static const char prefix[] = "memfd:";
	struct recorder_memory *m;
	char start[8] = { 0 };

	(void)bpf_probe_read_kernel_str(start, sizeof(start), name);
	for (__u32 i = 0; i < sizeof(prefix) - 1; i++)
		if (start[i] != prefix[i])
			return 0;
	m = RECORDER_NEW(recorder_memory, RECORDER_MEMFD);
	if (!m)
		return 0;
	m->end = size;
	m->flags = flags;
	(void)bpf_probe_read_kernel_str(
		m->name, sizeof(m->name), name + sizeof(prefix) - 1);
	recorder_end(m);
	return 0;
}

RECORDER_ENTRY(
	shmem_file_setup, const char *name, long long size, unsigned long flags)
{
	return on_memfd(name, size, flags);
}

RECORDER_KPROBE(
	shmem_file_setup, const char *name, long long size, unsigned long flags)
{
	return on_memfd(name, size, flags);
}

static __always_inline int on_mprotect(struct vm_area_struct *vma, __u64 prot)
{
	struct file *file = BPF_CORE_READ(vma, vm_file);
	struct recorder_memory *m;

	/* Linkers take the right to write away; who gives himself that to
	 * execute does so with memory that is of no file, or was written. */
	if (!(prot & PROT_EXEC_) ||
		(file && !(BPF_CORE_READ(vma, vm_flags) & VM_WRITE_)))
		return 0;
	m = RECORDER_NEW(recorder_memory, RECORDER_MPROTECT);
	if (!m)
		return 0;
	m->start = BPF_CORE_READ(vma, vm_start);
	m->end = BPF_CORE_READ(vma, vm_end);
	m->protection = prot;
	if (file)
		m->inode = BPF_CORE_READ(file, f_inode, i_ino);
	recorder_end(m);
	return 0;
}

RECORDER_ENTRY(security_file_mprotect, struct vm_area_struct *vma,
	unsigned long asked, unsigned long prot)
{
	struct vm_area_struct *v = vma;

	(void)asked;
	return on_mprotect(v, prot);
}

RECORDER_KPROBE(security_file_mprotect, struct vm_area_struct *vma,
	unsigned long asked, unsigned long prot)
{
	(void)asked;
	return on_mprotect(vma, prot);
}

static __always_inline int on_mmap(struct file *file, __u64 prot, __u64 flags)
{
	struct recorder_memory *m;

	if (file || !(prot & PROT_EXEC_))
		return 0;
	m = RECORDER_NEW(recorder_memory, RECORDER_MMAP);
	if (!m)
		return 0;
	m->protection = prot;
	m->flags = flags;
	recorder_end(m);
	return 0;
}

RECORDER_ENTRY(security_mmap_file, struct file *file, unsigned long prot,
	unsigned long flags)
{
	struct file *f = file;

	return on_mmap(f, prot, flags);
}

RECORDER_KPROBE(security_mmap_file, struct file *file, unsigned long prot,
	unsigned long flags)
{
	return on_mmap(file, prot, flags);
}

static __always_inline void put_target(
	__u32 kind, struct task_struct *task, __u32 number)
{
	struct recorder_target *t = RECORDER_NEW(recorder_target, kind);

	if (!t)
		return;
	t->start_boot_ns = recorder_start_of(task);
	t->pid = process_at(task, recorder_level);
	t->number = number;
	recorder_comm(t->comm, task);
	recorder_end(t);
}

RECORDER_ENTRY(ptrace_attach, struct task_struct *task, long request)
{
	struct task_struct *t = task;

	put_target(RECORDER_PTRACE, t, request);
	return 0;
}

RECORDER_KPROBE(ptrace_attach, struct task_struct *task, long request)
{
	put_target(RECORDER_PTRACE, task, request);
	return 0;
}

static __always_inline int on_kill(struct task_struct *task, int sig)
{
	struct recorder_name_key key = { 0 };

	if (sig != SIGKILL_ && sig != SIGTERM_ && sig != SIGSTOP_)
		return 0;
	recorder_comm(key.comm, BPF_CORE_READ(task, group_leader));
	if (bpf_map_lookup_elem(&recorder_agents, &key))
		put_target(RECORDER_KILL, task, sig);
	return 0;
}

RECORDER_ENTRY(security_task_kill, struct task_struct *p, void *info, int sig)
{
	struct task_struct *task = p;

	(void)info;
	return on_kill(task, sig);
}

RECORDER_KPROBE(security_task_kill, struct task_struct *p, void *info, int sig)
{
	(void)info;
	return on_kill(p, sig);
}

static __always_inline __u64 caps_of(const struct cred *cred)
{
	__u64 caps = 0;

	/* Two words, or one of 64 bits since 6.3. */
	(void)bpf_probe_read_kernel(&caps, sizeof(caps),
		(void *)cred + bpf_core_field_offset(struct cred, cap_effective));
	return caps;
}

static __always_inline int on_creds(const struct cred *new)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	const struct cred *old = BPF_CORE_READ(task, real_cred);
	__u64 before = caps_of(old), caps = caps_of(new);
	struct recorder_creds *c;

	if (BPF_CORE_READ(old, uid.val) == BPF_CORE_READ(new, uid.val) &&
		BPF_CORE_READ(old, euid.val) == BPF_CORE_READ(new, euid.val) &&
		BPF_CORE_READ(old, gid.val) == BPF_CORE_READ(new, gid.val) &&
		BPF_CORE_READ(old, egid.val) == BPF_CORE_READ(new, egid.val) &&
		BPF_CORE_READ(old, user_ns) == BPF_CORE_READ(new, user_ns) &&
		!(caps & ~before))
		return 0;
	c = RECORDER_NEW(recorder_creds, RECORDER_CREDS);
	if (!c)
		return 0;
	c->caps_before = before;
	c->caps = caps;
	c->uid = BPF_CORE_READ(new, uid.val);
	c->euid = BPF_CORE_READ(new, euid.val);
	c->gid_before = BPF_CORE_READ(old, gid.val);
	c->gid = BPF_CORE_READ(new, gid.val);
	c->egid_before = BPF_CORE_READ(old, egid.val);
	c->egid = BPF_CORE_READ(new, egid.val);
	c->userns_before = BPF_CORE_READ(old, user_ns, ns.inum);
	c->userns = BPF_CORE_READ(new, user_ns, ns.inum);
	recorder_end(c);
	return 0;
}

RECORDER_ENTRY(commit_creds, const struct cred *new)
{
	const struct cred *n = new;

	return on_creds(n);
}

RECORDER_KPROBE(commit_creds, const struct cred *new)
{
	return on_creds(new);
}

static __always_inline void put_namespaces(__u32 *ret, struct nsproxy *ns)
{
	struct nsproxy___pid *pid = (void *)ns;

	ret[RECORDER_NS_MNT] = BPF_CORE_READ(ns, mnt_ns, ns.inum);
	ret[RECORDER_NS_PID] = BPF_CORE_READ(pid, pid_ns_for_children, ns.inum);
	ret[RECORDER_NS_NET] = BPF_CORE_READ(ns, net_ns, ns.inum);
	ret[RECORDER_NS_UTS] = BPF_CORE_READ(ns, uts_ns, ns.inum);
	ret[RECORDER_NS_IPC] = BPF_CORE_READ(ns, ipc_ns, ns.inum);
	ret[RECORDER_NS_CGROUP] = BPF_CORE_READ(ns, cgroup_ns, ns.inum);
}

/* Also when a process ends, and then there is no other. */
static __always_inline int on_namespace(
	struct task_struct *task, struct nsproxy *new)
{
	struct recorder_namespace *n;

	if (!new)
		return 0;
	n = RECORDER_NEW(recorder_namespace, RECORDER_NAMESPACE);
	if (!n)
		return 0;
	put_namespaces(n->before, BPF_CORE_READ(task, nsproxy));
	put_namespaces(n->after, new);
	recorder_end(n);
	return 0;
}

RECORDER_ENTRY(switch_task_namespaces, struct task_struct *p, struct nsproxy *new)
{
	struct task_struct *task = p;
	struct nsproxy *n = new;

	return on_namespace(task, n);
}

RECORDER_KPROBE(switch_task_namespaces, struct task_struct *p, struct nsproxy *new)
{
	return on_namespace(p, new);
}
