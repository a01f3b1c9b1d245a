/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All sockets of the namespace that the calling thread is in, by every witness
 * that can be asked, and what one of them tells and another does not.
 */
#ifndef NET_SOCK_LOOK_H
#define NET_SOCK_LOOK_H

#include "base/err.h"
#include "net/netlink.h"
#include "net/sock.h"

struct net_bpf;
struct net_held;

enum {
	NET_WITNESSES = 3,
	SOCK_RETRIES = 2, /* before a difference counts */
};

/* How a witness did for one kind. */
struct sock_tried {
	int result;
	struct err why;
	uint64_t sockets;
};

/* By enum net_witness, as its bit's number. */
struct sock_look {
	struct net_socks socks; /* sorted */
	struct sock_tried tried[NET_KINDS][NET_WITNESSES];
	uint64_t odd; /* of the replies of netlink */
	char odd_what[sizeof(((struct netlink *)0)->odd_what)];
	uint64_t own_inode; /* of the socket that asked sock_diag */
	size_t suspects; /* sockets with something in ${missing} */
};

/* Whom to ask. */
struct sock_asked {
	struct net_bpf *bpf; /* NULL = no iterators, */
	struct err bpf_why; /* then why */
	const struct net_held *held; /* NULL = not known */
	uint32_t netns; /* where we are */
	unsigned leave_out; /* enum net_witness */
};

/*
 * sock_look(ret, asked, e), sock_look_done(l):
 * ${ret} is zeroed or fresh.  Only lack of memory is an error.
 */
int sock_look(struct sock_look *ret, const struct sock_asked *asked,
	struct err *e) MUST_CHECK;
void sock_look_done(struct sock_look *l);

#endif
