// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/err.h"
#include "net/sock.h"

enum {
	CAP_FIRST = 512,
	INSN_BYTES = 8,
	STATE_CLOSE = 7,
	STATE_LISTEN = 10,
	SCTP = 132,
};

void net_socks_init(struct net_socks *ss)
{
	*ss = (struct net_socks){ 0 };
	buf_init(&ss->filters, NET_FILTERS_BYTES);
}

void net_socks_done(struct net_socks *ss)
{
	free(ss->v);
	buf_done(&ss->filters);
	*ss = (struct net_socks){ 0 };
}

enum net_kind net_sock_kind(const struct net_sock *s)
{
	switch (s->family) {
	case AF_UNIX:
		return NET_UNIX;
	case AF_NETLINK:
		return NET_NETLINK;
	case AF_PACKET:
		return NET_PACKET;
	case AF_VSOCK:
		return NET_VSOCK;
	case AF_INET:
	case AF_INET6:
		if (s->type == SOCK_RAW)
			return NET_RAW;
		if (s->type == SOCK_STREAM && s->protocol == IPPROTO_TCP)
			return NET_TCP;
		if (s->type == SOCK_DGRAM && s->protocol == IPPROTO_UDP)
			return NET_UDP;
		return s->protocol == SCTP ? NET_SCTP : NET_OTHER;
	default:
		return NET_OTHER;
	}
}

const char *net_kind_name(enum net_kind kind)
{
	static const char *const names[NET_KINDS] = { "tcp", "udp", "raw",
		"unix", "netlink", "packet", "vsock", "sctp", "other" };

	return names[kind];
}

const char *net_sock_state(const struct net_sock *s)
{
	static const char *const names[] = { "-", "ESTABLISHED", "SYN_SENT",
		"SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
		"BOUND" };

	return s->state < ARRAY_LEN(names) ? names[s->state] : "-";
}

bool net_sock_listens(const struct net_sock *s)
{
	enum net_kind kind = net_sock_kind(s);

	if (kind == NET_TCP || kind == NET_UNIX || kind == NET_VSOCK ||
		kind == NET_SCTP)
		return s->state == STATE_LISTEN;
	return kind == NET_UDP && s->state == STATE_CLOSE && s->local_port;
}

#define ORDER(a, b)                                                            \
	do {                                                                   \
		if ((a) != (b))                                                \
			return (a) < (b) ? -1 : 1;                             \
	} while (0)

static int by_identity(const void *a, const void *b)
{
	const struct net_sock *x = a, *y = b;
	int r;

	ORDER(x->family, y->family);
	ORDER(x->inode, y->inode);
	if (x->inode)
		return 0;
	ORDER(x->protocol, y->protocol);
	if (x->family == AF_UNIX)
		ORDER(x->cookie, y->cookie);
	ORDER(x->local_port, y->local_port);
	ORDER(x->remote_port, y->remote_port);
	ORDER(x->local_id, y->local_id);
	r = memcmp(x->local, y->local, sizeof(x->local));
	return r ? r : memcmp(x->remote, y->remote, sizeof(x->remote));
}

struct net_sock *net_socks_find(
	const struct net_socks *ss, const struct net_sock *s)
{
	if (!ss->sorted)
		return NULL;
	return bsearch(s, ss->v, ss->sorted, sizeof(*s), by_identity);
}

/* Which members have no meaning without a bit of ${present}. */
#define TAKE(bit, member)                                                      \
	do {                                                                   \
		if ((s->present & (bit)) && !(to->present & (bit)))            \
			to->member = s->member;                                \
	} while (0)

