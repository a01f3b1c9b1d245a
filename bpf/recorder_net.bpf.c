// SPDX-License-Identifier: GPL-2.0-only
/* Connections, first packets and questions. */
#include "recorder_common.h"

enum { AF_INET_ = 2, AF_INET6_ = 10, TCP_ = 6, UDP_ = 17, DNS_PORT = 53 };

enum {
	TCP_ESTABLISHED_ = 1,
	TCP_SYN_SENT_ = 2,
	TCP_SYN_RECV_ = 3,
	TCP_CLOSE_ = 7,
	TCP_LISTEN_ = 10,
};

/* Who opened a TCP socket: it is often the kernel that closes it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RECORDER_SOCKETS_MAX);
	__type(key, __u64);
	__type(value, struct recorder_head);
} recorder_sockets SEC(".maps");

struct flow {
	__u64 socket;
	__u8 remote[16];
	__u32 port;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RECORDER_FLOWS_MAX);
	__type(key, struct flow);
	__type(value, __u8);
} recorder_flows SEC(".maps");

/* How a program came by its socket: only a typed pointer may be followed. */
enum pointer { UNTYPED, TYPED };

#define LOAD(how, p, member)                                                   \
	((how) == TYPED ? (p)->member : BPF_CORE_READ(p, member))

/* Ports and addresses, of a socket that has not been taken apart. */
static __always_inline void put_socket(struct recorder_net *n, struct sock *sk,
	__u16 protocol, enum pointer how)
{
	struct inet_sock *inet = (void *)sk;
	__u16 port = BPF_CORE_READ(inet, inet_sport);

	n->socket = (__u64)sk;
	n->sent_bytes = 0;
	n->received_bytes = 0;
	n->open_ns = 0;
	n->message_bytes = 0;
	n->family = LOAD(how, sk, __sk_common.skc_family);
	n->protocol = protocol;
	n->local_port = __builtin_bswap16(port);
	n->remote_port = __builtin_bswap16(LOAD(how, sk, __sk_common.skc_dport));
	n->netns = how == TYPED
			   ? sk->__sk_common.skc_net.net->ns.inum
			   : BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (n->family == AF_INET6_) {
		(void)bpf_probe_read_kernel(n->local, sizeof(n->local),
			(void *)sk + bpf_core_field_offset(struct sock,
					     __sk_common.skc_v6_rcv_saddr));
		(void)bpf_probe_read_kernel(n->remote, sizeof(n->remote),
			(void *)sk + bpf_core_field_offset(struct sock,
					     __sk_common.skc_v6_daddr));
		return;
	}
	__builtin_memset(n->local, 0, sizeof(n->local));
	__builtin_memset(n->remote, 0, sizeof(n->remote));
	*(__u32 *)n->local = LOAD(how, sk, __sk_common.skc_rcv_saddr);
	*(__u32 *)n->remote = LOAD(how, sk, __sk_common.skc_daddr);
}

static __always_inline void put_open(__u32 kind, struct sock *sk, enum pointer how)
{
	__u64 key = (__u64)sk;
	struct recorder_head h;
	struct recorder_net *n;

	/* From the stack: 6.1 takes no value from a ring buffer. */
	recorder_who(&h, kind, sizeof(*n));
	(void)bpf_map_update_elem(&recorder_sockets, &key, &h, BPF_ANY);
	n = recorder_begin(kind, sizeof(*n));
	if (!n)
		return;
	n->head = h;
	put_socket(n, sk, TCP_, how);
	recorder_end(n);
}

RECORDER_ENTRY(tcp_connect, struct sock *sk)
{
	struct sock *s = sk;

	put_open(RECORDER_TCP_CONNECT, s, TYPED);
	return 0;
}

RECORDER_KPROBE(tcp_connect, struct sock *sk)
{
	put_open(RECORDER_TCP_CONNECT, sk, UNTYPED);
	return 0;
}

static __always_inline int on_accept(struct sock *sk)
{
	if (sk && BPF_CORE_READ(sk, __sk_common.skc_family) &&
		BPF_CORE_READ(sk, sk_protocol) == TCP_)
		put_open(RECORDER_TCP_ACCEPT, sk, UNTYPED);
	return 0;
}

