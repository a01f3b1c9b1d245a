// SPDX-License-Identifier: Apache-2.0
/* From answers of sock_diag to sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "net/diag.h"
#include "net/netlink.h"

enum {
	INSN_BYTES = 8,
	STATE_LISTEN = 10,
	STATE_CLOSE = 7,
	UNIX_DIAG_UID_ = 7, /* since 5.3 */
	ATTRIBUTES = 32,
};

/* The end of a kind's own structure, where attributes begin. */
struct decode {
	struct net_sock *s;
	const uint8_t **filter;
	struct netlink_attribute at[ATTRIBUTES];
};

static uint64_t cookie_of(const uint32_t cookie[2])
{
	return cookie[0] | (uint64_t)cookie[1] << 32;
}

static void put_tcp_info(struct net_sock *s, const struct netlink_attribute *a)
{
	struct tcp_info i = { 0 };

	if (!a->data || s->family == 0)
		return;
	memcpy(&i, a->data, a->len < sizeof(i) ? a->len : sizeof(i));
	s->bytes_sent = i.tcpi_bytes_sent;
	s->bytes_acked = i.tcpi_bytes_acked;
	s->bytes_received = i.tcpi_bytes_received;
	s->bytes_retrans = i.tcpi_bytes_retrans;
	s->segs_out = i.tcpi_segs_out;
	s->segs_in = i.tcpi_segs_in;
	s->retransmits = i.tcpi_total_retrans;
	s->rtt_us = i.tcpi_rtt;
	s->last_sent_ms = i.tcpi_last_data_sent;
	s->last_received_ms = i.tcpi_last_data_recv;
	s->present |= NET_HAS_BYTES | NET_HAS_LAST;
}

static void put_inet(struct decode *d, const void *body)
{
	struct inet_diag_msg m;
	struct net_sock *s = d->s;

	memcpy(&m, body, sizeof(m));
	s->family = m.idiag_family;
	s->state = m.idiag_state;
	s->timer = m.idiag_timer;
	s->timer_ms = m.idiag_expires;
	s->inode = m.idiag_inode;
	s->uid = m.idiag_uid;
	s->rx_queue = m.idiag_rqueue;
	s->tx_queue = m.idiag_wqueue;
	s->local_port = ntohs(m.id.idiag_sport);
	s->remote_port = ntohs(m.id.idiag_dport);
	s->ifindex = m.id.idiag_if;
	s->cookie = cookie_of(m.id.idiag_cookie);
	memcpy(s->local, m.id.idiag_src, sizeof(s->local));
	memcpy(s->remote, m.id.idiag_dst, sizeof(s->remote));
	s->mark = (uint32_t)netlink_number(&d->at[INET_DIAG_MARK]);
	s->present |= NET_HAS_UID | NET_HAS_TIMER;
	if (s->state != STATE_LISTEN)
		s->present |= NET_HAS_QUEUES;
	if (d->at[INET_DIAG_MARK].data)
		s->present |= NET_HAS_MARK;
	if (s->protocol == IPPROTO_TCP)
		put_tcp_info(s, &d->at[INET_DIAG_INFO]);
}

static void put_raw(struct decode *d, const void *body)
{
	put_inet(d, body);
	d->s->protocol = (uint16_t)d->s->local_port;
}

static void put_unix(struct decode *d, const void *body)
{
	const struct netlink_attribute *name = &d->at[UNIX_DIAG_NAME];
	const struct netlink_attribute *queue = &d->at[UNIX_DIAG_RQLEN];
	struct unix_diag_rqlen q;
	struct unix_diag_msg m;
	struct net_sock *s = d->s;

	memcpy(&m, body, sizeof(m));
	s->family = m.udiag_family;
	s->type = m.udiag_type;
	s->state = m.udiag_state;
	s->inode = m.udiag_ino;
	s->cookie = cookie_of(m.udiag_cookie);
	s->peer_inode = netlink_number(&d->at[UNIX_DIAG_PEER]);
	s->uid = (uint32_t)netlink_number(&d->at[UNIX_DIAG_UID_]);
	s->present |= NET_HAS_PEER | NET_HAS_NAME;
	if (d->at[UNIX_DIAG_UID_].data)
		s->present |= NET_HAS_UID;
	if (name->data && name->len <= SOCK_PATH_BYTES) {
		memcpy(s->name, name->data, name->len);
		s->name_len = (uint16_t)name->len;
	}
	if (queue->data && queue->len >= sizeof(q) && s->state != STATE_LISTEN) {
		memcpy(&q, queue->data, sizeof(q));
		s->rx_queue = q.udiag_rqueue;
		s->tx_queue = q.udiag_wqueue;
		s->present |= NET_HAS_QUEUES;
	}
}

static void put_netlink(struct decode *d, const void *body)
{
	const struct netlink_attribute *groups = &d->at[NETLINK_DIAG_GROUPS];
	struct netlink_diag_msg m;
	struct net_sock *s = d->s;

	memcpy(&m, body, sizeof(m));
	s->family = m.ndiag_family;
	s->type = m.ndiag_type;
	s->protocol = m.ndiag_protocol;
	s->state = STATE_CLOSE;
	s->local_id = m.ndiag_portid;
	s->remote_id = m.ndiag_dst_portid;
	s->inode = m.ndiag_ino;
	s->cookie = cookie_of(m.ndiag_cookie);
	s->present |= NET_HAS_IDS | NET_HAS_GROUPS;
	if (groups->data && groups->len >= sizeof(s->groups))
		memcpy(&s->groups, groups->data, sizeof(s->groups));
}

