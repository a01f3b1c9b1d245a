/* SPDX-License-Identifier: Apache-2.0 */
/* From sockets to Sockets records. */
#ifndef COLLECT_SOCKET_RECORD_H
#define COLLECT_SOCKET_RECORD_H

#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"
#include "net/sock.h"

struct err;
struct net_owners;
struct socket_record;

enum {
	SOCKET_RECORD_MAX = 1024, /* sockets of one record */
	SOCKET_RECORD_BYTES = 512 << 10, /* of filters of one record */
	SOCKET_RECORD_OWNERS = 8192, /* of one record */
	SOCKET_OWNERS_MAX = 64, /* of one socket; the first */
};

/*
 * socket_record_new(ret, e), socket_record_free(r):
 * Room for one record after the other.
 */
int socket_record_new(struct socket_record **ret, struct err *e) MUST_CHECK;
void socket_record_free(struct socket_record *r);

/*
 * socket_record_make(ret, r, ss, owners, at, e):
 * The record with the sockets from ${at} on, as many as fit, without the
 * namespace that they are of; it is good until the next call, and borrows from
 * ${ss}.
 */
int socket_record_make(Icecore__V1__Sockets **ret, struct socket_record *r,
	const struct net_socks *ss, const struct net_owners *owners, size_t at,
	struct err *e) MUST_CHECK;

#endif
