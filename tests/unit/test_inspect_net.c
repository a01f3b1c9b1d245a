// SPDX-License-Identifier: Apache-2.0
/* Sockets and the memory of processes in a made-up kernel. */
#include <errno.h>
#include <sys/socket.h>

#include "inspect/compare.h"
#include "inspect/file_path.h"
#include "inspect/socket.h"
#include "inspect/space.h"
#include "unit/inspect_world.h"

/* Where what lies, physically. */
enum {
	N_LIST = 0x28000, /* net_namespace_list */
	N_NET = 0x28100,
	N_HASH = 0x28400, /* inet_hashinfo, udp_table */
	N_EHASH = 0x29000, /* two buckets */
	N_LHASH = 0x29100,
	N_UDP = 0x29200,
	N_UNIX = 0x29800, /* 512 buckets */
	N_SOCKS = 0x2b000, /* of 0x100 bytes each */
	M_MM = 0x30000,
	M_NODE = 0x30100, /* aligned, 256 bytes */
	M_AREAS = 0x30200, /* of 0x40 bytes each */
	M_FILE = 0x30400,
	M_PATH = 0x30500, /* dentries, mounts, names */
	M_TABLES = 0x34000, /* four pages */
};

static struct world w;

static int set_up(void **state)
{
	(void)state;
	world_init(&w);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&w);
	return 0;
}

/* --- sockets --- */

static uint64_t put_socket(unsigned n, uint16_t family, uint8_t tcp_state,
	uint16_t port, uint64_t next)
{
	const uint64_t at = N_SOCKS + 0x100 * (uint64_t)n;
	const struct {
		const char *type, *path;
		uint64_t v;
	} members[] = { { "sock_common", "skc_family", family },
		{ "sock_common", "skc_state", tcp_state },
		{ "sock_common", "skc_num", port },
		{ "sock_common", "skc_dport", 0x5000 }, /* 80, big-endian */
		{ "sock_common", "skc_rcv_saddr", 0x0100007f },
		{ "sock_common", "skc_net.net", VA(N_NET) },
		{ "sock", "sk_socket", VA(at + 0xc0) },
		{ "sock", "sk_uid", 1000 + n }, { "sock", "sk_type", 1 },
		{ "sock", "sk_protocol", 6 } };
	const uint32_t node = fake_image_at(&w.image, "sock_common", "skc_node");

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		put_member(
			&w, at, members[i].type, members[i].path, members[i].v);
	/* struct socket_alloc: the socket, and the inode behind it. */
	fake_image_put(&w.image,
		at + 0xc0 + fake_image_at(&w.image, "socket_alloc", "vfs_inode") -
			fake_image_at(&w.image, "socket_alloc", "socket"),
		500 + n);
	fake_image_put(&w.image, at + node, next);
	return VA(at + node);
}

static void put_net(void)
{
	const uint64_t udp = N_HASH + 0x100;
	const struct {
		uint64_t at;
		const char *type, *path;
		uint64_t v;
	} members[] = {
		{ N_NET, "net", "ns.inum", 4026531840 },
		{ N_NET, "net", "ipv4.tcp_death_row.hashinfo", VA(N_HASH) },
		{ N_NET, "net", "ipv4.udp_table", VA(udp) },
		{ N_NET, "net", "unx.table.buckets", VA(N_UNIX) },
		{ N_HASH, "inet_hashinfo", "ehash", VA(N_EHASH) },
		{ N_HASH, "inet_hashinfo", "ehash_mask", 1 },
		{ N_HASH, "inet_hashinfo", "lhash2", VA(N_LHASH) },
		{ N_HASH, "inet_hashinfo", "lhash2_mask", 0 },
		{ udp, "udp_table", "hash", VA(N_UDP) },
		{ udp, "udp_table", "mask", 0 },
	};

	put_list(&w, N_LIST);
	put_list(&w, N_NET + fake_image_at(&w.image, "net", "list"));
	add_list(&w, N_LIST, N_NET + fake_image_at(&w.image, "net", "list"));
	fake_image_symbol(&w.image, "net_namespace_list", VA(N_LIST), 0);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		put_member(&w, members[i].at, members[i].type, members[i].path,
			members[i].v);
	fake_image_put(&w.image, N_EHASH, 1); /* the end of a nulls list */
	fake_image_put(&w.image, N_EHASH + 8,
		put_socket(0, AF_INET, 1, 22, put_socket(1, AF_INET, 6, 23, 3)));
	fake_image_put(&w.image, N_LHASH + 8, put_socket(2, AF_INET, 10, 22, 5));
	fake_image_put(&w.image, N_UDP, put_socket(3, AF_INET, 7, 53, 0));
}

