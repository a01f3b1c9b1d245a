// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changes the host: modules, BPF programs, mounts, and executables that
 * are unlinked.  As in recorder_deeds.bpf.c it was asked for, not granted.
 */
#include "recorder_common.h"

enum { MS_MGC = 0xc0ed0000 /* an old mark, no flag */ };

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RECORDER_EXECUTED_MAX);
	__type(key, struct recorder_file_key);
	__type(value, __u8);
} recorder_executed SEC(".maps");

SEC("tp_btf/module_load")
int BPF_PROG(recorder_on_module, struct module *mod)
{
	struct recorder_code *c = RECORDER_NEW(recorder_code, RECORDER_MODULE);
	struct module *module = mod;

	if (!c)
		return 0;
	c->taints = BPF_CORE_READ(module, taints);
	(void)bpf_probe_read_kernel_str(c->name, sizeof(c->name),
		(void *)module + bpf_core_field_offset(struct module, name));
	recorder_end(c);
	return 0;
}

/* The kernel's copy of what the caller asked for; its layout is for good. */
static __always_inline int on_bpf_load(void *asked)
{
	struct recorder_code *c = RECORDER_NEW(recorder_code, RECORDER_BPF_LOAD);
	union bpf_attr *attr = asked;

	if (!c)
		return 0;
	(void)bpf_probe_read_kernel(&c->type, sizeof(c->type), &attr->prog_type);
	(void)bpf_probe_read_kernel(
		&c->instructions, sizeof(c->instructions), &attr->insn_cnt);
	(void)bpf_probe_read_kernel_str(
		c->name, BPF_OBJ_NAME_LEN, attr->prog_name);
	recorder_end(c);
	return 0;
}

RECORDER_ENTRY(bpf_prog_load, void *attr)
{
	return on_bpf_load(attr);
}

RECORDER_KPROBE(bpf_prog_load, void *attr)
{
	return on_bpf_load(attr);
}

static __always_inline int on_link(struct bpf_link *link)
{
	struct recorder_code *c =
		RECORDER_NEW(recorder_code, RECORDER_BPF_ATTACH);
	struct bpf_prog___recorder *prog;
	struct bpf_prog_aux *aux;

	if (!c)
		return 0;
	prog = (void *)BPF_CORE_READ(link, prog);
	c->type = BPF_CORE_READ(link, type);
	aux = prog ? BPF_CORE_READ(prog, aux) : NULL;
	if (aux) {
		c->id = BPF_CORE_READ(aux, id);
		c->instructions = BPF_CORE_READ(prog, len);
		(void)bpf_probe_read_kernel_str(c->name, BPF_OBJ_NAME_LEN,
			(void *)aux + bpf_core_field_offset(
					      struct bpf_prog_aux, name));
	}
	recorder_end(c);
	return 0;
}

RECORDER_ENTRY(bpf_link_prime, struct bpf_link *link)
{
	struct bpf_link *l = link;

	return on_link(l);
}

RECORDER_KPROBE(bpf_link_prime, struct bpf_link *link)
{
	return on_link(link);
}

static __always_inline void put_path(struct recorder_path *p, struct dentry *at)
{
	struct dentry *parent;
	__u32 used = 0;

	for (__u32 i = 0; i < RECORDER_PATH_PARTS; i++) {
		long n;

		parent = BPF_CORE_READ(at, d_parent);
		if (!parent || parent == at)
			break;
		if (used > RECORDER_PATH_BYTES - RECORDER_PATH_PART_BYTES)
			break;
		n = bpf_probe_read_kernel_str(p->path + used,
			RECORDER_PATH_PART_BYTES, BPF_CORE_READ(at, d_name.name));
		if (n <= 0)
			break;
		used += n;
		p->parts++;
		at = parent;
	}
	p->path_bytes = used;
}

static __always_inline void put_inode(struct recorder_path *p, struct inode *inode)
{
	p->inode = BPF_CORE_READ(inode, i_ino);
	recorder_device(&p->major, &p->minor, inode);
}

/* What is known of an inode that somebody unlinks. */
static __always_inline __u32 running(struct inode *inode)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct inode___recorder *more = (void *)inode;
	struct recorder_file_key key = { 0 };
	struct file *exe = BPF_CORE_READ(task, mm, exe_file);
	__u32 bits = 0;

	if (exe && BPF_CORE_READ(exe, f_inode) == inode)
		bits |= RECORDER_RUNS_SELF | RECORDER_RUNS_NOW;
	/* Not of 6.11 and 6.12: 2a010c412853 ("fs: don't block i_writecount
	 * during exec"), taken back in 6.13. */
	if (BPF_CORE_READ(more, i_writecount.counter) < 0)
		bits |= RECORDER_RUNS_NOW;
	key.inode = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	if (bpf_map_lookup_elem(&recorder_executed, &key))
		bits |= RECORDER_RAN;
	return bits;
}

static __always_inline int on_unlink(struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);
	__u32 bits = inode ? running(inode) : 0;
	struct recorder_path *p;

	if (!bits)
		return 0;
	p = RECORDER_NEW(recorder_path, RECORDER_UNLINK);
	if (!p)
		return 0;
	p->flags = bits;
	put_inode(p, inode);
	put_path(p, dentry);
	recorder_end(p);
	return 0;
}

RECORDER_ENTRY(security_inode_unlink, struct inode *dir, struct dentry *dentry)
{
	struct dentry *d = dentry;

	(void)dir;
	return on_unlink(d);
}

RECORDER_KPROBE(security_inode_unlink, struct inode *dir, struct dentry *dentry)
{
	(void)dir;
	return on_unlink(dentry);
}

static __always_inline int on_mount(const char *source, const struct path *on,
	const char *type, __u64 flags)
{
	struct recorder_path *p = RECORDER_NEW(recorder_path, RECORDER_MOUNT);
	struct path___dentry *path = (void *)on;
	struct dentry *dentry;

	if (!p)
		return 0;
	dentry = BPF_CORE_READ(path, dentry);
	p->flags = flags & ~(__u64)MS_MGC;
	put_inode(p, BPF_CORE_READ(dentry, d_inode));
	put_path(p, dentry);
	(void)bpf_probe_read_kernel_str(p->type, sizeof(p->type), type);
	(void)bpf_probe_read_kernel_str(p->source, sizeof(p->source), source);
	recorder_end(p);
	return 0;
}

RECORDER_ENTRY(security_sb_mount, const char *source, const struct path *path,
	const char *type, unsigned long flags)
{
	const struct path *p = path;

	return on_mount(source, p, type, flags);
}

RECORDER_KPROBE(security_sb_mount, const char *source, const struct path *path,
	const char *type, unsigned long flags)
{
	return on_mount(source, path, type, flags);
}

/* By move_mount(2), which the new way to mount ends with. */
RECORDER_ENTRY(security_move_mount, const struct path *from, const struct path *to)
{
	const struct path *t = to;

	(void)from;
	return on_mount(NULL, t, "move_mount", 0);
}

RECORDER_KPROBE(
	security_move_mount, const struct path *from, const struct path *to)
{
	(void)from;
	return on_mount(NULL, to, "move_mount", 0);
}
