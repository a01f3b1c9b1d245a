/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netlink (netlink(7)): asking for a dump, and the one reader of messages and
 * attributes.  What comes is hostile, since a rootkit can rewrite it on its way
 * out of the kernel: every length is checked, and what the kernel never sends
 * counts as odd:
 *
 *	- bytes behind what recvmsg() returned that are not as they were
 *	- a message whose attributes do not end where it ends
 *	- an attribute of a type that is there already, or that this kind of
 *	  message has not: a message whose predecessor was made longer to cover
 *	  it becomes one of type 0
 */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	NETLINK_BUFFER_BYTES = 64 << 10,
	NETLINK_CANARY_BYTES = 4096, /* behind what recvmsg() may fill */
	NETLINK_MESSAGES_MAX = 1 << 20, /* of one dump */
	NETLINK_WAIT_SECONDS = 5, /* for one answer */
	NETLINK_ATTRIBUTES_MAX = 128, /* types that netlink_table() keeps */
};

/* A socket of one protocol in the namespace of the thread that opened it. */
struct netlink {
	int fd;
	uint32_t port;
	uint32_t sequence;
	uint8_t *buffer;
	uint64_t odd; /* so many times it was what the kernel never sends */
	char odd_what[64]; /* the first of them */
};

struct netlink_message {
	uint16_t type;
	uint16_t flags;
	const uint8_t *body;
	size_t len;
};

struct netlink_attribute {
	uint16_t type; /* without its flags */
	const uint8_t *data;
	size_t len;
};

/*
 * netlink_open(n, protocol, e), netlink_close(n):
 */
int netlink_open(struct netlink *n, int protocol, struct err *e) MUST_CHECK;
void netlink_close(struct netlink *n);

#define AUTO_NETLINK CLEANUP(netlink_close)

/*
 * netlink_dump(n, type, body, len, see, arg, e):
 * Ask for all objects of ${type} and call ${see} with each message of the
 * answer until it returns other than 0, which is then returned.  What the
 * kernel says of an error is one: -ENOENT and the like.
 */
int netlink_dump(struct netlink *n, uint16_t type, const void *body, size_t len,
	int (*see)(void *arg, const struct netlink_message *m, struct err *e),
	void *arg, struct err *e) MUST_CHECK;

/*
 * netlink_next(ret, buf, len):
 * The message at ${*buf}, which is moved on past it.  1, or 0 at the end;
 * -EBADMSG.
 */
int netlink_next(struct netlink_message *ret, const uint8_t **buf,
	size_t *len) MUST_CHECK;

/*
 * netlink_attribute(ret, buf, len):
 * The same for attributes.
 */
int netlink_attribute(struct netlink_attribute *ret, const uint8_t **buf,
	size_t *len) MUST_CHECK;

/*
 * netlink_table(ret, n, buf, len):
 * All attributes by their type, below ${n}; data NULL = not there.  False
 * when one does not fit, or comes twice.
 */
bool netlink_table(struct netlink_attribute *ret, size_t n, const uint8_t *buf,
	size_t len) MUST_CHECK;

/*
 * netlink_odd(n, what):
 * Count one more oddity; ${what} is kept when it is the first.
 */
void netlink_odd(struct netlink *n, const char *what);

/*
 * netlink_number(a):
 * The number in an attribute of 1, 2, 4 or 8 bytes, in the
 * order of the host; 0 when there is none.
 */
uint64_t netlink_number(const struct netlink_attribute *a);

#endif