static void merge(struct net_sock *to, const struct net_sock *s)
{
	TAKE(NET_HAS_UID, uid);
	TAKE(NET_HAS_QUEUES, rx_queue);
	TAKE(NET_HAS_QUEUES, tx_queue);
	TAKE(NET_HAS_BYTES, bytes_sent);
	TAKE(NET_HAS_BYTES, bytes_acked);
	TAKE(NET_HAS_BYTES, bytes_received);
	TAKE(NET_HAS_BYTES, bytes_retrans);
	TAKE(NET_HAS_BYTES, segs_out);
	TAKE(NET_HAS_BYTES, segs_in);
	TAKE(NET_HAS_BYTES, retransmits);
	TAKE(NET_HAS_TIMER, timer);
	TAKE(NET_HAS_TIMER, timer_ms);
	TAKE(NET_HAS_MARK, mark);
	TAKE(NET_HAS_KERNEL, is_kernel);
	TAKE(NET_HAS_IDS, local_id);
	TAKE(NET_HAS_IDS, remote_id);
	TAKE(NET_HAS_GROUPS, groups);
	TAKE(NET_HAS_LAST, rtt_us);
	TAKE(NET_HAS_LAST, last_sent_ms);
	TAKE(NET_HAS_LAST, last_received_ms);
	TAKE(NET_HAS_PEER, peer_inode);
	if (s->name_len && !to->name_len) {
		to->name_len = s->name_len;
		memcpy(to->name, s->name, sizeof(to->name));
	}
	if (!to->cookie)
		to->cookie = s->cookie;
	if (!to->ifindex)
		to->ifindex = s->ifindex;
	if (!to->type)
		to->type = s->type;
	to->seen_by |= s->seen_by;
	to->present |= s->present & ~(uint32_t)NET_HAS_FILTER;
}

/* Some witnesses tell a socket twice: netlink_diag does. */
void net_socks_sort(struct net_socks *ss)
{
	size_t n = 0;

	if (ss->n)
		qsort(ss->v, ss->n, sizeof(*ss->v), by_identity);
	for (size_t i = 0; i < ss->n; i++) {
		if (n && ss->v[i].inode && !ss->v[i].pid &&
			by_identity(&ss->v[n - 1], &ss->v[i]) == 0)
			merge(&ss->v[n - 1], &ss->v[i]);
		else
			ss->v[n++] = ss->v[i];
	}
	ss->n = ss->sorted = n;
}

static int keep_filter(struct net_socks *ss, struct net_sock *to,
	const struct net_sock *s, const void *filter, struct err *e)
{
	size_t len = (size_t)s->filter_n * INSN_BYTES;
	int r;

	if (!filter || !(s->present & NET_HAS_FILTER) ||
		to->present & NET_HAS_FILTER)
		return 0;
	r = buf_append(&ss->filters, filter, len, NULL);
	if (r == -EFBIG) {
		ss->filters_lost++;
		return 0;
	}
	if (r < 0)
		return err_set(e, r, "no memory for filters");
	to->filter_at = (uint32_t)(ss->filters.len - len);
	to->filter_n = s->filter_n;
	to->present |= NET_HAS_FILTER;
	return 0;
}

/* Some witnesses tell the NUL behind a path, which is none of a name. */
static void trim(struct net_sock *s)
{
	while (s->name_len && s->name[0] && !s->name[s->name_len - 1])
		s->name_len--;
}

int net_socks_see(struct net_socks *ss, const struct net_sock *s,
	const void *filter, struct err *e)
{
	struct net_sock *to = net_socks_find(ss, s);

	if (to) {
		merge(to, s);
		trim(to);
		return keep_filter(ss, to, s, filter, e);
	}
	if (ss->n == NET_SOCKS_MAX) {
		ss->lost++;
		return 0;
	}
	if (ss->n == ss->cap) {
		size_t cap = ss->cap ? 2 * ss->cap : CAP_FIRST;
		struct net_sock *v = reallocarray(ss->v, cap, sizeof(*v));

		if (!v)
			return err_set(
				e, -ENOMEM, "no memory for %zu sockets", cap);
		ss->v = v;
		ss->cap = cap;
	}
	to = &ss->v[ss->n++];
	*to = *s;
	trim(to);
	to->present &= ~(uint32_t)NET_HAS_FILTER;
	to->filter_at = to->filter_n = 0;
	return keep_filter(ss, to, s, filter, e);
}
