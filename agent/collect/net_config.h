/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From messages of rtnetlink to NetConfig records.  What is in them is
 * hostile: attributes that are too short are not told.
 */
#ifndef COLLECT_NET_CONFIG_H
#define COLLECT_NET_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"
#include "net/route.h"

struct net_config;

enum { NET_CONFIG_MAX = 1024 }; /* objects of one record */

/*
 * net_config_new(ret, e), net_config_free(c):
 * Room for one record after the other.
 */
int net_config_new(struct net_config **ret, struct err *e) MUST_CHECK;
void net_config_free(struct net_config *c);

/*
 * net_config_make(c, kind, at, len):
 * The record with the objects of ${kind} in the messages at ${*at}, which is
 * moved on, as many as fit; NULL when there are none.  It is good until the
 * next call, and borrows from the messages.
 */
Icecore__V1__NetConfig *net_config_make(struct net_config *c,
	enum route_kind kind, const uint8_t **at, size_t *len) MUST_CHECK;

#endif
