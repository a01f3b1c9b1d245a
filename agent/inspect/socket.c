// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "inspect/socket_internal.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "kernel/walk.h"

/* include/net/tcp_states.h: these two are less than a struct sock. */
enum { STATE_TIME_WAIT = 6, STATE_NEW_SYN_RECV = 12 };

static const struct {
	const char *name;
	int (*walk)(struct socket_walk *w, struct err *e);
} tables[SOCKET_TABLES] = {
	[SOCKETS_CONNECTED] = { "connected", socket_walk_tables },
	[SOCKETS_LISTENING] = { "listening", socket_walk_tables },
	[SOCKETS_UDP] = { "udp", socket_walk_tables },
	[SOCKETS_UNIX] = { "unix", socket_walk_unix },
};

const char *socket_table_name(enum socket_table table)
{
	return tables[table].name;
}

static int find_layout(
	struct socket_layout *l, struct layout *types, struct err *e)
{
	const struct layout_want wants[] = {
		{ "sock_common", "skc_family", &l->family },
		{ "sock_common", "skc_state", &l->state },
		{ "sock_common", "skc_node", &l->node },
		{ "sock_common", "skc_net.net", &l->net },
		{ "sock_common", "skc_rcv_saddr", &l->local },
		{ "sock_common", "skc_daddr", &l->remote },
		{ "sock_common", "skc_num", &l->local_port },
		{ "sock_common", "skc_dport", &l->remote_port },
		{ "sock", "sk_socket", &l->socket },
		{ "sock", "sk_uid", &l->uid },
		{ "sock", "sk_type", &l->type },
		{ "sock", "sk_protocol", &l->protocol },
		{ "net", "ns.inum", &l->inum },
		{ "socket_alloc", "vfs_inode", &l->inode },
		{ "socket_alloc", "socket", &l->pair },
		{ "inode", "i_ino", &l->number },
	};
	int r = layout_find(types, wants, ARRAY_LEN(wants), e);

	/* Only with CONFIG_IPV6. */
	if (r == 0 && (layout_offset(types, &l->local6, "sock_common",
			       "skc_v6_rcv_saddr", NULL) < 0 ||
			      layout_offset(types, &l->remote6, "sock_common",
				      "skc_v6_daddr", NULL) < 0))
		l->local6 = l->remote6 = 0;
	return r;
}

static int grow(struct sockets_seen *ss, struct err *e)
{
	struct socket_seen *v;

	if (ss->n & (ss->n - 1))
		return 0;
	v = reallocarray(ss->v, ss->n ? 2 * ss->n : 1, sizeof(*v));
	if (!v)
		return err_set(e, -ENOMEM, "no memory for sockets");
	ss->v = v;
	return 0;
}

/* What the capture lacks is 0, and kept as a gap. */
static void take(const struct socket_walk *w, void *ret, uint64_t at, size_t len)
{
	if (peek_read(w->peek, ret, at, len) < 0)
		memset(ret, 0, len);
}

static void take_addresses(struct socket_walk *w, struct socket_seen *s)
{
	const struct socket_layout *l = w->l;
	size_t len = s->family == AF_INET6 ? 16 : 4;
	uint8_t port[2];

	if (s->family != AF_INET && (s->family != AF_INET6 || !l->local6))
		return;
	take(w, s->local, s->at + (len == 16 ? l->local6 : l->local), len);
	take(w, s->remote, s->at + (len == 16 ? l->remote6 : l->remote), len);
	take(w, &s->local_port, s->at + l->local_port, sizeof(s->local_port));
	/* In the order of the network. */
	take(w, port, s->at + l->remote_port, sizeof(port));
	s->remote_port = (uint16_t)(port[0] << 8 | port[1]);
}

static void take_whole(struct socket_walk *w, struct socket_seen *s)
{
	const struct socket_layout *l = w->l;
	uint64_t socket = 0;

	take(w, &socket, s->at + l->socket, sizeof(socket));
	take(w, &s->uid, s->at + l->uid, sizeof(s->uid));
	take(w, &s->type, s->at + l->type, sizeof(s->type));
	take(w, &s->protocol, s->at + l->protocol, sizeof(s->protocol));
	/* The socket and its inode are one object. */
	if (socket)
		take(w, &s->inode, socket - l->pair + l->inode + l->number,
			sizeof(s->inode));
}

