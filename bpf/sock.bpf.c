// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets, into an array that the agent has mapped: those of one network
 * namespace by the iterators of their kind, and those of any kind that
 * processes hold, by their files.  When the array is full a program asks to
 * see the same socket again, as in file.bpf.c.  And the namespaces that the
 * kernel has in its list.
 */
#include "kernel_net.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "sock.h"
#include "live_ids.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	AF_UNIX = 1,
	AF_INET = 2,
	AF_INET6 = 10,
	AF_NETLINK = 16,
	AF_PACKET = 17,
	AF_VSOCK = 40,
	SOCK_STREAM = 1,
	IPPROTO_TCP = 6,
	STATE_TIME_WAIT = 6,
	STATE_LISTEN = 10,
	STATE_NEW_SYN_RECV = 12,
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	CHUNK = 4096,
	NETNS_MAX = 4096,
	STEPS = 256,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, CHUNK);
	__type(key, __u32);
	__type(value, struct net_sock);
} socks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SOCK_FILTERS_MAX);
	__type(key, __u32);
	__type(value, struct net_filter);
} filters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NETNS_MAX);
	__type(key, __u32);
	__type(value, __u64); /* each lies in 8 bytes anyway */
} namespaces SEC(".maps");

__u32 socks_n;
__u32 filters_n;
__u32 filters_lost;
__u32 namespaces_n;
__u32 namespaces_done;
__u64 namespaces_at;

static __always_inline struct net_sock *next_sock(void)
{
	__u32 index = socks_n;
	struct net_sock *s = bpf_map_lookup_elem(&socks, &index);

	if (!s || filters_n >= SOCK_FILTERS_MAX)
		return NULL;
	socks_n = index + 1;
	__builtin_memset(s, 0, sizeof(*s));
	s->seen_by = NET_BY_ITERATOR;
	return s;
}

static __always_inline void put_common(struct net_sock *s, struct sock_common *c)
{
	s->family = BPF_CORE_READ(c, skc_family);
	s->state = BPF_CORE_READ(c, skc_state);
	s->netns = BPF_CORE_READ(c, skc_net.net, ns.inum);
	s->cookie = (__u64)BPF_CORE_READ(c, skc_cookie.counter);
}

static __always_inline void put_inet(struct net_sock *s, struct sock_common *c)
{
	s->local_port = BPF_CORE_READ(c, skc_num);
	s->remote_port = bpf_ntohs(BPF_CORE_READ(c, skc_dport));
	s->ifindex = (__u32)BPF_CORE_READ(c, skc_bound_dev_if);
	if (s->family == AF_INET6) {
		BPF_CORE_READ_INTO(&s->local, c, skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&s->remote, c, skc_v6_daddr);
	} else {
		__be32 local = BPF_CORE_READ(c, skc_rcv_saddr);
		__be32 remote = BPF_CORE_READ(c, skc_daddr);

		__builtin_memcpy(s->local, &local, sizeof(local));
		__builtin_memcpy(s->remote, &remote, sizeof(remote));
	}
}

/* A whole struct sock, and not one that waits for its end or its beginning. */
static __always_inline int is_whole(const struct net_sock *s)
{
	return s->state != STATE_TIME_WAIT && s->state != STATE_NEW_SYN_RECV;
}

static __always_inline void put_filter(struct net_sock *s, struct sock *sk)
{
	struct sock_fprog_kern *f;
	__u32 index = filters_n, n;
	struct net_filter *to;

	f = BPF_CORE_READ(sk, sk_filter, prog, orig_prog);
	n = f ? BPF_CORE_READ(f, len) : 0;
	if (!n)
		return;
	to = bpf_map_lookup_elem(&filters, &index);
	if (!to || n > SOCK_FILTER_MAX) {
		filters_lost++;
		return;
	}
	if (bpf_probe_read_kernel(to->insns,
		    (n & (2 * SOCK_FILTER_MAX - 1)) * sizeof(__u64),
		    BPF_CORE_READ(f, filter)))
		return;
	filters_n = index + 1;
	s->filter_at = index;
	s->filter_n = n;
	s->present |= NET_HAS_FILTER;
}

