/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets in captured memory, by the tables that the kernel finds them in:
 * TCP's of connections and of listeners (the same for all network namespaces,
 * or one of each), UDP's, and those of unix sockets of each namespace.
 */
#ifndef INSPECT_SOCKET_H
#define INSPECT_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct captured;

enum {
	SOCKETS_SEEN_MAX = 1 << 20,
	SOCKET_BUCKETS_MAX = 1 << 22, /* of one table */
	SOCKET_NETNS_MAX = 4096,
	SOCKET_NAME_BYTES = 108, /* of a unix socket */
};

/* In the order of the table in socket.c. */
enum socket_table {
	SOCKETS_CONNECTED,
	SOCKETS_LISTENING,
	SOCKETS_UDP,
	SOCKETS_UNIX,
	SOCKET_TABLES,
};

struct socket_seen {
	uint64_t at; /* its struct sock, or what else begins as one */
	uint64_t inode; /* of its file; 0 = it has none */
	uint32_t netns; /* inode */
	uint32_t uid;
	uint16_t family; /* AF_* */
	uint16_t type; /* SOCK_* */
	uint16_t protocol;
	uint8_t state; /* TCP_*; of unix sockets the same numbers */
	uint8_t name_len;
	uint16_t local_port;
	uint16_t remote_port;
	uint8_t local[16]; /* 4 of IPv4 */
	uint8_t remote[16];
	uint8_t name[SOCKET_NAME_BYTES]; /* of unix; an abstract one begins with NUL */
};

struct sockets_seen {
	struct socket_seen *v;
	size_t n;
	uint64_t lost; /* past SOCKETS_SEEN_MAX */
	size_t namespaces;
	struct err why[SOCKET_TABLES]; /* of those not walked to the end */
};

/*
 * sockets_see(ss, c, e), sockets_seen_done(ss):
 * Every table; what cannot be walked is said in ss->why.  -ENOMEM.
 */
int sockets_see(struct sockets_seen *ss, const struct captured *c,
	struct err *e) MUST_CHECK;
void sockets_seen_done(struct sockets_seen *ss);

/*
 * socket_table_name(table):
 * Such as "listening".
 */
const char *socket_table_name(enum socket_table table);

#endif