static void see(struct sockets_seen *ss)
{
	struct err e = { 0 };

	assert_ok(sockets_see(ss, &w.image.captured, &e), &e);
}

static void test_sockets(void **state)
{
	struct sockets_seen ss;

	(void)state;
	put_net();
	see(&ss);
	for (int i = 0; i < SOCKET_TABLES; i++)
		assert_string_equal(ss.why[i].msg, "");
	assert_int_equal(ss.namespaces, 1);
	assert_int_equal(ss.n, 4);
	assert_int_equal(ss.v[0].state, 1);
	assert_int_equal(ss.v[0].local_port, 22);
	assert_int_equal(ss.v[0].remote_port, 80);
	assert_int_equal(ss.v[0].local[0], 127);
	assert_int_equal(ss.v[0].inode, 500);
	assert_int_equal(ss.v[0].uid, 1000);
	assert_int_equal(ss.v[0].netns, 4026531840);
	/* TIME_WAIT has neither file nor owner. */
	assert_int_equal(ss.v[1].inode, 0);
	assert_int_equal(ss.v[1].uid, 0);
	assert_int_equal(ss.v[2].state, 10);
	assert_int_equal(ss.v[3].local_port, 53);
	sockets_seen_done(&ss);
}

static void test_unix(void **state)
{
	const uint64_t name = N_SOCKS + 0xf00;
	struct sockets_seen ss;

	(void)state;
	put_net();
	fake_image_put(
		&w.image, N_UNIX + 8 * 511, put_socket(4, AF_UNIX, 10, 0, 0));
	put_member(&w, N_SOCKS + 0x400, "unix_sock", "addr", VA(name));
	put_member(&w, name, "unix_address", "len", 2 + 5);
	memcpy(w.data + name + 8 + 2, "/sock", 5);
	see(&ss);
	assert_int_equal(ss.n, 5);
	assert_int_equal(ss.v[4].family, AF_UNIX);
	assert_int_equal(ss.v[4].name_len, 5);
	assert_memory_equal(ss.v[4].name, "/sock", 5);
	sockets_seen_done(&ss);
}

static void test_bad_tables(void **state)
{
	struct sockets_seen ss;

	(void)state;
	put_net();
	/* A chain that leads to itself, and a table larger than any. */
	fake_image_put(&w.image,
		N_SOCKS + 0x300 +
			fake_image_at(&w.image, "sock_common", "skc_node"),
		VA(N_SOCKS + 0x300 +
			fake_image_at(&w.image, "sock_common", "skc_node")));
	put_member(&w, N_HASH, "inet_hashinfo", "ehash_mask", 0x7fffffff);
	see(&ss);
	assert_non_null(strstr(ss.why[SOCKETS_CONNECTED].msg, "buckets"));
	assert_non_null(strstr(ss.why[SOCKETS_UDP].msg, "more than"));
	assert_string_equal(ss.why[SOCKETS_LISTENING].msg, "");
	sockets_seen_done(&ss);
	fake_image_symbol(&w.image, "net_namespace_list", 0, 0);
	see(&ss);
	assert_int_equal(ss.n, 0);
	assert_string_equal(
		ss.why[SOCKETS_UNIX].msg, "no symbol net_namespace_list");
	sockets_seen_done(&ss);
}

static void test_hidden_socket(void **state)
{
	struct snapshot_socket live[] = {
		{ .inode = 500, .netns = 4026531840 },
		{ .inode = 503, .netns = 4026531840 },
		{ .inode = 900, .netns = 4026531840 },
	};
	uint32_t netns[] = { 4026531840, 4026531840, 4026531840 };
	struct snapshot s = {
		.sockets = live, .sockets_n = ARRAY_LEN(live), .netns = netns
	};
	struct verdicts vs = { 0 };
	struct churn churn = { 0 };
	struct sockets_seen ss;
	struct err e = { 0 };

	(void)state;
	put_net();
	see(&ss);
	assert_ok(compare_sockets(&vs, &churn, &ss, &s, &e), &e);
	assert_int_equal(vs.n, 1);
	assert_string_equal(vs.v[0].rule->id, "socket.hidden-from-snapshot");
	assert_int_equal(vs.v[0].ref.id, 502);
	assert_non_null(strstr(vs.v[0].detail, "listening"));
	verdicts_done(&vs);
	/* Nothing newer is told: it may have come after. */
	s.sockets_n = 2;
	live[1].inode = 501;
	assert_ok(compare_sockets(&vs, &churn, &ss, &s, &e), &e);
	assert_int_equal(vs.n, 0);
	assert_int_equal(churn.sockets, 2);
	sockets_seen_done(&ss);
}

/* --- the memory of a process --- */

