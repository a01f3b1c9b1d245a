/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that look for sockets. */
#ifndef INSPECT_SOCKET_INTERNAL_H
#define INSPECT_SOCKET_INTERNAL_H

#include "inspect/captured.h"
#include "inspect/socket.h"
#include "kernel/peek.h"

/* Where struct sock and its neighbours have what. */
struct socket_layout {
	/* What connections that are not whole begin with, too. */
	uint32_t family, state, node, net, local, remote, local6, remote6;
	uint32_t local_port, remote_port;
	uint32_t socket, uid, type, protocol; /* of whole ones */
	uint32_t inum; /* struct net */
	uint32_t inode, number, pair; /* struct socket_alloc */
};

/* A walk of one table. */
struct socket_walk {
	const struct captured *c;
	struct sockets_seen *ss;
	const struct socket_layout *l;
	struct peek *peek;
	enum socket_table table;
	const uint64_t *nets; /* each struct net */
	size_t nets_n;
};

/*
 * socket_take(w, at, e):
 * There is one at ${at}.  Return it, or NULL when none is kept: past the most,
 * which is counted, when it cannot be read (e->msg is ""), and -ENOMEM said.
 */
struct socket_seen *socket_take(
	struct socket_walk *w, uint64_t at, struct err *e);

/*
 * socket_take_chain(w, head, nulls, e):
 * All of one bucket; ${nulls}: it ends with an odd number.
 */
int socket_take_chain(struct socket_walk *w, uint64_t head, int nulls,
	struct err *e) MUST_CHECK;

/*
 * socket_walk_tables(w, e), socket_walk_unix(w, e):
 * All of the table w->table, of TCP and UDP, and of unix sockets.
 */
int socket_walk_tables(struct socket_walk *w, struct err *e) MUST_CHECK;
int socket_walk_unix(struct socket_walk *w, struct err *e) MUST_CHECK;

#endif
