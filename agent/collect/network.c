// SPDX-License-Identifier: Apache-2.0
/*
 * The network: each namespace by itself, one after the other, so that memory
 * is bounded by the largest.
 */
#include <errno.h>
#include <linux/if.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "collect/collector_internal.h"
#include "collect/finding.h"
#include "collect/net_config.h"
#include "collect/network_look.h"
#include "collect/set.h"
#include "collect/socket_record.h"
#include "net/cbpf.h"
#include "stream/writer.h"

enum { WHAT_CHARS = 64, RAW_BYTES = 512 << 10 };

struct network {
	const struct collect_env *env;
	struct writer *w;
	struct network_host host;
	struct socket_record *sockets;
	struct net_config *config;
	uint32_t netns; /* that is being told; 0 = none yet */
};

static int put_gap(
	struct network *n, const char *what, const char *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	char text[WHAT_CHARS];

	if (n->netns)
		(void)snprintf(text, sizeof(text), "%s of network namespace %u",
			what, n->netns);
	else
		(void)snprintf(
			text, sizeof(text), "%s of network namespaces", what);
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = text;
	gap.reason = (char *)(uintptr_t)why;
	return writer_gap(n->w, &gap, e);
}

static int put_lost(
	struct network *n, const char *what, uint64_t lost, struct err *e)
{
	struct err why = { 0 };

	if (!lost)
		return 0;
	(void)err_set(&why, -EFBIG, "%llu past the maximum",
		(unsigned long long)lost);
	return put_gap(n, what, why.msg, e);
}

static int put_message(
	struct network *n, const Icecore__V1__Record *m, struct err *e)
{
	return writer_put(n->w, &(struct record){ .message = m }, e);
}

/* Witnesses in the order of their bits. */
static size_t set_tried(Icecore__V1__SocketWitnessTried *v,
	Icecore__V1__SocketWitnessTried **list, const struct sock_look *look)
{
	size_t n = 0;

	for (int kind = 0; kind < NET_OTHER; kind++)
		for (int w = 0; w < NET_WITNESSES; w++) {
			const struct sock_tried *from = &look->tried[kind][w];
			Icecore__V1__SocketWitnessTried *to = list[n] = &v[n];

			n++;
			icecore__v1__socket_witness_tried__init(to);
			to->what = (char *)(uintptr_t)net_kind_name(
				(enum net_kind)kind);
			SET(to, witness, (Icecore__V1__SocketWitness)(1 << w));
			SET(to, worked, from->result == 0);
			SET(to, sockets, from->sockets);
			if (from->result < 0)
				to->reason = (char *)(uintptr_t)from->why.msg;
		}
	return n;
}

static int put_namespace(struct network *n, struct netns *ns,
	const struct network_inside *in, struct err *e)
{
	Icecore__V1__SocketWitnessTried tried[NET_KINDS * NET_WITNESSES];
	Icecore__V1__SocketWitnessTried *list[NET_KINDS * NET_WITNESSES];
	Icecore__V1__NetNamespace out = ICECORE__V1__NET_NAMESPACE__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	SET(&out, netns, ns->inode);
	SET(&out, found_by, ns->found_by);
	SET(&out, entered, in != NULL);
	SET(&out, processes, ns->processes);
	SET(&out, own, ns->inode == n->host.own);
	out.pids = ns->pids;
	out.n_pids =
		ns->processes < NETNS_PIDS_MAX ? ns->processes : NETNS_PIDS_MAX;
	if (ns->path[0])
		SET(&out, path, set_bytes(ns->path, strlen(ns->path)));
	if (in) {
		out.n_witnesses = set_tried(tried, list, &in->look);
		out.witnesses = list;
	}
	m.body_case = ICECORE__V1__RECORD__BODY_NET_NAMESPACE;
	m.net_namespace = &out;
	return put_message(n, &m, e);
}

