/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's types that the recorder's programs meet, as in kernel_min.h. */
#ifndef BPF_KERNEL_RECORDER_H
#define BPF_KERNEL_RECORDER_H

#include "kernel_net.h"

#pragma clang attribute push(                                                  \
	__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct signal_struct___live {
	atomic_t live; /* threads */
};

struct task_struct___exit {
	int exit_code;
};

struct nsproxy___pid {
	struct pid_namespace *pid_ns_for_children;
};

struct mm_struct___args {
	unsigned long arg_start;
	unsigned long arg_end;
};

struct linux_binprm {
	struct file *file;
	const char *filename;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct address_space {
	struct xarray i_pages;
};

struct page___index {
	unsigned long index;
};

/* Since 6.16 the name of the member is kept for old users only. */
struct page___folio_index {
	unsigned long __folio_index;
};

struct path___dentry {
	struct dentry *dentry;
};

struct file___recorder {
	struct path___dentry f_path;
	struct address_space *f_mapping;
	struct inode *f_inode;
};

struct timespec64 {
	__s64 tv_sec;
};

/* Until 6.6, 13bc24457850 ("fs: rename i_ctime field to __i_ctime"). */
struct inode___ctime {
	struct timespec64 i_ctime;
};

struct inode___ctime_6_6 {
	struct timespec64 __i_ctime;
};

/* Since 6.11: 3aa63a569c64 ("fs: switch timespec64 fields in inode to
 * discrete integers"). */
struct inode___ctime_6_11 {
	__s64 i_ctime_sec;
};

struct inode___recorder {
	__s64 i_size;
	atomic_t i_writecount;
};

struct inet_sock {
	__be16 inet_sport;
};

/* The second argument of inet_csk_accept() since 6.10: 92ef0fd55ac8 ("net:
 * change proto and proto_ops accept type"). */
struct proto_accept_arg {
	int flags;
};

struct iovec {
	void *iov_base;
	unsigned long iov_len;
};

/* Until 6.3: de4f5fed3f23 ("iov_iter: add iter_iovec() helper"). */
struct iov_iter {
	__u8 iter_type;
	const struct iovec *iov;
	void *ubuf;
};

struct iov_iter___6_4 {
	const struct iovec *__iov;
};

struct msghdr {
	void *msg_name;
	int msg_namelen;
	struct iov_iter msg_iter;
};

struct bpf_prog_aux {
	__u32 id;
	char name[16];
};

struct bpf_prog___recorder {
	__u32 len;
	struct bpf_prog_aux *aux;
};

struct bpf_link {
	__u32 id;
	enum bpf_link_type type;
	struct bpf_prog *prog;
};

struct module {
	char name[56];
	unsigned long taints;
};

#pragma clang attribute pop

/* Their values are those of the running kernel, by CO-RE. */
enum iter_type {
	ITER_IOVEC = 0,
	ITER_UBUF = 6,
};

#endif
