/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a namespace is set up, by rtnetlink(7): messages as the kernel sent them,
 * one behind the other, each with its header.  Who makes records of them reads
 * them by netlink_next().
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "base/buf.h"
#include "base/err.h"

struct netlink;

enum {
	ROUTE_BYTES = 8 << 20, /* of the messages of one kind */
};

enum route_kind {
	ROUTE_LINKS,
	ROUTE_ADDRESSES,
	ROUTE_ROUTES,
	ROUTE_POLICIES,
	ROUTE_NEIGHBOURS,
	ROUTE_QDISCS,
	ROUTE_FILTERS,
	ROUTE_KINDS,
};

struct route_dump {
	struct buf messages[ROUTE_KINDS];
	int results[ROUTE_KINDS]; /* below 0: why, in whys */
	struct err whys[ROUTE_KINDS];
};

/*
 * route_look(ret, e), route_done(d):
 * All kinds, in the namespace of the calling thread.  Only lack of memory is
 * an error.
 */
int route_look(struct route_dump *ret, struct err *e) MUST_CHECK;
void route_done(struct route_dump *d);

/*
 * route_kind_name(kind): "links" and the like.
 */
const char *route_kind_name(enum route_kind kind);

/*
 * route_keep(ret, m, e):
 * Append a message as it came, its length aligned.
 */
struct netlink_message;
int route_keep(struct buf *ret, const struct netlink_message *m,
	struct err *e) MUST_CHECK;

#endif
