// SPDX-License-Identifier: Apache-2.0
/* Sockets that reach beyond the host, and where the network was looked at. */
#include <sys/socket.h>

#include "report/model.h"

enum { OWNERS_MAX = 16 };

static void add_address(struct row *t, const char *address, int has, uint32_t port)
{
	row_string(t, address);
	row_u64(t, has, port);
}

static void add_bytes(struct row *t, const Icecore__V1__TcpInfo *i)
{
	row_u64(t, i && i->has_bytes_sent, i ? i->bytes_sent : 0);
	row_u64(t, i && i->has_bytes_received, i ? i->bytes_received : 0);
}

static void add_owners(struct row *t, const Icecore__V1__Socket *s)
{
	row_open(t);
	for (size_t i = 0; i < s->n_owners && i < OWNERS_MAX; i++) {
		row_u64(t, s->owners[i]->has_pid, s->owners[i]->pid);
		row_u64(t, s->owners[i]->has_fd, s->owners[i]->fd);
	}
	row_close(t);
}

static int add_sockets(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->sockets->n_sockets; i++) {
		const Icecore__V1__Socket *s = m->sockets->sockets[i];

		if (s->family == AF_UNIX || s->family == AF_NETLINK ||
			!row_begin(t, e))
			continue;
		row_u64(t, m->sockets->has_netns, m->sockets->netns);
		row_u64(t, s->has_family, s->family);
		row_u64(t, s->has_type, s->type);
		row_u64(t, s->has_protocol, s->protocol);
		row_string(t, s->state);
		add_address(
			t, s->local_address, s->has_local_port, s->local_port);
		add_address(t, s->remote_address, s->has_remote_port,
			s->remote_port);
		row_u64(t, s->has_uid, s->uid);
		row_u64(t, s->has_inode, s->inode);
		add_bytes(t, s->tcp);
		row_u64(t, s->has_holder, (uint64_t)s->holder);
		row_u64(t, s->has_listening, s->listening != 0);
		row_u64(t, s->has_seen_by, s->seen_by);
		row_u64(t, s->has_own, s->own != 0);
		row_u64(t, s->filter != NULL, 1);
		add_owners(t, s);
		r = row_end(t);
	}
	return r;
}

static int add_namespace(
	struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__NetNamespace *n = m->net_namespace;

	if (!row_begin(t, e))
		return 0;
	row_u64(t, n->has_netns, n->netns);
	row_u64(t, n->has_found_by, n->found_by);
	row_u64(t, n->has_entered, n->entered != 0);
	row_u64(t, n->has_processes, n->processes);
	row_text(t, &n->path);
	row_u64(t, n->has_own, n->own != 0);
	return row_end(t);
}

/* Only those that did not answer: what was not looked at. */
static int add_witnesses(
	struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	static const char *const names[] = { NULL, "iterator", "proc", NULL,
		"diag" };
	const Icecore__V1__NetNamespace *n = m->net_namespace;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n->n_witnesses; i++) {
		const Icecore__V1__SocketWitnessTried *w = n->witnesses[i];

		if (w->worked || !row_begin(t, e))
			continue;
		row_u64(t, n->has_netns, n->netns);
		row_string(t, w->what);
		row_string(t, (unsigned)w->witness < ARRAY_LEN(names)
				      ? names[w->witness]
				      : NULL);
		row_string(t, w->reason);
		r = row_end(t);
	}
	return r;
}

static int add_links(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__NetConfig *c = m->net_config;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n_links; i++) {
		const Icecore__V1__NetLink *l = c->links[i];

		if (!row_begin(t, e))
			continue;
		row_u64(t, c->has_netns, c->netns);
		row_u64(t, l->has_index, l->index);
		row_text(t, &l->name);
		row_text(t, &l->kind);
		row_text(t, &l->address);
		row_u64(t, l->has_promiscuity, l->promiscuity);
		row_u64(t, l->has_xdp_prog_id, l->xdp_prog_id);
		row_u64(t, l->has_rx_bytes, l->rx_bytes);
		row_u64(t, l->has_tx_bytes, l->tx_bytes);
		r = row_end(t);
	}
	return r;
}

const struct model_table model_net_tables[] = {
	{ "socket",
		"netns family type protocol state localAddress localPort remoteAddress remotePort uid inode sent received holder listening seen own filter owners",
		ICECORE__V1__RECORD__BODY_SOCKETS, 100000, 16 << 20, add_sockets },
	{ "netns", "netns foundBy entered processes path own",
		ICECORE__V1__RECORD__BODY_NET_NAMESPACE, 10000, 2 << 20,
		add_namespace },
	{ "netrefused", "netns what witness reason",
		ICECORE__V1__RECORD__BODY_NET_NAMESPACE, 10000, 2 << 20,
		add_witnesses },
	{ "link", "netns index name kind address promiscuity xdp received sent",
		ICECORE__V1__RECORD__BODY_NET_CONFIG, 10000, 2 << 20, add_links },
	{ 0 },
};
