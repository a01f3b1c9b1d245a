// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "collect/set.h"
#include "collect/socket_record.h"
#include "net/cbpf.h"
#include "net/sock_bpf.h"

struct slot {
	Icecore__V1__Socket socket;
	Icecore__V1__TcpInfo tcp;
	Icecore__V1__SocketFilter filter;
	char local[INET6_ADDRSTRLEN];
	char remote[INET6_ADDRSTRLEN];
	size_t text_at;
	size_t text_len;
};

struct socket_record {
	Icecore__V1__Sockets message;
	struct slot slots[SOCKET_RECORD_MAX];
	Icecore__V1__Socket *list[SOCKET_RECORD_MAX];
	Icecore__V1__SocketOwner owners[SOCKET_RECORD_OWNERS];
	Icecore__V1__SocketOwner *owners_list[SOCKET_RECORD_OWNERS];
	size_t owners_n;
	struct buf text; /* of filters */
};

int socket_record_new(struct socket_record **ret, struct err *e)
{
	struct socket_record *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, -ENOMEM, "no memory for socket records");
	buf_init(&r->text, 2 * (size_t)SOCKET_RECORD_BYTES);
	*ret = r;
	return 0;
}

void socket_record_free(struct socket_record *r)
{
	if (r)
		buf_done(&r->text);
	free(r);
}

static void put_addresses(struct slot *to, const struct net_sock *s)
{
	Icecore__V1__Socket *out = &to->socket;
	enum net_kind kind = net_sock_kind(s);

	if (s->family == AF_INET || s->family == AF_INET6) {
		if (inet_ntop(s->family, s->local, to->local, sizeof(to->local)))
			out->local_address = to->local;
		if (inet_ntop(s->family, s->remote, to->remote,
			    sizeof(to->remote)))
			out->remote_address = to->remote;
	}
	if (kind == NET_TCP || kind == NET_UDP || kind == NET_SCTP ||
		kind == NET_VSOCK) {
		SET(out, local_port, s->local_port);
		SET(out, remote_port, s->remote_port);
	}
	if (s->family == AF_NETLINK || s->present & NET_HAS_IDS) {
		SET(out, local_id, s->local_id);
		if (s->present & NET_HAS_IDS)
			SET(out, remote_id, s->remote_id);
	}
	if (s->present & NET_HAS_GROUPS)
		SET(out, groups, s->groups);
	if (s->present & NET_HAS_PEER && s->peer_inode)
		SET(out, peer_inode, s->peer_inode);
	if (s->name_len)
		SET(out, name, set_bytes(s->name, s->name_len));
	if (s->ifindex)
		SET(out, interface, s->ifindex);
}

static void put_tcp(struct slot *to, const struct net_sock *s)
{
	Icecore__V1__TcpInfo *t = &to->tcp;

	if (net_sock_kind(s) != NET_TCP ||
		!(s->present & (NET_HAS_BYTES | NET_HAS_TIMER | NET_HAS_LAST)))
		return;
	icecore__v1__tcp_info__init(t);
	to->socket.tcp = t;
	if (s->present & NET_HAS_BYTES) {
		SET(t, bytes_sent, s->bytes_sent);
		SET(t, bytes_acked, s->bytes_acked);
		SET(t, bytes_received, s->bytes_received);
		SET(t, bytes_retransmitted, s->bytes_retrans);
		SET(t, segments_out, s->segs_out);
		SET(t, segments_in, s->segs_in);
		SET(t, retransmits, s->retransmits);
	}
	if (s->present & NET_HAS_TIMER) {
		SET(t, timer, s->timer);
		SET(t, timer_ms, s->timer_ms);
	}
	if (s->present & NET_HAS_LAST) {
		SET(t, rtt_us, s->rtt_us);
		SET(t, last_sent_ms, s->last_sent_ms);
		SET(t, last_received_ms, s->last_received_ms);
	}
}

static int put_filter(struct socket_record *r, struct slot *to,
	const struct net_socks *ss, const struct net_sock *s, struct err *e)
{
	const uint8_t *code = ss->filters.data + s->filter_at;
	size_t len = (size_t)s->filter_n * CBPF_INSN_BYTES;
	int rc;

	if (!(s->present & NET_HAS_FILTER) || !len)
		return 0;
	icecore__v1__socket_filter__init(&to->filter);
	to->socket.filter = &to->filter;
	SET(&to->filter, code, set_bytes(code, len));
	to->text_at = r->text.len;
	rc = cbpf_text(&r->text, code, len, e);
	to->text_len = r->text.len - to->text_at;
	return rc;
}

