/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of one network namespace, each told by one witness or by
 * several.  A socket with a file is known by its inode, one without by its
 * addresses, and a unix one without by its cookie.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "bpf/sock.h"

struct err;

enum {
	NET_SOCKS_MAX = 65536, /* of one namespace; more are counted, not kept */
	NET_FILTERS_BYTES = 4 << 20, /* of all filters of one namespace */
};

/* What a witness is asked for, one after the other. */
enum net_kind {
	NET_TCP,
	NET_UDP,
	NET_RAW,
	NET_UNIX,
	NET_NETLINK,
	NET_PACKET,
	NET_VSOCK,
	NET_SCTP,
	NET_OTHER, /* seen by its file only */
	NET_KINDS,
};

struct net_socks {
	struct net_sock *v;
	size_t n;
	size_t cap;
	size_t sorted;
	struct buf filters;
	uint64_t lost;
	uint64_t filters_lost;
};

void net_socks_init(struct net_socks *ss);
void net_socks_done(struct net_socks *ss);

/*
 * net_socks_see(ss, s, filter, e):
 * Keep ${s}: where the same socket is among the sorted ones, add what it does
 * not tell yet, else append it.  ${filter} has s->filter_n instructions of 8
 * bytes.  net_socks_sort(ss) sorts what came.
 */
int net_socks_see(struct net_socks *ss, const struct net_sock *s,
	const void *filter, struct err *e) MUST_CHECK;
void net_socks_sort(struct net_socks *ss);

/*
 * net_socks_find(ss, s):
 * The same socket among the sorted ones; NULL = none.
 */
struct net_sock *net_socks_find(
	const struct net_socks *ss, const struct net_sock *s);

/*
 * net_sock_kind(s), net_kind_name(kind), net_sock_state(s):
 * "tcp" and the like; "LISTEN" and the like, "-" where that says nothing.
 */
enum net_kind net_sock_kind(const struct net_sock *s);
const char *net_kind_name(enum net_kind kind);
const char *net_sock_state(const struct net_sock *s);

/*
 * net_sock_listens(s):
 * Whether anybody may send to it first: a listener, or a datagram socket with
 * a port and no peer.
 */
bool net_sock_listens(const struct net_sock *s);

#endif
