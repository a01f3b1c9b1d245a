// SPDX-License-Identifier: Apache-2.0
/* What sock_diag is asked, and whether it may be. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "net/diag.h"
#include "net/loaded.h"
#include "net/netlink.h"

enum {
	MODULES_MAX = 2, /* of one kind */
	UDIAG_SHOW_UID_ = 1 << 6, /* since 5.3 */
};

static const char *const modules[NET_KINDS][MODULES_MAX] = {
	[NET_TCP] = { "tcp_diag", "inet_diag" },
	[NET_UDP] = { "udp_diag", "inet_diag" },
	[NET_RAW] = { "raw_diag", "inet_diag" },
	[NET_SCTP] = { "sctp_diag", "inet_diag" },
	[NET_UNIX] = { "unix_diag" },
	[NET_NETLINK] = { "netlink_diag" },
	[NET_PACKET] = { "af_packet_diag" },
	[NET_VSOCK] = { "vsock_diag" },
};

int diag_allowed(enum net_kind kind, struct err *e)
{
	if (!modules[kind][0])
		return err_set(e, -EOPNOTSUPP, "sock_diag has none of these");
	for (size_t i = 0; i < MODULES_MAX && modules[kind][i]; i++)
		if (!loaded_is(modules[kind][i]))
			return err_set(e, -EOPNOTSUPP,
				"not asked: that would load the module %s",
				modules[kind][i]);
	return 0;
}

/* Every kind's request. */
union request {
	struct sock_diag_req any;
	struct inet_diag_req_v2 inet;
	struct unix_diag_req un;
	struct netlink_diag_req netlink;
	struct packet_diag_req packet;
	struct vsock_diag_req vsock;
};

static size_t make_inet(union request *q, uint8_t family, uint8_t protocol)
{
	q->inet.sdiag_family = family;
	q->inet.sdiag_protocol = protocol;
	q->inet.idiag_states = UINT32_MAX;
	if (protocol == IPPROTO_TCP)
		q->inet.idiag_ext = 1 << (INET_DIAG_INFO - 1);
	return sizeof(q->inet);
}

static size_t make(union request *q, enum net_kind kind, uint8_t family)
{
	memset(q, 0, sizeof(*q));
	q->any.sdiag_family = family;
	switch (kind) {
	case NET_TCP:
		return make_inet(q, family, IPPROTO_TCP);
	case NET_UDP:
		return make_inet(q, family, IPPROTO_UDP);
	case NET_RAW:
		return make_inet(q, family, IPPROTO_RAW);
	case NET_SCTP:
		return make_inet(q, family, IPPROTO_SCTP);
	case NET_UNIX:
		q->un.udiag_states = UINT32_MAX;
		q->un.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER |
				   UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID_;
		return sizeof(q->un);
	case NET_NETLINK:
		q->netlink.sdiag_protocol = NDIAG_PROTO_ALL;
		q->netlink.ndiag_show = NDIAG_SHOW_GROUPS;
		return sizeof(q->netlink);
	case NET_PACKET:
		q->packet.pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_FILTER;
		return sizeof(q->packet);
	default:
		q->vsock.vdiag_states = UINT32_MAX;
		return sizeof(q->vsock);
	}
}

struct dump {
	struct net_socks *ss;
	struct netlink *n;
	enum net_kind kind;
};

static int see(void *arg, const struct netlink_message *m, struct err *e)
{
	struct dump *d = arg;
	const uint8_t *filter;
	struct net_sock s;
	int r = diag_decode(&s, &filter, d->kind, m);

	if (r < 0) {
		netlink_odd(d->n, "an answer that is no socket");
		return 0;
	}
	if (r > 0)
		netlink_odd(d->n, "a message in another's attributes");
	return net_socks_see(d->ss, &s, filter, e);
}

int diag_see(struct net_socks *ss, struct netlink *n, enum net_kind kind,
	struct err *e)
{
	static const uint8_t families[NET_KINDS][2] = {
		[NET_TCP] = { AF_INET, AF_INET6 },
		[NET_UDP] = { AF_INET, AF_INET6 },
		[NET_RAW] = { AF_INET, AF_INET6 },
		[NET_SCTP] = { AF_INET, AF_INET6 },
		[NET_UNIX] = { AF_UNIX },
		[NET_NETLINK] = { AF_NETLINK },
		[NET_PACKET] = { AF_PACKET },
		[NET_VSOCK] = { AF_VSOCK },
	};
	struct dump d = { .ss = ss, .n = n, .kind = kind };
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++) {
		union request q;
		size_t len;

		if (!families[kind][i])
			continue;
		len = make(&q, kind, families[kind][i]);
		r = netlink_dump(n, SOCK_DIAG_BY_FAMILY, &q, len, see, &d, e);
		/* Without IPv6 there are no sockets of it. */
		if (i == 1 && r == -ENOENT)
			r = 0;
	}
	return r;
}