static void put_area(
	unsigned n, uint64_t start, uint64_t end, uint64_t flags, uint64_t file)
{
	const uint64_t at = M_AREAS + 0x40 * (uint64_t)n;

	put_member(&w, at, "vm_area_struct", "vm_start", start);
	put_member(&w, at, "vm_area_struct", "vm_end", end);
	put_member(&w, at, "vm_area_struct", "vm_flags", flags);
	put_member(&w, at, "vm_area_struct", "vm_file", file);
	/* A leaf: each area in the slot that its last index says, none between. */
	fake_image_put(&w.image, M_NODE + 8 + 16 * (uint64_t)n, start - 1);
	fake_image_put(&w.image, M_NODE + 8 + 16 * (uint64_t)n + 8, end - 1);
	fake_image_put(&w.image, M_NODE + 8 * (16 + 2 * (uint64_t)n + 1), VA(at));
}

/* 0x400000: code of a file, 0x600000: data; pages of both, and one of none. */
static void put_space(void)
{
	put_member(&w, w.good, "task_struct", "mm", VA(M_MM));
	put_member(&w, M_MM, "mm_struct", "mm_mt.ma_root",
		VA(M_NODE) | 1 << 3 | 2);
	put_member(&w, M_MM, "mm_struct", "pgd", VA(M_TABLES));
	put_area(0, 0x400000, 0x402000, 5, VA(M_FILE));
	put_area(1, 0x600000, 0x603000, 3, 0);
	fake_image_put(&w.image, M_TABLES, (M_TABLES + 0x1000) | 7);
	fake_image_put(&w.image, M_TABLES + 0x1000, (M_TABLES + 0x2000) | 7);
	fake_image_put(
		&w.image, M_TABLES + 0x2000 + 8 * 2, (M_TABLES + 0x3000) | 7);
	fake_image_put(
		&w.image, M_TABLES + 0x2000 + 8 * 3, (M_TABLES + 0x3000) | 7);
	fake_image_put(&w.image, M_TABLES + 0x3000, 0x5000 | 5);
	fake_image_put(&w.image, M_TABLES + 0x3000 + 8, 0x40000000 | 5);
	fake_image_put(&w.image, M_TABLES + 0x3000 + 8 * 7, 0x6000 | 7);
}

struct found {
	size_t n;
	uint64_t resident[2], missing[2];
	size_t strays;
	uint64_t stray_bytes;
	char why[64];
	struct verdicts vs;
	const struct snapshot *live;
};

static int see_space(void *arg, const struct space *s, struct err *e)
{
	struct found *f = arg;

	f->n++;
	for (size_t i = 0; i < s->areas_n && i < 2; i++) {
		f->resident[i] = s->areas[i].resident_bytes;
		f->missing[i] = s->areas[i].missing_bytes;
	}
	f->strays = s->strays_n;
	f->stray_bytes = s->stray_bytes;
	(void)snprintf(f->why, sizeof(f->why), "%.60s", s->why.msg);
	return compare_space(&f->vs, &w.image.captured, s, f->live, e);
}

static void look(struct found *f, const struct snapshot *live)
{
	struct tasks ts;
	struct err e = { 0 };

	*f = (struct found){ .live = live };
	assert_ok(tasks_see(&ts, &w.image.captured, &e), &e);
	assert_ok(spaces_each(&w.image.captured, &ts, 0, see_space, f, &e), &e);
	tasks_done(&ts);
}

static void test_space(void **state)
{
	struct snapshot_task task = {
		.tid = 1, .pid = 1, .start_boot_ns = 1000000000
	};
	struct snapshot_mapping mapping = { 1, 0x900000, 0x901000 };
	struct snapshot live = { 0 };
	struct found f;

	(void)state;
	put_space();
	look(&f, &live);
	assert_string_equal(f.why, "");
	assert_int_equal(f.n, 1);
	/* The same last table twice: two pages in each area, two in none. */
	assert_int_equal(f.resident[0], 0x2000);
	assert_int_equal(f.missing[0], 0x1000);
	assert_int_equal(f.resident[1], 0x2000);
	assert_int_equal(f.strays, 2);
	assert_int_equal(f.stray_bytes, 0x2000);
	assert_int_equal(f.vs.n, 2);
	assert_string_equal(f.vs.v[0].rule->id, "mapping.pages-in-none");
	assert_int_equal(f.vs.v[0].ref.id, 0x407000);
	verdicts_done(&f.vs);
	/* A live picture that has the process, and not this code of it. */
	live = (struct snapshot){
		.tasks = &task, .tasks_n = 1, .mappings = &mapping, .mappings_n = 1
	};
	look(&f, &live);
	assert_int_equal(f.vs.n, 3);
	assert_string_equal(f.vs.v[0].rule->id, "mapping.hidden-from-snapshot");
	assert_int_equal(f.vs.v[0].ref.id, 0x400000);
	verdicts_done(&f.vs);
	mapping = (struct snapshot_mapping){ 1, 0x400000, 0x402000 };
	look(&f, &live);
	assert_int_equal(f.vs.n, 2);
	verdicts_done(&f.vs);
	/* One that was unmapped after it told of it. */
	mapping = (struct snapshot_mapping){ 1, 0x400000, 0x408000 };
	look(&f, &live);
	assert_int_equal(f.vs.n, 1);
	verdicts_done(&f.vs);
	/* Of a process that began after it, pages and mappings may differ. */
	task.start_boot_ns += 1000000000;
	look(&f, &live);
	assert_int_equal(f.vs.n, 0);
}

