/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets by NETLINK_SOCK_DIAG (sock_diag(7)).  The kernel loads a module for
 * each kind when it is asked for the first time; since a capture must leave no
 * module behind, only kinds that are there already are asked for.
 */
#ifndef NET_DIAG_H
#define NET_DIAG_H

#include "base/cleanup.h"
#include "net/sock.h"

struct err;
struct netlink;
struct netlink_message;

/*
 * diag_allowed(kind, e):
 * 0 when the kernel can tell sockets of ${kind} without loading anything;
 * -EOPNOTSUPP and the module that it lacks.
 */
int diag_allowed(enum net_kind kind, struct err *e) MUST_CHECK;

/*
 * diag_see(ss, n, kind, e):
 * Add the sockets of ${kind} in the namespace of ${n}, a netlink socket of
 * NETLINK_SOCK_DIAG, which counts what was odd.  The caller sorts.
 */
int diag_see(struct net_socks *ss, struct netlink *n, enum net_kind kind,
	struct err *e) MUST_CHECK;

/*
 * diag_decode(ret, filter, kind, m):
 * One answer as a socket; ${filter} is in ${m}, or NULL.  Return 0, or 1 when
 * there is something odd about it; -EBADMSG when it is none.
 */
int diag_decode(struct net_sock *ret, const uint8_t **filter,
	enum net_kind kind, const struct netlink_message *m) MUST_CHECK;

#endif