static void put_packet(struct decode *d, const void *body)
{
	const struct netlink_attribute *filter = &d->at[PACKET_DIAG_FILTER];
	const struct netlink_attribute *info = &d->at[PACKET_DIAG_INFO];
	struct packet_diag_info i;
	struct packet_diag_msg m;
	struct net_sock *s = d->s;

	memcpy(&m, body, sizeof(m));
	s->family = m.pdiag_family;
	s->type = m.pdiag_type;
	s->protocol = m.pdiag_num;
	s->state = STATE_CLOSE;
	s->inode = m.pdiag_ino;
	s->cookie = cookie_of(m.pdiag_cookie);
	if (d->at[PACKET_DIAG_UID].data) {
		s->uid = (uint32_t)netlink_number(&d->at[PACKET_DIAG_UID]);
		s->present |= NET_HAS_UID;
	}
	if (info->data && info->len >= sizeof(i)) {
		memcpy(&i, info->data, sizeof(i));
		s->ifindex = i.pdi_index;
	}
	if (filter->data && filter->len >= INSN_BYTES) {
		s->filter_n = (uint32_t)(filter->len / INSN_BYTES);
		s->present |= NET_HAS_FILTER;
		*d->filter = filter->data;
	}
}

static void put_vsock(struct decode *d, const void *body)
{
	struct vsock_diag_msg m;
	struct net_sock *s = d->s;

	memcpy(&m, body, sizeof(m));
	s->family = m.vdiag_family;
	s->type = m.vdiag_type;
	s->state = m.vdiag_state;
	s->inode = m.vdiag_ino;
	s->cookie = cookie_of(m.vdiag_cookie);
	s->local_id = m.vdiag_src_cid;
	s->local_port = m.vdiag_src_port;
	s->remote_id = m.vdiag_dst_cid;
	s->remote_port = m.vdiag_dst_port;
	s->present |= NET_HAS_IDS;
}

static const struct {
	size_t bytes;
	uint8_t families[2];
	uint16_t type;
	uint16_t protocol;
	void (*put)(struct decode *d, const void *body);
} kinds[NET_KINDS] = {
	[NET_TCP] = { sizeof(struct inet_diag_msg), { AF_INET, AF_INET6 },
		SOCK_STREAM, IPPROTO_TCP, put_inet },
	[NET_UDP] = { sizeof(struct inet_diag_msg), { AF_INET, AF_INET6 },
		SOCK_DGRAM, IPPROTO_UDP, put_inet },
	[NET_RAW] = { sizeof(struct inet_diag_msg), { AF_INET, AF_INET6 },
		SOCK_RAW, IPPROTO_RAW, put_raw },
	[NET_SCTP] = { sizeof(struct inet_diag_msg), { AF_INET, AF_INET6 },
		SOCK_STREAM, IPPROTO_SCTP, put_inet },
	[NET_UNIX] = { sizeof(struct unix_diag_msg), { AF_UNIX }, 0, 0, put_unix },
	[NET_NETLINK] = { sizeof(struct netlink_diag_msg), { AF_NETLINK }, 0, 0,
		put_netlink },
	[NET_PACKET] = { sizeof(struct packet_diag_msg), { AF_PACKET }, 0, 0,
		put_packet },
	[NET_VSOCK] = { sizeof(struct vsock_diag_msg), { AF_VSOCK }, 0, 0,
		put_vsock },
};

/* The name of a unix socket, what a packet socket is; and not a message. */
static bool is_own_zero(const struct netlink_attribute *a, enum net_kind kind)
{
	if (kind == NET_PACKET)
		return a->len == sizeof(struct packet_diag_info);
	if (kind != NET_UNIX || a->len > SOCK_PATH_BYTES + 1 || !a->len)
		return false;
	/* A path has its NUL at the end, an abstract name at the beginning. */
	return !a->data[0] || !memchr(a->data, 0, a->len - 1);
}

int diag_decode(struct net_sock *ret, const uint8_t **filter,
	enum net_kind kind, const struct netlink_message *m)
{
	struct decode d = { .s = ret, .filter = filter };
	size_t bytes = kinds[kind].bytes;
	bool good;

	if (!bytes || m->len < bytes ||
		(m->body[0] != kinds[kind].families[0] &&
			m->body[0] != kinds[kind].families[1]))
		return -EBADMSG;
	*ret = (struct net_sock){ .seen_by = NET_BY_DIAG,
		.type = kinds[kind].type,
		.protocol = kinds[kind].protocol };
	*filter = NULL;
	/* What follows a structure is aligned. */
	bytes = (bytes + 3) & ~(size_t)3;
	if (bytes > m->len)
		bytes = m->len;
	good = netlink_table(d.at, ATTRIBUTES, m->body + bytes, m->len - bytes);
	kinds[kind].put(&d, m->body);
	if (d.at[0].data && !is_own_zero(&d.at[0], kind))
		good = false;
	return good ? 0 : 1;
}
