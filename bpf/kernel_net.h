/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's types of files and sockets, as in kernel_min.h. */
#ifndef BPF_KERNEL_NET_H
#define BPF_KERNEL_NET_H

#include "kernel_min.h"

#pragma clang attribute push(                                                  \
	__attribute__((preserve_access_index)), apply_to = record)

struct socket;

struct ns_common___ops {
	unsigned int inum;
	const void *ops;
};

/* struct net of kernel_min.h has neither. */
struct net___list {
	struct list_head list;
	struct ns_common___ops ns;
};

struct in6_addr {
	__u8 bytes[16];
};

typedef struct {
	struct net *net;
} possible_net_t;

typedef struct {
	long long counter;
} atomic64_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
};

struct sock_fprog_kern {
	__u16 len;
	void *filter;
};

struct bpf_prog {
	struct sock_fprog_kern *orig_prog;
};

struct sk_filter {
	struct bpf_prog *prog;
};

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	struct sk_filter *sk_filter;
	__u16 sk_type;
	__u16 sk_protocol;
	__u32 sk_mark;
	unsigned int sk_kern_sock : 1;
};

/* Until 5.5 type and protocol were bit fields, which no kernel with BTF has. */
struct socket {
	struct sock *sk;
	struct file *file;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

struct tcp_sock {
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u64 bytes_retrans;
	__u32 segs_out;
	__u32 segs_in;
	__u32 total_retrans;
	__u32 rcv_nxt;
	__u32 copied_seq;
	__u32 write_seq;
	__u32 snd_una;
};

struct sockaddr_un_min {
	__u16 family;
	char path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un_min name[];
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};

struct netlink_sock {
	__u32 portid;
	__u32 dst_portid;
	unsigned long *groups;
};

struct packet_sock {
	int ifindex;
	__be16 num;
};

struct sockaddr_vm {
	unsigned int svm_port;
	unsigned int svm_cid;
};

struct vsock_sock {
	struct sockaddr_vm local_addr;
	struct sockaddr_vm remote_addr;
};

struct bpf_iter_meta;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
	unsigned int uid;
};

struct udp_sock;

struct bpf_iter__udp {
	struct bpf_iter_meta *meta;
	struct udp_sock *udp_sk;
	unsigned int uid;
	int bucket;
};

struct bpf_iter__unix {
	struct bpf_iter_meta *meta;
	struct unix_sock *unix_sk;
	unsigned int uid;
};

struct bpf_iter__netlink {
	struct bpf_iter_meta *meta;
	struct netlink_sock *sk;
};

#pragma clang attribute pop

#endif
