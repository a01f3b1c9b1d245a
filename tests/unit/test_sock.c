// SPDX-License-Identifier: Apache-2.0
/* Sockets that several witnesses tell, and the lines of /proc/net. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "net/sock_bpf.h"
#include "net/sock_proc.h"
#include "unit/unit.h"

static struct net_socks ss;

static int set_up(void **state)
{
	(void)state;
	net_socks_init(&ss);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	net_socks_done(&ss);
	return 0;
}

static void parse(enum net_kind kind, uint16_t family, const char *text)
{
	struct err e = { 0 };

	assert_ok(sock_proc_parse(&ss, kind, family, text, strlen(text), &e), &e);
	net_socks_sort(&ss);
}

static void test_tcp_lines(void **state)
{
	static const char text[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
		"   0: 0100007F:1092 0200007F:C350 01 00000001:00000002 02:000000A0 00000000  1000        0 4711 1 0 100 0 0 10 0\n"
		"   1: 0100007F:1092\n"
		"   2: 0100007F:109Z 0200007F:C350 01 0:0 0:0 0 0 0 1\n"
		"   3: 0100007F 0200007F:C350 01 00000001:00000002 02:000000A0 00000000 0 0 1\n";
	char address[INET6_ADDRSTRLEN];
	const struct net_sock *s = NULL;

	(void)state;
	parse(NET_TCP, AF_INET, text);
	assert_int_equal(ss.n, 1);
	s = &ss.v[0];
	assert_int_equal(s->local_port, 4242);
	assert_int_equal(s->remote_port, 50000);
	assert_string_equal(
		inet_ntop(AF_INET, s->remote, address, sizeof(address)),
		"127.0.0.2");
	assert_int_equal(s->inode, 4711);
	assert_int_equal(s->uid, 1000);
	assert_int_equal(s->tx_queue, 1);
	assert_int_equal(s->rx_queue, 2);
	assert_int_equal(s->timer, 2);
	assert_int_equal(s->timer_ms, 1600);
	assert_string_equal(net_sock_state(s), "ESTABLISHED");
}

static void test_tcp6_line(void **state)
{
	char address[INET6_ADDRSTRLEN];

	(void)state;
	parse(NET_TCP, AF_INET6,
		"   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000005 00:00000000 00000000     0        0 99 1 0\n");
	assert_int_equal(ss.n, 1);
	assert_string_equal(
		inet_ntop(AF_INET6, ss.v[0].local, address, sizeof(address)),
		"::1");
	assert_true(net_sock_listens(&ss.v[0]));
	assert_false(ss.v[0].present & NET_HAS_QUEUES);
}

static void test_unix_lines(void **state)
{
	(void)state;
	parse(NET_UNIX, AF_UNIX,
		"Num       RefCount Protocol Flags    Type St Inode Path\n"
		"0000000000000001: 00000002 00000000 00010000 0001 01  10 /tmp/a b\n"
		"0000000000000002: 00000003 00000000 00000000 0002 03  11 @x\n"
		"0000000000000003: 00000003 00000000 00000000 0001 03  12\n"
		"0000000000000003: 00000003 00000000 00000000 0001 03  0\n");
	assert_int_equal(ss.n, 3);
	assert_int_equal(ss.v[0].name_len, 8);
	assert_memory_equal(ss.v[0].name, "/tmp/a b", 8);
	assert_true(net_sock_listens(&ss.v[0]));
	assert_memory_equal(ss.v[1].name, "\0x", 2);
	assert_int_equal(ss.v[1].type, SOCK_DGRAM);
	assert_int_equal(ss.v[2].name_len, 0);
	assert_string_equal(net_sock_state(&ss.v[2]), "ESTABLISHED");
}

static void test_merge(void **state)
{
	static const uint8_t filter[16] = "0123456789abcde";
	struct net_sock a = { .family = AF_INET,
		.inode = 5,
		.type = SOCK_STREAM,
		.protocol = IPPROTO_TCP,
		.seen_by = NET_BY_ITERATOR,
		.present = NET_HAS_BYTES | NET_HAS_FILTER,
		.filter_n = 2,
		.bytes_acked = 7 };
	struct net_sock b = a, wait = { .family = AF_INET,
		.state = 6,
		.protocol = IPPROTO_TCP,
		.local_port = 1 };
	struct err e = { 0 };

	(void)state;
	b.seen_by = NET_BY_DIAG;
	b.cookie = 77;
	b.present = NET_HAS_BYTES | NET_HAS_UID;
	b.uid = 3;
	b.bytes_acked = 9;
	assert_ok(net_socks_see(&ss, &a, filter, &e), &e);
	/* Twice by one witness is one socket. */
	assert_ok(net_socks_see(&ss, &a, filter, &e), &e);
	assert_ok(net_socks_see(&ss, &wait, NULL, &e), &e);
	wait.local_port = 2;
	assert_ok(net_socks_see(&ss, &wait, NULL, &e), &e);
	net_socks_sort(&ss);
	assert_int_equal(ss.n, 3);
	assert_ok(net_socks_see(&ss, &b, NULL, &e), &e);
	net_socks_sort(&ss);
	assert_int_equal(ss.n, 3);
	assert_non_null(net_socks_find(&ss, &a));
	a = *net_socks_find(&ss, &a);
	assert_int_equal(a.seen_by, NET_BY_ITERATOR | NET_BY_DIAG);
	assert_int_equal(a.bytes_acked, 7);
	assert_int_equal(a.uid, 3);
	assert_int_equal(a.cookie, 77);
	assert_int_equal(a.filter_n, 2);
	assert_memory_equal(ss.filters.data + a.filter_at, filter, 16);
	wait.local_port = 3;
	assert_null(net_socks_find(&ss, &wait));
}

static void test_full(void **state)
{
	struct net_sock s = { .family = AF_INET };
	struct err e = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= NET_SOCKS_MAX + 5; i++) {
		s.inode = i;
		assert_ok(net_socks_see(&ss, &s, NULL, &e), &e);
	}
	assert_int_equal(ss.n, NET_SOCKS_MAX);
	assert_int_equal(ss.lost, 5);
}

static void test_owners(void **state)
{
	struct net_owners os = { 0 };
	struct net_owner o[] = { { 9, 1, 3, 0 }, { 5, 2, 4, 0 }, { 9, 1, 2, 0 } };
	const struct net_owner *found;
	struct err e = { 0 };
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(o); i++)
		assert_ok(net_owners_add(&os, &o[i], &e), &e);
	net_owners_sort(&os);
	found = net_owners_find(&os, 9, &n);
	assert_non_null(found);
	assert_int_equal(n, 2);
	assert_int_equal(found[0].fd, 2);
	assert_int_equal(found[1].fd, 3);
	assert_null(net_owners_find(&os, 6, &n));
	assert_null(net_owners_find(&os, 10, &n));
	net_owners_done(&os);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tcp_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tcp6_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_unix_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_merge, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
