/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of /proc/net (Documentation/networking/proc_net_tcp.rst, unix(7))
 * as the kernel would write them, made of Socket records.
 */
#ifndef EXPORT_PROC_NET_H
#define EXPORT_PROC_NET_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;

enum proc_net_table {
	PROC_NET_TCP,
	PROC_NET_TCP6,
	PROC_NET_UDP,
	PROC_NET_UDP6,
	PROC_NET_RAW,
	PROC_NET_RAW6,
	PROC_NET_UNIX,
	PROC_NET_TABLES,
};

/* Those of one namespace; each begins with its header when it is begun. */
struct proc_net {
	struct buf text[PROC_NET_TABLES];
	unsigned lines[PROC_NET_TABLES];
};

/*
 * proc_net_begin(p, e), proc_net_done(p):
 * Empty tables, with their headers.
 */
int proc_net_begin(struct proc_net *p, struct err *e) MUST_CHECK;
void proc_net_done(struct proc_net *p);

/*
 * proc_net_add(p, s, e):
 * A line in the table that the socket belongs to; others are passed over.
 */
int proc_net_add(struct proc_net *p, const Icecore__V1__Socket *s,
	struct err *e) MUST_CHECK;

/*
 * proc_net_name(table): "tcp" and such.
 */
const char *proc_net_name(enum proc_net_table table);

#endif