static __always_inline void put_sock(struct net_sock *s, struct sock *sk)
{
	struct socket *socket = BPF_CORE_READ(sk, sk_socket);

	s->type = BPF_CORE_READ(sk, sk_type);
	s->protocol = BPF_CORE_READ(sk, sk_protocol);
	s->mark = BPF_CORE_READ(sk, sk_mark);
	s->is_kernel = (__u8)BPF_CORE_READ_BITFIELD_PROBED(sk, sk_kern_sock);
	s->present |= NET_HAS_MARK | NET_HAS_KERNEL;
	if (socket)
		s->inode = BPF_CORE_READ(
			(struct socket_alloc *)(void *)socket, vfs_inode.i_ino);
}

static __always_inline void put_tcp(struct net_sock *s, struct sock *sk)
{
	struct tcp_sock *t = (void *)sk;

	s->bytes_sent = BPF_CORE_READ(t, bytes_sent);
	s->bytes_acked = BPF_CORE_READ(t, bytes_acked);
	s->bytes_received = BPF_CORE_READ(t, bytes_received);
	s->bytes_retrans = BPF_CORE_READ(t, bytes_retrans);
	s->segs_out = BPF_CORE_READ(t, segs_out);
	s->segs_in = BPF_CORE_READ(t, segs_in);
	s->retransmits = BPF_CORE_READ(t, total_retrans);
	s->present |= NET_HAS_BYTES;
	if (s->state == STATE_LISTEN)
		return;
	s->rx_queue = BPF_CORE_READ(t, rcv_nxt) - BPF_CORE_READ(t, copied_seq);
	s->tx_queue = BPF_CORE_READ(t, write_seq) - BPF_CORE_READ(t, snd_una);
	s->present |= NET_HAS_QUEUES;
}

SEC("iter/tcp")
int iter_tcp(struct bpf_iter__tcp *ctx)
{
	struct sock_common *c = ctx->sk_common;
	struct net_sock *s;

	if (!c)
		return 0;
	s = next_sock();
	if (!s)
		return 1;
	put_common(s, c);
	put_inet(s, c);
	s->uid = ctx->uid;
	s->present |= NET_HAS_UID;
	if (is_whole(s)) {
		put_sock(s, (void *)c);
		put_tcp(s, (void *)c);
		put_filter(s, (void *)c);
	}
	s->type = SOCK_STREAM;
	s->protocol = IPPROTO_TCP;
	return 0;
}

SEC("iter/udp")
int iter_udp(struct bpf_iter__udp *ctx)
{
	struct sock *sk = (void *)ctx->udp_sk;
	struct net_sock *s;

	if (!sk)
		return 0;
	s = next_sock();
	if (!s)
		return 1;
	put_common(s, (void *)sk);
	put_inet(s, (void *)sk);
	put_sock(s, sk);
	put_filter(s, sk);
	s->uid = ctx->uid;
	s->present |= NET_HAS_UID;
	return 0;
}

static __always_inline __u64 inode_of(struct sock *sk)
{
	struct socket *socket = sk ? BPF_CORE_READ(sk, sk_socket) : NULL;

	return socket ? BPF_CORE_READ((struct socket_alloc *)(void *)socket,
				vfs_inode.i_ino)
		      : 0;
}

static __always_inline void put_unix(struct net_sock *s, struct unix_sock *u)
{
	struct unix_address *a = BPF_CORE_READ(u, addr);
	int len = a ? BPF_CORE_READ(a, len) - 2 : 0;

	s->peer_inode = inode_of(BPF_CORE_READ(u, peer));
	s->present |= NET_HAS_PEER | NET_HAS_NAME;
	s->protocol = 0;
	if (len <= 0 || len > SOCK_PATH_BYTES)
		return;
	if (bpf_probe_read_kernel(s->name, (__u32)len & (SOCK_NAME_BYTES - 1),
		    (void *)a + bpf_core_field_offset(struct unix_address, name) +
			    2) == 0)
		s->name_len = (__u16)len;
}

SEC("iter/unix")
int iter_unix(struct bpf_iter__unix *ctx)
{
	struct unix_sock *u = ctx->unix_sk;
	struct net_sock *s;

	if (!u)
		return 0;
	s = next_sock();
	if (!s)
		return 1;
	put_common(s, (void *)u);
	put_sock(s, (void *)u);
	put_unix(s, u);
	s->uid = ctx->uid;
	s->present |= NET_HAS_UID;
	return 0;
}

