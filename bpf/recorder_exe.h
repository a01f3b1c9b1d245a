/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to say of an executable file. */
#ifndef BPF_RECORDER_EXE_H
#define BPF_RECORDER_EXE_H

#include "recorder_common.h"

enum {
	TMPFS_MAGIC_ = 0x01021994,
	HUGETLBFS_MAGIC_ = 0x958458f6,
	OVERLAYFS_MAGIC_ = 0x794c7630,
	MODE_SETID = 06000,
	MODE_ALL_WRITE = 02,
};

/* Those that ran, so that it can be told when one is unlinked. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RECORDER_EXECUTED_MAX);
	__type(key, struct recorder_file_key);
	__type(value, __u8);
} recorder_executed SEC(".maps");

static __always_inline __u64 ctime_of(struct inode *inode)
{
	struct inode___ctime_6_11 *third = (void *)inode;
	struct inode___ctime_6_6 *second = (void *)inode;
	struct inode___ctime *first = (void *)inode;

	if (bpf_core_field_exists(third->i_ctime_sec))
		return BPF_CORE_READ(third, i_ctime_sec);
	if (bpf_core_field_exists(second->__i_ctime))
		return BPF_CORE_READ(second, __i_ctime.tv_sec);
	return BPF_CORE_READ(first, i_ctime.tv_sec);
}

static __always_inline int is_memfd(struct dentry *dentry)
{
	static const char prefix[] = "memfd:";
	char name[8] = { 0 };

	(void)bpf_probe_read_kernel_str(
		name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	for (__u32 i = 0; i < sizeof(prefix) - 1; i++)
		if (name[i] != prefix[i])
			return 0;
	return 1;
}

/* As live.bpf.c: what is there came after the image. */
static __always_inline int is_upper(struct inode *inode)
{
	void *ovl = inode, *upper = NULL;

	if (!bpf_core_field_exists(struct ovl_inode, __upperdentry))
		return 0;
	ovl -= bpf_core_field_offset(struct ovl_inode, vfs_inode);
	(void)bpf_probe_read_kernel(&upper, sizeof(upper),
		ovl + bpf_core_field_offset(struct ovl_inode, __upperdentry));
	return !!upper;
}

static __always_inline __u32 exe_bits(
	struct recorder_exec *x, struct inode *inode, struct dentry *dentry)
{
	struct inode *dir = BPF_CORE_READ(dentry, d_parent, d_inode);
	__u32 bits = 0;

	if (x->magic == TMPFS_MAGIC_ || x->magic == HUGETLBFS_MAGIC_)
		bits |= is_memfd(dentry) ? RECORDER_EXE_MEMFD
					 : RECORDER_EXE_TMPFS;
	if (!x->nlink && !(bits & RECORDER_EXE_MEMFD))
		bits |= RECORDER_EXE_DELETED;
	if (x->magic == OVERLAYFS_MAGIC_ && is_upper(inode))
		bits |= RECORDER_EXE_UPPER;
	if (x->mode & MODE_SETID)
		bits |= RECORDER_EXE_SETID;
	if (dir && !(bits & RECORDER_EXE_MEMFD) &&
		BPF_CORE_READ(dir, i_mode) & MODE_ALL_WRITE)
		bits |= RECORDER_EXE_WRITABLE;
	return bits;
}

static __always_inline void put_exe(struct recorder_exec *x, struct file *file)
{
	struct file___recorder *f = (void *)file;
	struct recorder_file_key key = { 0 };
	struct inode *inode = BPF_CORE_READ(f, f_inode);
	__u8 yes = 1;

	x->inode = BPF_CORE_READ(inode, i_ino);
	x->size = BPF_CORE_READ((struct inode___recorder *)(void *)inode, i_size);
	x->ctime_s = ctime_of(inode);
	recorder_device(&x->major, &x->minor, inode);
	x->nlink = BPF_CORE_READ(inode, i_nlink);
	x->mode = BPF_CORE_READ(inode, i_mode);
	x->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	x->exe = exe_bits(x, inode, BPF_CORE_READ(f, f_path.dentry));
	key.inode = x->inode;
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	if (!bpf_map_lookup_elem(&recorder_executed, &key))
		(void)bpf_map_update_elem(
			&recorder_executed, &key, &yes, BPF_ANY);
}

#endif