/* The return value lies behind the arguments: two or four. */
SEC("fexit/inet_csk_accept")
int fexit_inet_csk_accept(__u64 *ctx)
{
	if (bpf_core_type_exists(struct proto_accept_arg))
		return on_accept((void *)ctx[2]);
	return on_accept((void *)ctx[4]);
}

SEC("kretprobe/inet_csk_accept")
int BPF_KRETPROBE(kprobe_inet_csk_accept, struct sock *sk)
{
	return on_accept(sk);
}

/* Once for each socket of TCP over IPv4 and IPv6 that had been made, in
 * whatever state it was. */
static __always_inline int on_close(struct sock *sk, enum pointer how)
{
	struct tcp_sock *tcp = (void *)sk;
	struct recorder_head *opened;
	__u64 key = (__u64)sk, now;
	struct recorder_net *n;

	if (!LOAD(how, sk, __sk_common.skc_dport))
		return 0;
	n = recorder_begin(RECORDER_TCP_CLOSE, sizeof(*n));
	opened = bpf_map_lookup_elem(&recorder_sockets, &key);
	if (n) {
		now = bpf_ktime_get_boot_ns();
		put_socket(n, sk, TCP_, how);
		if (opened) {
			n->head = *opened;
			n->open_ns = now - opened->boot_ns;
		} else {
			__builtin_memset(&n->head, 0, sizeof(n->head));
		}
		n->head.boot_ns = now;
		n->head.kind = RECORDER_TCP_CLOSE;
		n->head.bytes = sizeof(*n);
		n->sent_bytes = BPF_CORE_READ(tcp, bytes_sent) -
				BPF_CORE_READ(tcp, bytes_retrans);
		n->received_bytes = BPF_CORE_READ(tcp, bytes_received);
		recorder_end(n);
	}
	if (opened)
		(void)bpf_map_delete_elem(&recorder_sockets, &key);
	return 0;
}

RECORDER_ENTRY(tcp_v4_destroy_sock, struct sock *sk)
{
	struct sock *s = sk;

	return on_close(s, TYPED);
}

RECORDER_KPROBE(tcp_v4_destroy_sock, struct sock *sk)
{
	return on_close(sk, UNTYPED);
}

/* Where no function can be watched: of an accepted socket nobody knows whose
 * it is, and of one that connects not yet its port. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(recorder_on_tcp_state, const struct sock *socket, int old, int new)
{
	struct sock *sk = (void *)socket;
	struct recorder_net *n;

	/* Most changes of state are of no interest. */
	if (new == TCP_CLOSE_ ? old == TCP_LISTEN_
			      : new != TCP_SYN_SENT_ && old != TCP_SYN_RECV_)
		return 0;
	if (BPF_CORE_READ(sk, sk_protocol) != TCP_)
		return 0;
	if (new == TCP_SYN_SENT_)
		put_open(RECORDER_TCP_CONNECT, sk, TYPED);
	if (new == TCP_CLOSE_)
		return on_close(sk, TYPED);
	if (new != TCP_ESTABLISHED_ || old != TCP_SYN_RECV_)
		return 0;
	n = recorder_begin(RECORDER_TCP_ACCEPT, sizeof(*n));
	if (!n)
		return 0;
	__builtin_memset(&n->head, 0, sizeof(n->head));
	n->head.boot_ns = bpf_ktime_get_boot_ns();
	n->head.kind = RECORDER_TCP_ACCEPT;
	n->head.bytes = sizeof(*n);
	put_socket(n, sk, TCP_, TYPED);
	recorder_end(n);
	return 0;
}

/* The first bytes of a message, as far as they lie in one piece. */
static __always_inline void *message_at(struct msghdr *msg, __u64 *len)
{
	struct iov_iter *it =
		(void *)msg + bpf_core_field_offset(struct msghdr, msg_iter);
	struct iov_iter___6_4 *newer = (void *)it;
	__u8 type = BPF_CORE_READ(it, iter_type);
	const struct iovec *v;

	if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
		type == bpf_core_enum_value(enum iter_type, ITER_UBUF))
		return BPF_CORE_READ(it, ubuf);
	if (type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
		return NULL;
	if (bpf_core_field_exists(newer->__iov))
		v = BPF_CORE_READ(newer, __iov);
	else
		v = BPF_CORE_READ(it, iov);
	if (BPF_CORE_READ(v, iov_len) < *len)
		*len = BPF_CORE_READ(v, iov_len);
	return BPF_CORE_READ(v, iov_base);
}