static __always_inline void put_netlink(
	struct net_sock *s, struct netlink_sock *n)
{
	unsigned long *groups = BPF_CORE_READ(n, groups);

	s->local_id = BPF_CORE_READ(n, portid);
	s->remote_id = BPF_CORE_READ(n, dst_portid);
	s->present |= NET_HAS_IDS | NET_HAS_GROUPS;
	if (groups)
		(void)bpf_probe_read_kernel(
			&s->groups, sizeof(s->groups), groups);
}

SEC("iter/netlink")
int iter_netlink(struct bpf_iter__netlink *ctx)
{
	struct netlink_sock *n = ctx->sk;
	struct net_sock *s;

	if (!n)
		return 0;
	s = next_sock();
	if (!s)
		return 1;
	put_common(s, (void *)n);
	put_sock(s, (void *)n);
	put_netlink(s, n);
	return 0;
}

static __always_inline void put_packet(struct net_sock *s, struct packet_sock *p)
{
	s->ifindex = (__u32)BPF_CORE_READ(p, ifindex);
	s->protocol = bpf_ntohs(BPF_CORE_READ(p, num));
}

static __always_inline void put_vsock(struct net_sock *s, struct vsock_sock *v)
{
	s->local_id = BPF_CORE_READ(v, local_addr.svm_cid);
	s->local_port = BPF_CORE_READ(v, local_addr.svm_port);
	s->remote_id = BPF_CORE_READ(v, remote_addr.svm_cid);
	s->remote_port = BPF_CORE_READ(v, remote_addr.svm_port);
	s->present |= NET_HAS_IDS;
}

SEC("iter/task_file")
int iter_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct net_sock *s;
	struct sock *sk;

	if (!task || !file)
		return 0;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	/* A fifo may have S_IFSOCK as well, when somebody bound a path. */
	socket = BPF_CORE_READ(file, private_data);
	if (!socket || BPF_CORE_READ(socket, file) != file)
		return 0;
	sk = BPF_CORE_READ(socket, sk);
	if (!sk)
		return 0;
	s = next_sock();
	if (!s)
		return 1;
	put_common(s, (void *)sk);
	put_sock(s, sk);
	put_filter(s, sk);
	s->pid = process_at(task, own_level());
	s->fd = ctx->fd;
	if (s->family == AF_INET || s->family == AF_INET6)
		put_inet(s, (void *)sk);
	else if (s->family == AF_UNIX)
		put_unix(s, (void *)sk);
	else if (s->family == AF_NETLINK)
		put_netlink(s, (void *)sk);
	/* Where these are modules, their types may not be there. */
	else if (s->family == AF_PACKET &&
		 bpf_core_type_exists(struct packet_sock))
		put_packet(s, (void *)sk);
	else if (s->family == AF_VSOCK && bpf_core_type_exists(struct vsock_sock))
		put_vsock(s, (void *)sk);
	return 0;
}

/*
 * All namespaces are in one ring with the head of the kernel's list, which
 * stands in no struct net: what it would have for its operations is another.
 * One run takes STEPS of them, and the next goes on.
 */
SEC("syscall")
int list_namespaces(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct net___list *own = (void *)BPF_CORE_READ(task, nsproxy, net_ns);
	const void *ops = BPF_CORE_READ(own, ns.ops);
	struct net___list *net = (void *)namespaces_at;

	(void)ctx;
	if (!net)
		net = own;
	for (__u32 i = 0; i < STEPS; i++) {
		__u32 index = namespaces_n;
		__u64 *to;
		__u32 inum = BPF_CORE_READ(net, ns.inum);

		to = bpf_map_lookup_elem(&namespaces, &index);
		if (!to)
			return 0;
		/* One that is being made or taken apart has no number. */
		if (inum && BPF_CORE_READ(net, ns.ops) == ops) {
			*to = inum;
			namespaces_n = index + 1;
		}
		net = (void *)BPF_CORE_READ(net, list.next) -
		      bpf_core_field_offset(struct net___list, list);
		namespaces_at = (__u64)net;
		if (net == own) {
			namespaces_done = 1;
			return 0;
		}
	}
	return 0;
}
