// SPDX-License-Identifier: Apache-2.0
/* What /proc says of a task, and what a rootkit might make of it. */
#include <errno.h>

#include "live/procfs.h"
#include "unit/unit.h"

enum { HZ = 100 };

#define REST                                                                   \
	" S 41 42 43 34817 42 4194304 1 2 3 4 150 250 5 6 20 0 1 0 123456 "    \
	"99 3 18446744073709551615 0\n"

static void test_stat(void **state)
{
	static const char *const names[] = { "sh", "a) S 1 (b", "a\nb", ")",
		"(", "", "\xff\xfe", "fifteen bytes .." };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct live_task t = { .pid = 7 };
		struct err e = { 0 };
		char text[256];

		(void)snprintf(text, sizeof(text), "42 (%s)" REST, names[i]);
		assert_ok(procfs_stat(&t, text, strlen(text), HZ, &e), &e);
		assert_int_equal(strncmp(t.comm, names[i], 15), 0);
		assert_int_equal(t.comm[15], 0);
		assert_int_equal(t.state, 'S');
		assert_int_equal(t.ppid, 41);
		assert_int_equal(t.pgid, 42);
		assert_int_equal(t.session, 43);
		assert_string_equal(t.tty, "pts1");
		assert_int_equal(t.user_ns, 1500000000);
		assert_int_equal(t.system_ns, 2500000000);
		assert_int_equal(t.start_boot_ns, 1234560000000);
		assert_int_equal(t.rss_bytes, 3 * sysconf(_SC_PAGESIZE));
		assert_int_equal(t.is_kthread, 0);
	}
}

static void test_kernel_thread(void **state)
{
	static const char text[] =
		"2 (kthreadd) I 0 0 0 0 -1 2129984 0 0 0 0 0 4 0 0 20 0 1 0 9 0 0";
	struct live_task t = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(procfs_stat(&t, text, sizeof(text) - 1, HZ, &e), &e);
	assert_int_equal(t.is_kthread, 1);
	assert_int_equal(t.state, 'I');
	assert_false(t.present & LIVE_HAS_TTY);
}

