/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every network namespace of the host, and who holds which socket; and what is
 * seen inside of one.
 */
#ifndef COLLECT_NETWORK_LOOK_H
#define COLLECT_NETWORK_LOOK_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "net/netns.h"
#include "net/route.h"
#include "net/rules.h"
#include "net/sock_bpf.h"
#include "net/sock_look.h"

struct collect_env;

enum { NETWORK_MOUNTS_MAX = 1024 }; /* mount namespaces that are looked at */

struct network_host {
	struct netns_list spaces;
	struct net_held held; /* its owners are there without iterators, too */
	struct net_bpf *bpf; /* NULL = none; then why */
	struct err bpf_why;
	bool has_held;
	uint32_t own; /* the agent's namespace */
	int kernel_result; /* of the walk of the kernel's list */
	struct err kernel_why;
};

/* What was seen inside; on the heap, since it may be left behind. */
struct network_inside {
	struct sock_asked asked;
	struct sock_look look;
	struct route_dump route;
	struct rules_dump rules;
};

/*
 * network_host_look(ret, env, e), network_host_done(h):
 */
int network_host_look(struct network_host *ret, const struct collect_env *env,
	struct err *e) MUST_CHECK;
void network_host_done(struct network_host *h);

/*
 * network_enter(ret, h, ns, leave_out, e):
 * Look at one namespace; ${leave_out} is of enum net_witness.  The caller ends
 * it with network_inside_free().
 */
int network_enter(struct network_inside **ret, struct network_host *h,
	const struct netns *ns, unsigned leave_out, struct err *e) MUST_CHECK;
void network_inside_free(void *inside);

#endif