static int put_socket_findings(struct network *n, const struct net_socks *ss,
	const struct net_sock *s, struct err *e)
{
	static const enum rule_id hidden[NET_WITNESSES] = {
		RULE_SOCKET_HIDDEN_FROM_LISTS, RULE_SOCKET_HIDDEN_FROM_PROC,
		RULE_SOCKET_HIDDEN_FROM_DIAG
	};
	struct finding_ref ref = { .kind = ICECORE__V1__RECORD__BODY_SOCKETS,
		.netns = n->netns,
		.id = s->cookie ? s->cookie : s->inode };
	size_t len = (size_t)s->filter_n * CBPF_INSN_BYTES;
	struct err detail = { 0 };
	uint32_t magic;
	int r = 0;

	(void)err_set(&detail, 0, "%s, inode %llu, local port %u, remote port %u",
		net_kind_name(net_sock_kind(s)), (unsigned long long)s->inode,
		s->local_port, s->remote_port);
	for (int w = 0; r == 0 && w < NET_WITNESSES; w++)
		if (s->missing & 1 << w)
			r = finding_put(n->w, hidden[w], &ref, 1, detail.msg, e);
	if (r < 0 || !(s->present & NET_HAS_FILTER) ||
		!cbpf_magic(&magic, ss->filters.data + s->filter_at, len))
		return r;
	(void)err_set(&detail, 0, "%s, inode %llu, waits for %#x",
		net_kind_name(net_sock_kind(s)), (unsigned long long)s->inode,
		magic);
	return finding_put(
		n->w, RULE_PACKET_FILTER_MAGIC, &ref, 1, detail.msg, e);
}

static int put_sockets(
	struct network *n, const struct sock_look *look, struct err *e)
{
	const struct net_socks *ss = &look->socks;
	const struct net_owners *owners = &n->host.held.owners;
	size_t at = 0;
	int r = put_lost(n, "sockets", ss->lost, e);

	if (r == 0)
		r = put_lost(n, "filters of sockets", ss->filters_lost, e);
	while (r == 0 && at < ss->n) {
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

		r = socket_record_make(&m.sockets, n->sockets, ss, owners, at, e);
		if (r < 0)
			return r;
		m.body_case = ICECORE__V1__RECORD__BODY_SOCKETS;
		SET(m.sockets, netns, n->netns);
		at += m.sockets->n_sockets;
		r = put_message(n, &m, e);
	}
	for (size_t i = 0; r == 0 && i < ss->n; i++)
		r = put_socket_findings(n, ss, &ss->v[i], e);
	return r;
}

static int put_link_findings(
	struct network *n, const Icecore__V1__NetConfig *c, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_links; i++) {
		const Icecore__V1__NetLink *l = c->links[i];
		struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_NET_CONFIG,
			.netns = n->netns,
			.id = l->index,
		};

		/* What is part of a bridge or a bond always is. */
		if (l->has_master || !(l->promiscuity || l->flags & IFF_PROMISC))
			continue;
		r = finding_put(
			n->w, RULE_INTERFACE_PROMISCUOUS, &ref, 1, NULL, e);
	}
	return r;
}

static int put_config(
	struct network *n, const struct route_dump *d, struct err *e)
{
	int r = 0;

	for (int kind = 0; r == 0 && kind < ROUTE_KINDS; kind++) {
		const uint8_t *at = d->messages[kind].data;
		size_t len = d->messages[kind].len;
		Icecore__V1__NetConfig *c;

		if (d->results[kind] < 0)
			r = put_gap(n, route_kind_name((enum route_kind)kind),
				d->whys[kind].msg, e);
		while (r == 0 && (c = net_config_make(n->config,
					  (enum route_kind)kind, &at, &len))) {
			Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

			m.body_case = ICECORE__V1__RECORD__BODY_NET_CONFIG;
			m.net_config = c;
			SET(c, netns, n->netns);
			r = put_message(n, &m, e);
			if (r == 0)
				r = put_link_findings(n, c, e);
		}
	}
	return r;
}