static void test_bad_stat(void **state)
{
	static const struct {
		const char *text;
		const char *part;
	} bad[] = {
		{ "", "not that of a process" },
		{ "1", "not that of a process" },
		{ "1 (a", "not that of a process" },
		{ "1 )a(", "not that of a process" },
		{ "1 (a)", "not that of a process" },
		{ "1 (a) S", "no number in field 4" },
		{ "1 (a)xS 1", "not that of a process" },
		{ "1 (a) S 1 x", "no number in field 5" },
		{ "1 (a) ) 1 1", "no letter as its state" },
		{ "1 (a) ? 1 1", "no letter as its state" },
		{ "1 (a) S 1 1 1 0 -1 0 0 0 0 0 1099511627777 0",
			"no number in field 14" },
		{ "1 (a) S 99999999999999999999 1", "no number in field 4" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct live_task t = { 0 };
		struct err e = { 0 };

		assert_err(procfs_stat(&t, bad[i].text, strlen(bad[i].text), HZ,
				   &e),
			-EBADMSG, &e, bad[i].part);
	}
}

static const char status[] =
	"Name:\tUid:\\n\nUmask:\t0022\nState:\tS (sleeping)\nTracerPid:\t9\n"
	"Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\nGroups:\t4 24 1000 \n"
	"NStgid:\t42\t7\nNSpid:\t43\t8\t3\n"
	"CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n"
	"CapEff:\t0000000000000400\nCapBnd:\t00000000a80425fb\n"
	"CapAmb:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2\n";

static void test_status(void **state)
{
	struct live_task t = { 0 };
	uint32_t groups[PROCFS_GROUPS_MAX];

	(void)state;
	procfs_status(&t, status, sizeof(status) - 1);
	for (uint32_t i = 0; i < LIVE_ID_KINDS; i++) {
		assert_int_equal(t.uid[i], 1 + i);
		assert_int_equal(t.gid[i], 5 + i);
	}
	assert_int_equal(t.tracer, 9);
	assert_int_equal(t.ns_tid, 3);
	assert_int_equal(t.cap[LIVE_CAP_PERMITTED], 0x1ffffffffff);
	assert_int_equal(t.cap[LIVE_CAP_EFFECTIVE], 0x400);
	assert_int_equal(t.cap[LIVE_CAP_BOUNDING], 0xa80425fb);
	assert_int_equal(t.cap[LIVE_CAP_AMBIENT], 1);
	assert_int_equal(t.no_new_privs, 1);
	assert_int_equal(t.seccomp, 2);
	assert_int_equal(t.present, LIVE_HAS_IDS | LIVE_HAS_CAPS |
					    LIVE_HAS_TRACER |
					    LIVE_HAS_NO_NEW_PRIVS |
					    LIVE_HAS_SECCOMP | LIVE_HAS_NS_TID);
	assert_int_equal(procfs_groups(groups, status, sizeof(status) - 1), 3);
	assert_int_equal(groups[0], 4);
	assert_int_equal(groups[2], 1000);
}

/* What is not there, or no number, is not told. */
static void test_poor_status(void **state)
{
	static const char *const texts[] = { "", "\n", "Uid:\n",
		"Uid:\t1\t2\t3\n", "Uid:\t1\t2\t3\t4\n",
		"Gid:\t1\t2\t3\t4294967296\n", "CapInh:\t0\nCapPrm:\t0\n",
		"Seccomp:\tx\n", "Seccomp:" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct live_task t = { 0 };

		procfs_status(&t, texts[i], strlen(texts[i]));
		assert_int_equal(t.present, 0);
	}
}

static void test_many_groups(void **state)
{
	static char text[16384] = "Groups:\t";
	uint32_t groups[PROCFS_GROUPS_MAX];
	size_t len = strlen(text);

	(void)state;
	for (unsigned i = 0; i < PROCFS_GROUPS_MAX + 5; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u ", i);
	assert_int_equal(procfs_groups(groups, text, len), PROCFS_GROUPS_MAX + 5);
	assert_int_equal(groups[PROCFS_GROUPS_MAX - 1], PROCFS_GROUPS_MAX - 1);
}

static void test_number(void **state)
{
	static const char *const bad[] = { "", "\n", "-", "-\n", " 1", "1 ",
		"1\n\n", "x", "9223372036854775808", "- 1" };
	int64_t v = 5;

	(void)state;
	assert_int_equal(procfs_number(&v, "4294967295\n", 11), 0);
	assert_int_equal(v, 4294967295);
	assert_int_equal(procfs_number(&v, "-1000", 5), 0);
	assert_int_equal(v, -1000);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			procfs_number(&v, bad[i], strlen(bad[i])), -EBADMSG);
	assert_int_equal(v, -1000);
}

static void test_tty(void **state)
{
	static const struct {
		unsigned device;
		const char *name;
	} ttys[] = { { 0x401, "tty1" }, { 0x440, "ttyS0" }, { 0x8800, "pts0" },
		{ 0x8901, "pts257" }, { 0x501, "" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ttys); i++) {
		struct live_task t = { 0 };
		struct err e = { 0 };
		char text[256];

		(void)snprintf(text, sizeof(text),
			"1 (a) S 1 1 1 %u -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0",
			ttys[i].device);
		assert_ok(procfs_stat(&t, text, strlen(text), HZ, &e), &e);
		assert_string_equal(t.tty, ttys[i].name);
		assert_int_equal(
			!!(t.present & LIVE_HAS_TTY), ttys[i].name[0] != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stat),
		cmocka_unit_test(test_kernel_thread),
		cmocka_unit_test(test_bad_stat),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_poor_status),
		cmocka_unit_test(test_many_groups),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_tty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