struct address {
	__u16 family;
	__u16 port;
	__u8 rest[24]; /* IPv4 at 0, IPv6 at 4 */
};

/* Where a message goes: what it names, or what the socket is connected to. */
static __always_inline void put_remote(struct recorder_net *n, struct msghdr *msg)
{
	struct address *to = BPF_CORE_READ(msg, msg_name);
	struct address a = { 0 };

	if (!to || bpf_probe_read_kernel(&a, sizeof(a.family) + 2 + 4, to))
		return;
	if (a.family == AF_INET6_)
		(void)bpf_probe_read_kernel(&a, sizeof(a), to);
	n->remote_port = __builtin_bswap16(a.port);
	if (a.family == AF_INET6_) {
		__builtin_memcpy(n->remote, a.rest + 4, sizeof(n->remote));
		return;
	}
	n->family = AF_INET_;
	__builtin_memset(n->remote, 0, sizeof(n->remote));
	__builtin_memcpy(n->remote, a.rest, 4);
}

static __always_inline void put_question(
	struct recorder_net *from, struct msghdr *msg, __u64 len)
{
	void *at = message_at(msg, &len);
	struct recorder_dns *d;

	/* 6.1 forgets what it is over calls, if it is not looked at at once. */
	d = recorder_begin(RECORDER_DNS, sizeof(*d));
	if (!d)
		return;
	d->net = *from;
	d->net.head.kind = RECORDER_DNS;
	d->net.head.bytes = sizeof(*d);
	if (len > RECORDER_DNS_BYTES)
		len = RECORDER_DNS_BYTES;
	barrier_var(len);
	if (!at || len > RECORDER_DNS_BYTES ||
		bpf_probe_read_user(d->message, len, at))
		len = 0;
	d->net.message_bytes = len;
	recorder_end(d);
}

static __always_inline int on_udp(struct sock *sk, struct msghdr *msg, __u64 len)
{
	struct recorder_net n, *room;
	struct flow flow = { 0 };
	__u8 yes = 1;

	__builtin_memset(&n, 0, sizeof(n));
	put_socket(&n, sk, UDP_, UNTYPED);
	put_remote(&n, msg);
	flow.socket = (__u64)sk;
	flow.port = n.remote_port;
	__builtin_memcpy(flow.remote, n.remote, sizeof(flow.remote));
	if (n.remote_port != DNS_PORT &&
		bpf_map_lookup_elem(&recorder_flows, &flow))
		return 0;
	recorder_who(&n.head, RECORDER_UDP_FLOW, sizeof(n));
	n.sent_bytes = len;
	if (n.remote_port == DNS_PORT)
		put_question(&n, msg, len);
	if (bpf_map_update_elem(&recorder_flows, &flow, &yes, BPF_NOEXIST))
		return 0;
	room = recorder_begin(RECORDER_UDP_FLOW, sizeof(*room));
	if (!room)
		return 0;
	*room = n;
	recorder_end(room);
	return 0;
}

RECORDER_ENTRY(udp_sendmsg, struct sock *sk, struct msghdr *msg, unsigned long len)
{
	struct msghdr *m = msg;
	struct sock *s = sk;

	return on_udp(s, m, len);
}

RECORDER_KPROBE(
	udp_sendmsg, struct sock *sk, struct msghdr *msg, unsigned long len)
{
	return on_udp(sk, msg, len);
}

RECORDER_ENTRY(
	udpv6_sendmsg, struct sock *sk, struct msghdr *msg, unsigned long len)
{
	struct msghdr *m = msg;
	struct sock *s = sk;

	return on_udp(s, m, len);
}

RECORDER_KPROBE(
	udpv6_sendmsg, struct sock *sk, struct msghdr *msg, unsigned long len)
{
	return on_udp(sk, msg, len);
}
