// SPDX-License-Identifier: Apache-2.0
/* Answers of sock_diag that are made up, rewritten ones too; filters as text. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "net/cbpf.h"
#include "net/diag.h"
#include "net/loaded.h"
#include "net/netlink.h"
#include "unit/unit.h"

enum { ROOM = 2048 };

static uint8_t room[ROOM];
static size_t len;

static void add(const void *p, size_t n)
{
	memcpy(room + len, p, n);
	len += (n + 3) & ~(size_t)3;
}

static void add_attribute(uint16_t type, const void *p, size_t n)
{
	uint16_t head[2] = { (uint16_t)(n + 4), type };

	memcpy(room + len, head, sizeof(head));
	memcpy(room + len + 4, p, n);
	len += 4 + ((n + 3) & ~(size_t)3);
}

static struct netlink_message message(void)
{
	return (struct netlink_message){ .type = 20, .body = room, .len = len };
}

static void begin(void)
{
	memset(room, 0, sizeof(room));
	len = 0;
}

static struct inet_diag_msg tcp_msg(void)
{
	struct inet_diag_msg m = { .idiag_family = AF_INET,
		.idiag_state = 1,
		.idiag_timer = 2,
		.idiag_expires = 5000,
		.idiag_uid = 33,
		.idiag_inode = 4711,
		.idiag_rqueue = 1,
		.idiag_wqueue = 2 };

	m.id.idiag_sport = htons(80);
	m.id.idiag_dport = htons(40000);
	m.id.idiag_src[0] = htonl(0x7f000001);
	m.id.idiag_cookie[0] = 9;
	m.id.idiag_cookie[1] = 1;
	return m;
}

static void test_tcp(void **state)
{
	struct inet_diag_msg head = tcp_msg();
	struct netlink_message m;
	const uint8_t *filter;
	uint32_t mark = 7;
	struct net_sock s;

	(void)state;
	begin();
	add(&head, sizeof(head));
	add_attribute(INET_DIAG_MARK, &mark, sizeof(mark));
	m = message();
	assert_int_equal(diag_decode(&s, &filter, NET_TCP, &m), 0);
	assert_null(filter);
	assert_int_equal(s.local_port, 80);
	assert_int_equal(s.remote_port, 40000);
	assert_int_equal(s.inode, 4711);
	assert_int_equal(s.cookie, 9 | 1ULL << 32);
	assert_int_equal(s.uid, 33);
	assert_int_equal(s.mark, 7);
	assert_int_equal(s.timer_ms, 5000);
	assert_string_equal(net_sock_state(&s), "ESTABLISHED");
	assert_string_equal(net_kind_name(net_sock_kind(&s)), "tcp");
	assert_false(net_sock_listens(&s));
	m.len = sizeof(head) - 1;
	assert_int_equal(diag_decode(&s, &filter, NET_TCP, &m), -EBADMSG);
	assert_int_equal(diag_decode(&s, &filter, NET_UNIX, &m), -EBADMSG);
}

/* A message made longer, so that it covers the one behind it. */
static void test_merged(void **state)
{
	struct inet_diag_msg head = tcp_msg();
	uint32_t hidden[4] = { 16 + sizeof(head), 20 | 2 << 16, 1, 7 };
	struct netlink_message m;
	const uint8_t *filter;
	struct net_sock s;

	(void)state;
	begin();
	add(&head, sizeof(head));
	add(hidden, sizeof(hidden));
	add(&head, sizeof(head));
	m = message();
	assert_int_equal(diag_decode(&s, &filter, NET_TCP, &m), 1);
	m.len -= 1;
	assert_int_equal(diag_decode(&s, &filter, NET_TCP, &m), 1);
}

static void test_merged_unix(void **state)
{
	struct unix_diag_msg head = { .udiag_family = AF_UNIX,
		.udiag_type = SOCK_STREAM,
		.udiag_state = 10,
		.udiag_ino = 99 };
	uint32_t hidden[4] = { 16 + sizeof(head), 20 | 2 << 16, 1, 7 };
	struct netlink_message m;
	const uint8_t *filter;
	struct net_sock s;

	(void)state;
	begin();
	add(&head, sizeof(head));
	add_attribute(UNIX_DIAG_NAME, "/tmp/x", 7);
	m = message();
	assert_int_equal(diag_decode(&s, &filter, NET_UNIX, &m), 0);
	assert_int_equal(s.name_len, 7);
	assert_true(net_sock_listens(&s));
	begin();
	add(&head, sizeof(head));
	add_attribute(UNIX_DIAG_NAME, "\0x", 2);
	m = message();
	assert_int_equal(diag_decode(&s, &filter, NET_UNIX, &m), 0);
	begin();
	add(&head, sizeof(head));
	add(hidden, sizeof(hidden));
	add(&head, sizeof(head));
	m = message();
	assert_int_equal(diag_decode(&s, &filter, NET_UNIX, &m), 1);
}

static const struct sock_filter door[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0, 6),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 4),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 34),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x7255, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0xffff),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* As tcpdump has them: "tcp port 8080" and "arp", which wait for nothing. */
static const struct sock_filter port[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0806, 5, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 14),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8080, 2, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8080, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 262144),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static void test_filter(void **state)
{
	static const char want[] = "(000) ldh      [12]\n"
				   "(001) jeq      #0x800          jt 2\tjf 8\n"
				   "(002) ldb      [23]\n"
				   "(003) jeq      #0x6            jt 4\tjf 8\n"
				   "(004) ldxb     4*([14]&0xf)\n"
				   "(005) ldh      [x + 34]\n"
				   "(006) jeq      #0x7255         jt 7\tjf 8\n"
				   "(007) ret      #65535\n"
				   "(008) ret      #0\n";
	struct packet_diag_msg head = { .pdiag_family = AF_PACKET,
		.pdiag_type = SOCK_RAW,
		.pdiag_ino = 55 };
	AUTO_BUF struct buf text = { 0 };
	struct netlink_message m;
	const uint8_t *filter;
	struct err e = { 0 };
	struct net_sock s;
	uint32_t magic = 0;

	(void)state;
	begin();
	add(&head, sizeof(head));
	add_attribute(PACKET_DIAG_FILTER, door, sizeof(door));
	m = message();
	assert_int_equal(diag_decode(&s, &filter, NET_PACKET, &m), 0);
	assert_int_equal(s.filter_n, ARRAY_LEN(door));
	assert_memory_equal(filter, door, sizeof(door));
	buf_init(&text, 4096);
	assert_ok(cbpf_text(&text, filter, sizeof(door), &e), &e);
	assert_string_equal(buf_string(&text, &e), want);
	assert_int_equal(cbpf_magic(&magic, filter, sizeof(door)), 1);
	assert_int_equal(magic, 0x7255);
	assert_int_equal(
		cbpf_magic(&magic, (const uint8_t *)port, sizeof(port)), 0);
}

static void test_loaded(void **state)
{
	static const char modules[] = "xtcp_diag 1 0 - Live\n"
				      "udp_diag 16384 0 - Live 0x0\n";
	static const char builtin[] = "kernel/net/unix/unix_diag.ko\n"
				      "kernel/net/ipv4/xraw_diag.ko\n";

	(void)state;
	assert_true(loaded_in(modules, "udp_diag"));
	assert_false(loaded_in(modules, "tcp_diag"));
	assert_false(loaded_in(modules, "udp"));
	assert_true(loaded_built_in(builtin, "unix_diag"));
	assert_false(loaded_built_in(builtin, "raw_diag"));
	assert_false(loaded_built_in(builtin, "unix"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_merged_unix),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