static void test_bad_space(void **state)
{
	const struct snapshot live = { 0 };
	struct found f;

	(void)state;
	put_space();
	/* Areas that lie one over the other: no page is said to be nobody's. */
	put_member(&w, M_AREAS + 0x40, "vm_area_struct", "vm_start", 0x401000);
	look(&f, &live);
	assert_non_null(strstr(f.why, "an area from 0x401000"));
	assert_int_equal(f.vs.n, 0);
	/* A tree that leads to itself. */
	put_member(&w, M_MM, "mm_struct", "mm_mt.ma_root",
		VA(M_NODE) | 2 << 3 | 2);
	for (uint64_t i = 0; i < 16; i++)
		fake_image_put(
			&w.image, M_NODE + 8 * (16 + i), VA(M_NODE) | 2 << 3);
	look(&f, &live);
	assert_non_null(strstr(f.why, "nodes of a tree"));
	put_member(&w, M_MM, "mm_struct", "mm_mt.ma_root", 9 << 3 | 2);
	look(&f, &live);
	assert_string_equal(f.why, "a node of type 9");
}

static void test_path(void **state)
{
	const uint64_t mount = M_PATH + 0x200, name = M_PATH + 0x300;
	char path[32];

	(void)state;
	/* /bin/sh: "sh" below the root of a mount at "bin" of the first root. */
	put_member(&w, M_FILE, "file", "f_path.dentry", VA(M_PATH));
	put_member(&w, M_FILE, "file", "f_path.mnt",
		VA(mount + fake_image_at(&w.image, "mount", "mnt")));
	put_member(&w, M_PATH, "dentry", "d_parent", VA(M_PATH + 0x40));
	put_member(&w, M_PATH, "dentry", "d_name.name", VA(name));
	put_member(&w, M_PATH + 0x40, "dentry", "d_parent", VA(M_PATH + 0x40));
	put_member(&w, mount, "mount", "mnt.mnt_root", VA(M_PATH + 0x40));
	put_member(&w, mount, "mount", "mnt_parent", VA(mount + 0x80));
	put_member(&w, mount, "mount", "mnt_mountpoint", VA(M_PATH + 0x80));
	put_member(&w, M_PATH + 0x80, "dentry", "d_parent", VA(M_PATH + 0xc0));
	put_member(&w, M_PATH + 0x80, "dentry", "d_name.name", VA(name + 8));
	put_member(&w, M_PATH + 0xc0, "dentry", "d_parent", VA(M_PATH + 0xc0));
	put_member(&w, mount + 0x80, "mount", "mnt.mnt_root", VA(M_PATH + 0xc0));
	put_member(&w, mount + 0x80, "mount", "mnt_parent", VA(mount + 0x80));
	put_member(
		&w, mount + 0x80, "mount", "mnt_mountpoint", VA(M_PATH + 0xc0));
	memcpy(w.data + name, "sh\0\0\0\0\0\0bin", 11);
	assert_int_equal(
		file_path(path, sizeof(path), &w.image.captured, VA(M_FILE)), 0);
	assert_string_equal(path, "/bin/sh");
	/* What has no room is cut at its beginning. */
	assert_int_equal(file_path(path, 10, &w.image.captured, VA(M_FILE)), 0);
	assert_string_equal(path, ".../sh");
	/* Directories that lead to each other end. */
	put_member(&w, mount + 0x80, "mount", "mnt.mnt_root", 0);
	put_member(&w, M_PATH + 0xc0, "dentry", "d_parent", VA(M_PATH + 0x80));
	assert_int_equal(
		file_path(path, sizeof(path), &w.image.captured, VA(M_FILE)), 0);
	assert_memory_equal(path, "...", 3);
	assert_int_equal(file_path(path, sizeof(path), &w.image.captured, 0x1000),
		-EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sockets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_bad_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_hidden_socket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_space, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_space, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_path, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