static int put_rules(struct network *n, const struct rules_dump *d, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->n; i++) {
		const struct rules_set *s = &d->v[i];

		if (s->result < 0 && s->result != -EOPNOTSUPP)
			r = put_gap(n, s->name, s->why.msg, e);
		for (size_t at = 0; r == 0 && at < s->raw.len; at += RAW_BYTES) {
			Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
			Icecore__V1__NetRules out = ICECORE__V1__NET_RULES__INIT;
			size_t len = s->raw.len - at;

			if (len > RAW_BYTES)
				len = RAW_BYTES;
			SET(&out, netns, n->netns);
			SET(&out, kind, (Icecore__V1__NetRulesKind)s->kind);
			out.name = (char *)(uintptr_t)s->name;
			SET(&out, offset, at);
			SET(&out, raw, set_bytes(s->raw.data + at, len));
			m.body_case = ICECORE__V1__RECORD__BODY_NET_RULES;
			m.net_rules = &out;
			r = put_message(n, &m, e);
		}
	}
	return r;
}

static int put_odd(struct network *n, const struct sock_look *look, struct err *e)
{
	struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_NET_NAMESPACE,
		.netns = n->netns,
	};

	return look->odd ? finding_put(n->w, RULE_NETLINK_REWRITTEN, &ref, 1,
				   look->odd_what, e)
			 : 0;
}

/* A namespace that cannot be entered is a gap. */
static int tell(struct network *n, struct netns *ns, struct err *e)
{
	unsigned leave_out =
		n->env->leave_out & COLLECT_NO_DIAG ? NET_BY_DIAG : 0;
	struct network_inside *in = NULL;
	struct err why = { 0 };
	int r = 0, entered = -ENOENT;

	n->netns = ns->inode;
	if (ns->fd >= 0)
		entered = network_enter(&in, &n->host, ns, leave_out, &why);
	else
		(void)err_set(&why, -ENOENT, "nothing leads into it");
	if (entered == -ENOMEM)
		return err_set(e, -ENOMEM, "%s", why.msg);
	if (in) {
		struct net_owner own = { in->look.own_inode, (uint32_t)getpid(),
			0, ns->inode };

		r = net_owners_add(&n->host.held.owners, &own, e);
		net_owners_sort(&n->host.held.owners);
	}
	if (r == 0)
		r = put_namespace(n, ns, in, e);
	if (r == 0 && !in)
		r = put_gap(n, "everything", why.msg, e);
	if (r == 0 && in)
		r = put_sockets(n, &in->look, e);
	if (r == 0 && in)
		r = put_odd(n, &in->look, e);
	if (r == 0 && in)
		r = put_config(n, &in->route, e);
	if (r == 0 && in)
		r = put_rules(n, &in->rules, e);
	network_inside_free(in);
	return r;
}

static int network_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct network n = { .env = env, .w = w };
	int r = network_host_look(&n.host, env, e);

	if (r == 0)
		r = socket_record_new(&n.sockets, e);
	if (r == 0)
		r = net_config_new(&n.config, e);
	if (r == 0)
		r = put_lost(&n, "number", n.host.spaces.lost, e);
	if (r == 0)
		r = put_lost(&n, "owners of sockets", n.host.held.owners.lost, e);
	/* Without iterators nobody can say; that is no gap. */
	if (r == 0 && n.host.bpf && n.host.kernel_result < 0)
		r = put_gap(&n, "the kernel's list", n.host.kernel_why.msg, e);
	for (size_t i = 0; r == 0 && i < n.host.spaces.n; i++) {
		if (*env->interrupted) {
			n.netns = n.host.spaces.v[i].inode;
			r = put_gap(&n, "everything", "interrupted", e);
			r = r < 0 ? r : 1;
			break;
		}
		r = tell(&n, &n.host.spaces.v[i], e);
	}
	socket_record_free(n.sockets);
	net_config_free(n.config);
	network_host_done(&n.host);
	return r;
}

const struct collector collector_network = {
	.name = "network",
	.title = "sockets, interfaces, routes, packet filters",
	.run = network_run,
};
