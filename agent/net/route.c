// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "net/netlink.h"
#include "net/route.h"

enum { ALIGN = 4 };

static const struct {
	const char *name;
	uint16_t type;
	uint16_t bytes; /* of the request's own structure */
} kinds[ROUTE_KINDS] = {
	[ROUTE_LINKS] = { "links", RTM_GETLINK, sizeof(struct ifinfomsg) },
	[ROUTE_ADDRESSES] = { "addresses", RTM_GETADDR, sizeof(struct ifaddrmsg) },
	[ROUTE_ROUTES] = { "routes", RTM_GETROUTE, sizeof(struct rtmsg) },
	[ROUTE_POLICIES] = { "policies", RTM_GETRULE, sizeof(struct rtmsg) },
	[ROUTE_NEIGHBOURS] = { "neighbours", RTM_GETNEIGH, sizeof(struct ndmsg) },
	[ROUTE_QDISCS] = { "qdiscs", RTM_GETQDISC, sizeof(struct tcmsg) },
	[ROUTE_FILTERS] = { "filters", RTM_GETTFILTER, sizeof(struct tcmsg) },
};

const char *route_kind_name(enum route_kind kind)
{
	return kinds[kind].name;
}

void route_done(struct route_dump *d)
{
	for (int i = 0; i < ROUTE_KINDS; i++)
		buf_done(&d->messages[i]);
}

int route_keep(struct buf *ret, const struct netlink_message *m, struct err *e)
{
	struct nlmsghdr h = { .nlmsg_len = (uint32_t)(sizeof(h) + m->len),
		.nlmsg_type = m->type,
		.nlmsg_flags = m->flags };
	static const uint8_t zeros[ALIGN];
	int r = buf_append(ret, &h, sizeof(h), e);

	if (r == 0 && m->len)
		r = buf_append(ret, m->body, m->len, e);
	if (r == 0 && m->len % ALIGN)
		r = buf_append(ret, zeros, ALIGN - m->len % ALIGN, e);
	return r;
}

static int keep(void *arg, const struct netlink_message *m, struct err *e)
{
	return route_keep(arg, m, e);
}

static int dump(struct buf *ret, struct netlink *n, enum route_kind kind,
	const void *body, struct err *e)
{
	return netlink_dump(
		n, kinds[kind].type, body, kinds[kind].bytes, keep, ret, e);
}

/* Filters are asked for by interface and by where they hang. */
static int dump_filters(struct route_dump *d, struct netlink *n, struct err *e)
{
	static const uint32_t parents[] = { TC_H_ROOT,
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS) };
	const uint8_t *at = d->messages[ROUTE_LINKS].data;
	size_t len = d->messages[ROUTE_LINKS].len;
	struct netlink_message m;

	while (netlink_next(&m, &at, &len) > 0) {
		struct ifinfomsg link;

		if (m.len < sizeof(link))
			continue;
		memcpy(&link, m.body, sizeof(link));
		for (size_t i = 0; i < ARRAY_LEN(parents); i++) {
			struct tcmsg t = { .tcm_ifindex = link.ifi_index,
				.tcm_parent = parents[i] };
			struct err why = { 0 };
			int r = dump(&d->messages[ROUTE_FILTERS], n,
				ROUTE_FILTERS, &t, &why);

			/* Most have nothing there, and say that it is not. */
			if (r == -ENOMEM || r == -EFBIG)
				return err_set(e, r, "%s", why.msg);
		}
	}
	return 0;
}

int route_look(struct route_dump *ret, struct err *e)
{
	AUTO_NETLINK struct netlink n = { 0 };
	struct err why = { 0 };
	int opened = netlink_open(&n, NETLINK_ROUTE, &why);

	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < ROUTE_KINDS; i++) {
		static const uint8_t
			nothing[sizeof(struct ifinfomsg) + sizeof(struct tcmsg)];
		int r = opened;

		buf_init(&ret->messages[i], ROUTE_BYTES);
		if (opened < 0)
			ret->whys[i] = why;
		else if (i == ROUTE_FILTERS)
			r = dump_filters(ret, &n, &ret->whys[i]);
		else
			r = dump(&ret->messages[i], &n, (enum route_kind)i,
				nothing, &ret->whys[i]);
		ret->results[i] = r;
		if (r == -ENOMEM)
			return err_set(e, r, "%s", ret->whys[i].msg);
	}
	return 0;
}
