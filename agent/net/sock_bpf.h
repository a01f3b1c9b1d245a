/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets by BPF iterators.  The programs are loaded once; what each sees is
 * in arrays that are mapped here.  Programs that this kernel has no target for
 * are left out, each by itself.  One thread at a time.
 */
#ifndef NET_SOCK_BPF_H
#define NET_SOCK_BPF_H

#include "base/cleanup.h"
#include "net/sock.h"

struct err;
struct net_bpf;

enum {
	NET_OWNERS_MAX = 131072, /* more are counted, not kept */
	NET_NAMESPACES_MAX = 4096,
};

/* A process that has a socket open; by inode. */
struct net_owner {
	uint64_t inode;
	uint32_t pid;
	uint32_t fd;
	uint32_t netns; /* of the socket; 0 = not told */
};

struct net_owners {
	struct net_owner *v;
	size_t n;
	size_t cap;
	uint64_t lost;
};

/* What processes hold: who holds it, and the sockets whose kind has no
 * iterator of its own, of all namespaces. */
struct net_held {
	struct net_owners owners;
	struct net_socks socks;
};

/*
 * net_bpf_open(ret, e), net_bpf_close(b):
 */
int net_bpf_open(struct net_bpf **ret, struct err *e) MUST_CHECK;
void net_bpf_close(struct net_bpf *b);

/*
 * net_bpf_see(ss, b, kind, e):
 * Add the sockets of ${kind} in the namespace of the calling thread;
 * -EOPNOTSUPP when the kernel has no iterator for them.  The caller sorts.
 */
int net_bpf_see(struct net_socks *ss, struct net_bpf *b, enum net_kind kind,
	struct err *e) MUST_CHECK;

/*
 * net_bpf_held(h, b, e), net_held_done(h):
 * Every socket that a process has open; sorted.
 */
int net_bpf_held(struct net_held *h, struct net_bpf *b, struct err *e) MUST_CHECK;
void net_held_done(struct net_held *h);

/*
 * net_bpf_namespaces(ret, b, e):
 * Inodes of all network namespaces in the kernel's list, at most
 * NET_NAMESPACES_MAX.  Return their number; -EFBIG when there are more.
 */
int net_bpf_namespaces(uint32_t *ret, struct net_bpf *b, struct err *e) MUST_CHECK;

/*
 * net_owners_add(os, o, e), net_owners_sort(os), net_owners_find(os, inode, n):
 * The first of ${n} owners; NULL = none.
 */
int net_owners_add(struct net_owners *os, const struct net_owner *o,
	struct err *e) MUST_CHECK;
void net_owners_sort(struct net_owners *os);
const struct net_owner *net_owners_find(
	const struct net_owners *os, uint64_t inode, size_t *n);
void net_owners_done(struct net_owners *os);

#endif