static void put_owners(struct socket_record *r, Icecore__V1__Socket *out,
	const struct net_sock *s, const struct net_owners *owners)
{
	const struct net_owner *o = NULL;
	uint32_t own = (uint32_t)getpid();
	size_t n = 0;

	if (owners && s->inode)
		o = net_owners_find(owners, s->inode, &n);
	if (n > SOCKET_OWNERS_MAX)
		n = SOCKET_OWNERS_MAX;
	if (n > SOCKET_RECORD_OWNERS - r->owners_n)
		n = SOCKET_RECORD_OWNERS - r->owners_n;
	out->owners = &r->owners_list[r->owners_n];
	out->n_owners = n;
	for (size_t i = 0; i < n; i++) {
		Icecore__V1__SocketOwner *to = &r->owners[r->owners_n];

		icecore__v1__socket_owner__init(to);
		SET(to, pid, o[i].pid);
		SET(to, fd, o[i].fd);
		if (o[i].pid == own)
			SET(out, own, 1);
		r->owners_list[r->owners_n++] = to;
	}
	if (n)
		SET(out, holder,
			ICECORE__V1__SOCKET_HOLDER__SOCKET_HOLDER_PROCESS);
	else if ((s->present & NET_HAS_KERNEL && s->is_kernel) ||
		 (s->family == AF_NETLINK && !s->local_id))
		SET(out, holder,
			ICECORE__V1__SOCKET_HOLDER__SOCKET_HOLDER_KERNEL);
	else if (!s->inode)
		SET(out, holder,
			ICECORE__V1__SOCKET_HOLDER__SOCKET_HOLDER_ORPHAN);
	else if (owners)
		SET(out, holder,
			ICECORE__V1__SOCKET_HOLDER__SOCKET_HOLDER_NOBODY);
}

static int fill(struct socket_record *r, struct slot *to,
	const struct net_socks *ss, const struct net_sock *s,
	const struct net_owners *owners, struct err *e)
{
	Icecore__V1__Socket *out = &to->socket;

	icecore__v1__socket__init(out);
	to->text_len = 0;
	SET(out, family, s->family);
	SET(out, type, s->type);
	SET(out, protocol, s->protocol);
	out->state = (char *)(uintptr_t)net_sock_state(s);
	SET(out, seen_by, s->seen_by);
	if (s->inode)
		SET(out, inode, s->inode);
	if (s->cookie)
		SET(out, cookie, s->cookie);
	put_addresses(to, s);
	if (s->present & NET_HAS_UID)
		SET(out, uid, s->uid);
	if (s->present & NET_HAS_MARK)
		SET(out, mark, s->mark);
	if (s->present & NET_HAS_QUEUES) {
		SET(out, receive_queue, s->rx_queue);
		SET(out, send_queue, s->tx_queue);
	}
	if (net_sock_listens(s))
		SET(out, listening, 1);
	put_tcp(to, s);
	put_owners(r, out, s, owners);
	return put_filter(r, to, ss, s, e);
}

int socket_record_make(Icecore__V1__Sockets **ret, struct socket_record *r,
	const struct net_socks *ss, const struct net_owners *owners, size_t at,
	struct err *e)
{
	Icecore__V1__Sockets *out = &r->message;
	int rc = 0;

	icecore__v1__sockets__init(out);
	out->sockets = r->list;
	r->owners_n = 0;
	r->text.len = 0;
	if (at)
		SET(out, continued, 1);
	for (; rc == 0 && at < ss->n && out->n_sockets < SOCKET_RECORD_MAX &&
		r->text.len < SOCKET_RECORD_BYTES &&
		r->owners_n + SOCKET_OWNERS_MAX <= SOCKET_RECORD_OWNERS;
		at++) {
		struct slot *to = &r->slots[out->n_sockets];

		rc = fill(r, to, ss, &ss->v[at], owners, e);
		r->list[out->n_sockets++] = &to->socket;
	}
	/* The text lies still now. */
	for (size_t i = 0; i < out->n_sockets; i++)
		if (r->slots[i].text_len)
			SET(&r->slots[i].filter, text,
				set_bytes(r->text.data + r->slots[i].text_at,
					r->slots[i].text_len));
	*ret = out;
	return rc;
}
