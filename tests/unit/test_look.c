// SPDX-License-Identifier: Apache-2.0
/*
 * Every witness looks at a network namespace that this test made: it moves
 * into it first, and sees nothing of this machine's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/route.h"
#include "net/rules.h"
#include "net/sock_bpf.h"
#include "net/sock_look.h"
#include "unit/unit.h"

enum { PORT = 4242 };

static int listener, datagrams, packets;
static uint32_t netns;

static uint64_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static int set_up(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0x1234) };
	struct sock_fprog prog = { 1, code };
	struct stat st;

	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
		return 0;
	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	netns = (uint32_t)st.st_ino;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ARP));
	assert_true(listener >= 0 && datagrams >= 0 && packets >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(bind(datagrams, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(setsockopt(packets, SOL_SOCKET, SO_ATTACH_FILTER,
				 &prog, sizeof(prog)),
		0);
	return 0;
}

static const struct net_sock *find(const struct net_socks *ss, int fd)
{
	for (size_t i = 0; i < ss->n; i++)
		if (ss->v[i].inode == inode_of(fd))
			return &ss->v[i];
	return NULL;
}

static void check(const struct sock_look *l, unsigned seen_by)
{
	const struct net_sock *s = find(&l->socks, listener);

	assert_non_null(s);
	assert_int_equal(s->local_port, PORT);
	assert_string_equal(net_sock_state(s), "LISTEN");
	assert_int_equal(s->seen_by & seen_by, seen_by);
	assert_int_equal(s->missing, 0);
	s = find(&l->socks, datagrams);
	assert_non_null(s);
	assert_int_equal(s->local_port, PORT);
	assert_true(net_sock_listens(s));
	s = find(&l->socks, packets);
	assert_non_null(s);
	assert_int_equal(s->protocol, ETH_P_ARP);
	assert_int_equal(l->suspects, 0);
	assert_int_equal(l->odd, 0);
	for (size_t i = 0; i < l->socks.n; i++)
		assert_true(l->socks.v[i].netns == netns || !l->socks.v[i].netns);
}

static void look(struct net_bpf *bpf, const struct net_held *held,
	unsigned leave_out, unsigned seen_by)
{
	struct sock_asked asked = {
		.bpf = bpf, .held = held, .netns = netns, .leave_out = leave_out
	};
	struct sock_look *l = calloc(1, sizeof(*l));
	struct err e = { 0 };

	assert_non_null(l);
	assert_ok(sock_look(l, &asked, &e), &e);
	check(l, seen_by);
	sock_look_done(l);
	free(l);
}

static void test_proc(void **state)
{
	(void)state;
	if (!netns) {
		skip();
		return;
	}
	look(NULL, NULL, NET_BY_DIAG | NET_BY_ITERATOR, NET_BY_PROC);
}

static void test_all(void **state)
{
	uint32_t inodes[NET_NAMESPACES_MAX];
	struct net_held held = { 0 };
	struct net_bpf *b = NULL;
	const struct net_sock *s;
	const struct net_owner *o;
	struct err e = { 0 };
	int found = 0;
	size_t n;

	(void)state;
	if (!netns) {
		skip();
		return;
	}
	assert_ok(net_bpf_open(&b, &e), &e);
	assert_ok(net_bpf_held(&held, b, &e), &e);
	o = net_owners_find(&held.owners, inode_of(listener), &n);
	assert_non_null(o);
	assert_int_equal(o->pid, getpid());
	assert_int_equal(o->fd, listener);
	assert_int_equal(o->netns, netns);
	s = find(&held.socks, packets);
	assert_non_null(s);
	assert_int_equal(s->filter_n, 1);
	look(b, &held, 0, NET_BY_ITERATOR | NET_BY_PROC);
	n = (size_t)net_bpf_namespaces(inodes, b, &e);
	assert_in_range(n, 1, NET_NAMESPACES_MAX);
	for (size_t i = 0; i < n; i++)
		found += inodes[i] == netns;
	assert_int_equal(found, 1);
	net_held_done(&held);
	net_bpf_close(b);
}

/* A socket that one witness did not tell twice over is no finding when it is
 * told now; one that never is, is. */
static void test_missing(void **state)
{
	struct sock_asked asked = { .netns = netns,
		.leave_out = NET_BY_DIAG | NET_BY_ITERATOR };
	struct net_held held = { 0 };
	struct net_sock ghost = { .family = AF_PACKET,
		.type = SOCK_RAW,
		.inode = 1,
		.netns = netns,
		.seen_by = NET_BY_ITERATOR };
	struct sock_look *l = calloc(1, sizeof(*l));
	struct net_bpf *b = NULL;
	struct err e = { 0 };

	(void)state;
	assert_non_null(l);
	if (!netns) {
		free(l);
		skip();
		return;
	}
	assert_ok(net_bpf_open(&b, &e), &e);
	net_socks_init(&held.socks);
	assert_ok(net_socks_see(&held.socks, &ghost, NULL, &e), &e);
	net_socks_sort(&held.socks);
	asked.held = &held;
	asked.bpf = b;
	assert_ok(sock_look(l, &asked, &e), &e);
	/* It was gone when it was looked for again. */
	assert_int_equal(l->suspects, 0);
	sock_look_done(l);
	free(l);
	net_held_done(&held);
	net_bpf_close(b);
}

static void test_config(void **state)
{
	struct rules_dump *rules = calloc(1, sizeof(*rules));
	struct route_dump *d = calloc(1, sizeof(*d));
	struct err e = { 0 };

	(void)state;
	assert_true(rules && d);
	if (netns) {
		assert_ok(route_look(d, &e), &e);
		assert_int_equal(d->results[ROUTE_LINKS], 0);
		assert_true(d->messages[ROUTE_LINKS].len > 0);
		assert_int_equal(d->results[ROUTE_POLICIES], 0);
		assert_true(d->messages[ROUTE_POLICIES].len > 0);
		assert_ok(rules_look(rules, &e), &e);
		assert_true(rules->n >= 2);
	}
	route_done(d);
	rules_done(rules);
	free(d);
	free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proc),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_config),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
