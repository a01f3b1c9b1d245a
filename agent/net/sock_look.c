// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/stat.h>

#include "net/diag.h"
#include "net/sock_bpf.h"
#include "net/sock_look.h"
#include "net/sock_proc.h"

enum {
	BY_ITERATOR,
	BY_PROC,
	BY_DIAG,
	STATE_ESTABLISHED = 1,
	STATE_LISTEN = 10
};

/* One round over all witnesses. */
struct round {
	struct sock_look *l;
	const struct sock_asked *asked;
	struct netlink netlink;
	int netlink_result;
	struct err netlink_why;
};

static int by_iterator(struct round *r, enum net_kind kind, struct err *e)
{
	if (!r->asked->bpf)
		return err_set(e, -EOPNOTSUPP, "%s", r->asked->bpf_why.msg);
	return net_bpf_see(&r->l->socks, r->asked->bpf, kind, e);
}

static int by_proc(struct round *r, enum net_kind kind, struct err *e)
{
	return sock_proc_see(&r->l->socks, kind, e);
}

static int by_diag(struct round *r, enum net_kind kind, struct err *e)
{
	int rc = diag_allowed(kind, e);

	if (rc == 0 && r->netlink_result < 0)
		return err_set(e, r->netlink_result, "%s", r->netlink_why.msg);
	return rc < 0 ? rc : diag_see(&r->l->socks, &r->netlink, kind, e);
}

/* sock_diag gives each socket its cookie, and so goes first. */
static const struct {
	int number;
	int (*see)(struct round *r, enum net_kind kind, struct err *e);
} order[NET_WITNESSES] = {
	{ BY_DIAG, by_diag },
	{ BY_ITERATOR, by_iterator },
	{ BY_PROC, by_proc },
};

static int ask(struct round *r, int which, enum net_kind kind, struct err *e)
{
	struct sock_tried *t = &r->l->tried[kind][order[which].number];
	struct net_socks *ss = &r->l->socks;

	if (r->asked->leave_out & 1U << order[which].number) {
		t->result = err_set(&t->why, -EPERM, "left out");
		return 0;
	}
	t->result = order[which].see(r, kind, &t->why);
	net_socks_sort(ss);
	if (t->result == -ENOMEM)
		return err_set(e, -ENOMEM, "%s", t->why.msg);
	return 0;
}

/* Those of kinds that have no iterator, by the files of processes. */
static int add_held(struct round *r, struct err *e)
{
	const struct net_held *h = r->asked->held;
	const struct net_sock *last = NULL;
	int rc = 0;

	for (size_t i = 0; h && rc == 0 && i < h->socks.n; i++) {
		const struct net_sock *s = &h->socks.v[i];
		const void *filter = NULL;

		/* One for each process that has it. */
		if (s->netns != r->asked->netns ||
			(last && last->inode == s->inode))
			continue;
		last = s;
		if (s->present & NET_HAS_FILTER)
			filter = h->socks.filters.data + s->filter_at;
		rc = net_socks_see(&r->l->socks, s, filter, e);
	}
	net_socks_sort(&r->l->socks);
	return rc;
}

static int look_once(
	struct sock_look *l, const struct sock_asked *asked, struct err *e)
{
	struct round r = { .l = l, .asked = asked };
	struct stat own;
	int rc = 0;

	net_socks_init(&l->socks);
	r.netlink_result =
		netlink_open(&r.netlink, NETLINK_SOCK_DIAG, &r.netlink_why);
	if (r.netlink_result == 0 && fstat(r.netlink.fd, &own) == 0)
		l->own_inode = own.st_ino;
	for (int which = 0; rc == 0 && which < NET_WITNESSES; which++)
		for (int kind = 0; rc == 0 && kind < NET_OTHER; kind++)
			rc = ask(&r, which, (enum net_kind)kind, e);
	if (rc == 0)
		rc = add_held(&r, e);
	l->odd += r.netlink.odd;
	if (r.netlink.odd && !l->odd_what[0])
		memcpy(l->odd_what, r.netlink.odd_what, sizeof(l->odd_what));
	netlink_close(&r.netlink);
	for (size_t i = 0; i < l->socks.n; i++)
		for (int w = 0; w < NET_WITNESSES; w++)
			if (l->socks.v[i].seen_by & 1 << w)
				l->tried[net_sock_kind(&l->socks.v[i])][w].sockets++;
	return rc;
}

/* A state that a socket stays in, and a file by which it is known. */
static bool is_stable(const struct net_sock *s)
{
	enum net_kind kind = net_sock_kind(s);

	if (!s->inode || kind == NET_OTHER)
		return false;
	return kind != NET_TCP || s->state == STATE_ESTABLISHED ||
	       s->state == STATE_LISTEN;
}

/* Who worked for its kind, and does not tell it. */
static uint8_t missing_of(const struct sock_look *l, const struct net_sock *s)
{
	const struct sock_tried *t = l->tried[net_sock_kind(s)];
	unsigned worked = 0;

	if (!is_stable(s))
		return 0;
	for (int w = 0; w < NET_WITNESSES; w++)
		if (t[w].result == 0)
			worked |= 1U << w;
	return (uint8_t)(worked & ~s->seen_by);
}

static size_t mark(struct sock_look *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->socks.n; i++) {
		struct net_sock *s = &l->socks.v[i];

		s->missing = l->socks.lost ? 0 : missing_of(l, s);
		n += s->missing != 0;
	}
	return n;
}

/* What is missing now as well stays missing. */
static size_t confirm(struct sock_look *l, const struct sock_look *now)
{
	size_t n = 0;

	for (size_t i = 0; i < l->socks.n; i++) {
		struct net_sock *s = &l->socks.v[i];
		const struct net_sock *again;

		if (!s->missing)
			continue;
		again = net_socks_find(&now->socks, s);
		s->missing &= again && again->seen_by ? again->missing : 0;
		n += s->missing != 0;
	}
	return n;
}

/* What processes hold has to be looked at anew, too. */
static int look_again(
	struct sock_look *l, const struct sock_asked *asked, struct err *e)
{
	struct sock_asked again = *asked;
	struct net_held held = { 0 };
	struct sock_look *now = calloc(1, sizeof(*now));
	int r = 0;

	if (!now)
		return err_set(e, -ENOMEM, "no memory for sockets");
	if (asked->held) {
		again.held = &held;
		r = net_bpf_held(&held, asked->bpf, e);
	}
	if (r == 0)
		r = look_once(now, &again, e);
	if (r == 0) {
		(void)mark(now);
		l->suspects = confirm(l, now);
	}
	net_held_done(&held);
	sock_look_done(now);
	free(now);
	return r;
}

int sock_look(
	struct sock_look *ret, const struct sock_asked *asked, struct err *e)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	r = look_once(ret, asked, e);
	if (r < 0)
		return r;
	ret->suspects = mark(ret);
	for (int turn = 0; ret->suspects && turn < SOCK_RETRIES; turn++) {
		r = look_again(ret, asked, e);
		if (r < 0)
			return r;
	}
	return 0;
}

void sock_look_done(struct sock_look *l)
{
	net_socks_done(&l->socks);
}