struct socket_seen *socket_take(struct socket_walk *w, uint64_t at, struct err *e)
{
	struct socket_seen s = { .at = at };
	struct sockets_seen *ss = w->ss;
	uint64_t net = 0;

	if (peek_read(w->peek, &s.family, at + w->l->family, 2) < 0 ||
		peek_read(w->peek, &s.state, at + w->l->state, 1) < 0)
		return NULL;
	take(w, &net, at + w->l->net, sizeof(net));
	if (net)
		take(w, &s.netns, net + w->l->inum, sizeof(s.netns));
	take_addresses(w, &s);
	if (s.state != STATE_TIME_WAIT && s.state != STATE_NEW_SYN_RECV) {
		take_whole(w, &s);
	} else {
		s.type = SOCK_STREAM;
		s.protocol = 6;
	}
	if (ss->n == SOCKETS_SEEN_MAX) {
		ss->lost++;
		return NULL;
	}
	if (grow(ss, e) < 0)
		return NULL;
	ss->v[ss->n] = s;
	return &ss->v[ss->n++];
}

int socket_take_chain(
	struct socket_walk *w, uint64_t head, int nulls, struct err *e)
{
	uint64_t at = head;

	for (int i = 0; i <= WALK_NODES_MAX; i++) {
		struct err why = { 0 };

		if (peek_u64(w->peek, &at, at) < 0)
			return err_set(e, -EFAULT, "nothing at %#llx",
				(unsigned long long)at);
		if (!at || (nulls && at & 1))
			return 0;
		if (!socket_take(w, at - w->l->node, &why) && why.msg[0])
			return err_set(e, -ENOMEM, "%s", why.msg);
	}
	return err_set(e, -ELOOP, "more than %d sockets at %#llx",
		WALK_NODES_MAX, (unsigned long long)head);
}

/* --- network namespaces --- */

struct nets {
	uint64_t v[SOCKET_NETNS_MAX];
	size_t n;
	uint32_t link;
};

static int see_net(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	struct nets *nets = arg;

	(void)index;
	if (nets->n == SOCKET_NETNS_MAX)
		return err_set(e, -E2BIG, "more than %d network namespaces",
			SOCKET_NETNS_MAX);
	nets->v[nets->n++] = at - nets->link;
	return 0;
}

static int find_nets(struct nets *nets, const struct captured *c, struct err *e)
{
	uint64_t at = captured_symbol(c, "net_namespace_list");
	int r = layout_offset(captured_layout(c), &nets->link, "net", "list", e);

	if (r == 0 && !at)
		r = err_set(e, -ENOENT, "no symbol net_namespace_list");
	return r < 0 ? r : walk_list(&c->peek->base, at, see_net, nets, e);
}

int sockets_see(struct sockets_seen *ss, const struct captured *c, struct err *e)
{
	AUTO_FREE struct nets *nets = calloc(1, sizeof(*nets));
	struct socket_layout l = { 0 };
	struct err why = { 0 };
	int found, r = 0;

	*ss = (struct sockets_seen){ 0 };
	if (!nets)
		return err_set(e, -ENOMEM, "no memory for namespaces");
	peek_image_begin(c->peek, SUBJECT_SOCKETS);
	found = find_layout(&l, captured_layout(c), &why);
	if (found == 0)
		found = find_nets(nets, c, &why);
	ss->namespaces = nets->n;
	for (int i = 0; r != -ENOMEM && i < SOCKET_TABLES; i++) {
		struct socket_walk w = { c, ss, &l, &c->peek->base, i, nets->v,
			nets->n };

		ss->why[i] = why;
		/* A list of namespaces that breaks off is told, and no end. */
		if (nets->n)
			r = tables[i].walk(&w, &ss->why[i]);
		if (r == -ENOMEM)
			(void)err_set(e, r, "%s", ss->why[i].msg);
		if (r == 0 && found == 0)
			ss->why[i].msg[0] = 0;
	}
	peek_image_begin(c->peek, SUBJECT_KERNEL);
	return r == -ENOMEM ? r : 0;
}

void sockets_seen_done(struct sockets_seen *ss)
{
	free(ss->v);
	*ss = (struct sockets_seen){ 0 };
}
