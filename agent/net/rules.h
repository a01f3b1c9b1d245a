/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packet filters and tracked connections of a namespace, raw: netlink messages
 * of nf_tables and ctnetlink, and the tables of iptables as getsockopt() gives
 * them (struct ipt_get_entries).  Nothing is asked that would make the kernel
 * load a module: nf_tables and ctnetlink only where they are, and iptables only
 * for tables that /proc/net/ip_tables_names has.
 */
#ifndef NET_RULES_H
#define NET_RULES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	RULES_BYTES = 16 << 20, /* of one set */
	RULES_SETS_MAX = 16,
	RULES_NAME_BYTES = 32,
};

/* As NetRulesKind in net.proto. */
enum rules_kind {
	RULES_NFT = 1,
	RULES_IPTABLES,
	RULES_IP6TABLES,
	RULES_CONNTRACK,
};

struct rules_set {
	enum rules_kind kind;
	char name[RULES_NAME_BYTES];
	struct buf raw;
	int result; /* below 0: why; -EOPNOTSUPP = there are none here */
	struct err why;
};

struct rules_dump {
	struct rules_set v[RULES_SETS_MAX];
	size_t n;
};

/*
 * rules_look(ret, e), rules_done(d):
 * All of the calling thread's namespace.  Only lack of memory is an error.
 */
int rules_look(struct rules_dump *ret, struct err *e) MUST_CHECK;
void rules_done(struct rules_dump *d);

#endif
