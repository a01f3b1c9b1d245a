/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets by /proc/net/{tcp,udp,raw}{,6}, unix, packet, netlink (proc(5)), in
 * the namespace of the calling thread.  Its lines are hostile.
 */
#ifndef NET_SOCK_PROC_H
#define NET_SOCK_PROC_H

#include "base/cleanup.h"
#include "net/sock.h"

struct err;

enum {
	SOCK_PROC_BYTES = 16 << 20, /* of one file; 150 bytes a socket */
	SOCK_PROC_LINE_BYTES = 512,
};

/*
 * sock_proc_see(ss, kind, e):
 * Add those of ${kind}; -EOPNOTSUPP when /proc/net has none of them.  The
 * caller sorts.
 */
int sock_proc_see(
	struct net_socks *ss, enum net_kind kind, struct err *e) MUST_CHECK;

/*
 * sock_proc_parse(ss, kind, family, text, len, e):
 * The same of a file's text; lines that say nothing are left out.
 */
int sock_proc_parse(struct net_socks *ss, enum net_kind kind, uint16_t family,
	const char *text, size_t len, struct err *e) MUST_CHECK;

#endif
