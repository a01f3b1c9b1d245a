// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "net/sock_bpf.h"

enum { CAP_FIRST = 1024 };

int net_owners_add(
	struct net_owners *os, const struct net_owner *o, struct err *e)
{
	if (os->n == NET_OWNERS_MAX) {
		os->lost++;
		return 0;
	}
	if (os->n == os->cap) {
		size_t cap = os->cap ? 2 * os->cap : CAP_FIRST;
		struct net_owner *v = reallocarray(os->v, cap, sizeof(*v));

		if (!v)
			return err_set(
				e, -ENOMEM, "no memory for %zu owners", cap);
		os->v = v;
		os->cap = cap;
	}
	os->v[os->n++] = *o;
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct net_owner *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

void net_owners_sort(struct net_owners *os)
{
	if (os->n)
		qsort(os->v, os->n, sizeof(*os->v), by_inode);
}

const struct net_owner *net_owners_find(
	const struct net_owners *os, uint64_t inode, size_t *n)
{
	size_t low = 0, high = os->n, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (os->v[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < os->n && os->v[end].inode == inode;)
		end++;
	*n = end - low;
	return *n ? &os->v[low] : NULL;
}

void net_owners_done(struct net_owners *os)
{
	free(os->v);
	*os = (struct net_owners){ 0 };
}

void net_held_done(struct net_held *h)
{
	net_socks_done(&h->socks);
	net_owners_done(&h->owners);
}
