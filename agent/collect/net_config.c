// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/err.h"
#include "collect/net_config.h"
#include "collect/set.h"
#include "net/netlink.h"

enum { TEXTS = 3, ATTRIBUTES = 80, HARDWARE_BYTES = 20 };

struct slot {
	union {
		ProtobufCMessage base;
		Icecore__V1__NetLink link;
		Icecore__V1__NetAddress address;
		Icecore__V1__NetRoute route;
		Icecore__V1__NetPolicy policy;
		Icecore__V1__NetNeighbour neighbour;
		Icecore__V1__NetQdisc qdisc;
	};
	char text[TEXTS][3 * HARDWARE_BYTES + 1];
	size_t texts;
};

struct net_config {
	Icecore__V1__NetConfig message;
	struct slot slots[NET_CONFIG_MAX];
	void *list[NET_CONFIG_MAX];
};

enum how {
	NUMBER, /* uint32 */
	NAME, /* bytes, without a NUL */
	ADDRESS, /* string, by the family of the message */
	HARDWARE, /* bytes: "02:00:00:00:00:01" */
};

struct field {
	uint16_t attribute;
	enum how how;
	size_t has; /* of a string: where it is */
	size_t value;
};

#define N(type, member, attribute)                                              \
	{                                                                       \
		attribute, NUMBER, offsetof(Icecore__V1__##type, has_##member), \
			offsetof(Icecore__V1__##type, member)                   \
	}
#define B(type, member, attribute)                                             \
	{                                                                      \
		attribute, NAME, offsetof(Icecore__V1__##type, has_##member),  \
			offsetof(Icecore__V1__##type, member)                  \
	}
#define H(type, member, attribute)                                             \
	{                                                                      \
		attribute, HARDWARE,                                           \
			offsetof(Icecore__V1__##type, has_##member),           \
			offsetof(Icecore__V1__##type, member)                  \
	}
#define A(type, member, attribute)                                             \
	{                                                                      \
		attribute, ADDRESS, 0, offsetof(Icecore__V1__##type, member)   \
	}

static const struct field link_fields[] = { B(NetLink, name, IFLA_IFNAME),
	N(NetLink, promiscuity, IFLA_PROMISCUITY), N(NetLink, mtu, IFLA_MTU),
	H(NetLink, address, IFLA_ADDRESS), N(NetLink, master, IFLA_MASTER),
	N(NetLink, peer, IFLA_LINK), N(NetLink, operstate, IFLA_OPERSTATE),
	B(NetLink, alias, IFLA_IFALIAS), { 0 } };
static const struct field address_fields[] = { A(NetAddress, peer, IFA_ADDRESS),
	A(NetAddress, address, IFA_LOCAL), B(NetAddress, label, IFA_LABEL),
	{ 0 } };
static const struct field route_fields[] = { N(NetRoute, table, RTA_TABLE),
	A(NetRoute, destination, RTA_DST), A(NetRoute, gateway, RTA_GATEWAY),
	A(NetRoute, source, RTA_PREFSRC), N(NetRoute, interface, RTA_OIF),
	N(NetRoute, metric, RTA_PRIORITY), { 0 } };
static const struct field policy_fields[] = {
	N(NetPolicy, priority, FRA_PRIORITY), N(NetPolicy, table, FRA_TABLE),
	A(NetPolicy, source, FRA_SRC), A(NetPolicy, destination, FRA_DST),
	B(NetPolicy, input_interface, FRA_IIFNAME),
	B(NetPolicy, output_interface, FRA_OIFNAME),
	N(NetPolicy, mark, FRA_FWMARK), N(NetPolicy, mark_mask, FRA_FWMASK), { 0 }
};
static const struct field neighbour_fields[] = { A(NetNeighbour, address, NDA_DST),
	H(NetNeighbour, link_address, NDA_LLADDR), { 0 } };
static const struct field qdisc_fields[] = { B(NetQdisc, kind, TCA_KIND), { 0 } };

static const char *text_address(
	struct slot *s, int family, const struct netlink_attribute *a)
{
	size_t bytes = family == AF_INET6 ? 16 : 4;

	if ((family != AF_INET && family != AF_INET6) || a->len < bytes ||
		s->texts == TEXTS)
		return NULL;
	return inet_ntop(
		family, a->data, s->text[s->texts++], sizeof(s->text[0]));
}

static const char *text_hardware(
	struct slot *s, const struct netlink_attribute *a)
{
	char *to;

	if (!a->len || a->len > HARDWARE_BYTES || s->texts == TEXTS)
		return NULL;
	to = s->text[s->texts++];
	for (size_t i = 0; i < a->len; i++)
		(void)snprintf(to + 3 * i, 4, "%02x:", a->data[i]);
	to[3 * a->len - 1] = 0;
	return to;
}

static void put_field(struct slot *s, const struct field *f, int family,
	const struct netlink_attribute *a)
{
	char *m = (char *)&s->base;
	const char *text;

	switch (f->how) {
	case NUMBER:
		if (a->len != sizeof(uint32_t) && a->len != 1)
			return;
		*(uint32_t *)(void *)(m + f->value) = (uint32_t)netlink_number(a);
		break;
	case NAME:
		*(ProtobufCBinaryData *)(void *)(m + f->value) = set_bytes(
			a->data, strnlen((const char *)a->data, a->len));
		break;
	case HARDWARE:
		text = text_hardware(s, a);
		if (!text)
			return;
		*(ProtobufCBinaryData *)(void *)(m + f->value) =
			set_bytes(text, strlen(text));
		break;
	case ADDRESS:
		*(const char **)(void *)(m + f->value) =
			text_address(s, family, a);
		return;
	}
	*(protobuf_c_boolean *)(void *)(m + f->has) = 1;
}

static void link_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	struct netlink_attribute in[ATTRIBUTES];
	struct rtnl_link_stats64 stats;
	struct ifinfomsg h;
	Icecore__V1__NetLink *out = &s->link;

	memcpy(&h, body, sizeof(h));
	SET(out, index, (uint32_t)h.ifi_index);
	SET(out, flags, h.ifi_flags);
	if (at[IFLA_LINK_NETNSID].len == sizeof(int32_t))
		SET(out, peer_netnsid,
			(int32_t)netlink_number(&at[IFLA_LINK_NETNSID]));
	if (at[IFLA_LINKINFO].data) {
		(void)!netlink_table(in, ATTRIBUTES, at[IFLA_LINKINFO].data,
			at[IFLA_LINKINFO].len);
		if (in[IFLA_INFO_KIND].data)
			SET(out, kind,
				set_bytes(in[IFLA_INFO_KIND].data,
					strnlen((const char *)in[IFLA_INFO_KIND].data,
						in[IFLA_INFO_KIND].len)));
	}
	if (at[IFLA_XDP].data) {
		(void)!netlink_table(
			in, ATTRIBUTES, at[IFLA_XDP].data, at[IFLA_XDP].len);
		if (in[IFLA_XDP_PROG_ID].data)
			SET(out, xdp_prog_id,
				(uint32_t)netlink_number(&in[IFLA_XDP_PROG_ID]));
	}
	if (at[IFLA_STATS64].len < sizeof(uint64_t) * 4)
		return;
	memset(&stats, 0, sizeof(stats));
	memcpy(&stats, at[IFLA_STATS64].data,
		at[IFLA_STATS64].len < sizeof(stats) ? at[IFLA_STATS64].len
						     : sizeof(stats));
	SET(out, rx_bytes, stats.rx_bytes);
	SET(out, tx_bytes, stats.tx_bytes);
	SET(out, rx_packets, stats.rx_packets);
	SET(out, tx_packets, stats.tx_packets);
}

static void address_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	Icecore__V1__NetAddress *out = &s->address;
	struct ifaddrmsg h;

	(void)at;
	memcpy(&h, body, sizeof(h));
	SET(out, interface, h.ifa_index);
	SET(out, family, h.ifa_family);
	SET(out, prefix, h.ifa_prefixlen);
	SET(out, scope, h.ifa_scope);
	/* IPv6 has no IFA_LOCAL but for a peer. */
	if (!out->address) {
		out->address = out->peer;
		out->peer = NULL;
	}
	if (out->peer && strcmp(out->peer, out->address) == 0)
		out->peer = NULL;
}

static void route_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	Icecore__V1__NetRoute *out = &s->route;
	struct rtmsg h;

	(void)at;
	memcpy(&h, body, sizeof(h));
	SET(out, family, h.rtm_family);
	SET(out, type, h.rtm_type);
	SET(out, protocol, h.rtm_protocol);
	SET(out, scope, h.rtm_scope);
	SET(out, prefix, h.rtm_dst_len);
	if (!out->has_table)
		SET(out, table, h.rtm_table);
}

static void policy_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	Icecore__V1__NetPolicy *out = &s->policy;
	struct fib_rule_hdr h;

	(void)at;
	memcpy(&h, body, sizeof(h));
	SET(out, family, h.family);
	SET(out, action, h.action);
	if (out->source)
		SET(out, source_prefix, h.src_len);
	if (out->destination)
		SET(out, destination_prefix, h.dst_len);
	if (!out->has_priority)
		SET(out, priority, 0);
	if (!out->has_table)
		SET(out, table, h.table);
}

static void neighbour_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	Icecore__V1__NetNeighbour *out = &s->neighbour;
	struct ndmsg h;

	(void)at;
	memcpy(&h, body, sizeof(h));
	SET(out, interface, (uint32_t)h.ndm_ifindex);
	SET(out, family, h.ndm_family);
	SET(out, state, h.ndm_state);
}

static void qdisc_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	struct netlink_attribute in[ATTRIBUTES];
	Icecore__V1__NetQdisc *out = &s->qdisc;
	struct tcmsg h;

	memcpy(&h, body, sizeof(h));
	SET(out, interface, (uint32_t)h.tcm_ifindex);
	SET(out, handle, h.tcm_handle);
	SET(out, parent, h.tcm_parent);
	if (!out->has_kind || out->kind.len != 3 ||
		memcmp(out->kind.data, "bpf", 3) != 0 || !at[TCA_OPTIONS].data)
		return;
	(void)!netlink_table(
		in, ATTRIBUTES, at[TCA_OPTIONS].data, at[TCA_OPTIONS].len);
	if (in[TCA_BPF_ID].data)
		SET(out, bpf_prog_id, (uint32_t)netlink_number(&in[TCA_BPF_ID]));
	if (in[TCA_BPF_NAME].data)
		SET(out, bpf_name,
			set_bytes(in[TCA_BPF_NAME].data,
				strnlen((const char *)in[TCA_BPF_NAME].data,
					in[TCA_BPF_NAME].len)));
}

static void filter_fixed(
	struct slot *s, const uint8_t *body, const struct netlink_attribute *at)
{
	qdisc_fixed(s, body, at);
	SET(&s->qdisc, filter, 1);
}

static const struct {
	size_t bytes; /* before the attributes */
	const ProtobufCMessageDescriptor *message;
	const struct field *fields;
	void (*fixed)(struct slot *s, const uint8_t *body,
		const struct netlink_attribute *at);
} kinds[ROUTE_KINDS] = {
#define KIND(header, name, member, how)                                        \
	{                                                                      \
		sizeof(struct header), &icecore__v1__##name##__descriptor,     \
			member##_fields, how##_fixed                           \
	}
	[ROUTE_LINKS] = KIND(ifinfomsg, net_link, link, link),
	[ROUTE_ADDRESSES] = KIND(ifaddrmsg, net_address, address, address),
	[ROUTE_ROUTES] = KIND(rtmsg, net_route, route, route),
	[ROUTE_POLICIES] = KIND(fib_rule_hdr, net_policy, policy, policy),
	[ROUTE_NEIGHBOURS] = KIND(ndmsg, net_neighbour, neighbour, neighbour),
	[ROUTE_QDISCS] = KIND(tcmsg, net_qdisc, qdisc, qdisc),
	[ROUTE_FILTERS] = KIND(tcmsg, net_qdisc, qdisc, filter),
#undef KIND
};

int net_config_new(struct net_config **ret, struct err *e)
{
	struct net_config *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(e, -ENOMEM, "no memory for records");
	*ret = c;
	return 0;
}

void net_config_free(struct net_config *c)
{
	free(c);
}

static void decode(
	struct slot *s, enum route_kind kind, const struct netlink_message *m)
{
	struct netlink_attribute at[ATTRIBUTES];
	/* What follows a structure is aligned. */
	size_t bytes = (kinds[kind].bytes + 3) & ~(size_t)3;

	if (bytes > m->len)
		bytes = m->len;
	/* A filter of tc may have an attribute twice; the first counts. */
	(void)!netlink_table(at, ATTRIBUTES, m->body + bytes, m->len - bytes);
	s->texts = 0;
	protobuf_c_message_init(kinds[kind].message, &s->base);
	for (const struct field *f = kinds[kind].fields; f->attribute; f++)
		if (at[f->attribute].data)
			put_field(s, f, m->body[0], &at[f->attribute]);
	kinds[kind].fixed(s, m->body, at);
}

static void hang(struct net_config *c, enum route_kind kind, size_t n)
{
	Icecore__V1__NetConfig *out = &c->message;
	void *list = c->list;

	switch (kind) {
	case ROUTE_LINKS:
		out->links = list;
		out->n_links = n;
		break;
	case ROUTE_ADDRESSES:
		out->addresses = list;
		out->n_addresses = n;
		break;
	case ROUTE_ROUTES:
		out->routes = list;
		out->n_routes = n;
		break;
	case ROUTE_POLICIES:
		out->policies = list;
		out->n_policies = n;
		break;
	case ROUTE_NEIGHBOURS:
		out->neighbours = list;
		out->n_neighbours = n;
		break;
	default:
		out->qdiscs = list;
		out->n_qdiscs = n;
	}
}

Icecore__V1__NetConfig *net_config_make(struct net_config *c,
	enum route_kind kind, const uint8_t **at, size_t *len)
{
	struct netlink_message m;
	size_t n = 0;

	icecore__v1__net_config__init(&c->message);
	while (n < NET_CONFIG_MAX && netlink_next(&m, at, len) > 0) {
		if (m.len < kinds[kind].bytes)
			continue;
		decode(&c->slots[n], kind, &m);
		c->list[n] = &c->slots[n];
		n++;
	}
	hang(c, kind, n);
	return n ? &c->message : NULL;
}
