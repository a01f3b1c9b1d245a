// SPDX-License-Identifier: Apache-2.0
/* The list of tasks, and two witnesses of one task. */
#include "live/task.h"
#include "unit/unit.h"

static void see(struct live_tasks *ts, const struct live_task *t)
{
	struct err e = { 0 };

	assert_ok(live_tasks_see(ts, t, &e), &e);
}

/* By the iterator to the nanosecond, by /proc to the tick: one task. */
static void test_two_witnesses(void **state)
{
	const struct live_task iterator = { .pid = 9,
		.tid = 10,
		.start_boot_ns = 1234567890123,
		.seen_by = LIVE_BY_ITERATOR,
		.present = LIVE_HAS_SECCOMP | LIVE_HAS_TTY,
		.seccomp = 2,
		.ns = { [LIVE_NS_NET] = 7 },
		.tty = "pts1",
		.comm = "kworker/0:1" };
	const struct live_task proc = { .pid = 9,
		.tid = 10,
		.start_boot_ns = 1234560000000,
		.seen_by = LIVE_BY_PROC,
		.present = LIVE_HAS_SECCOMP | LIVE_HAS_RSS | LIVE_HAS_IDS |
			   LIVE_HAS_CAPS | LIVE_HAS_EXE,
		.seccomp = 1,
		.rss_bytes = 4096,
		.uid = { 1, 2, 3, 4 },
		.cap = { 5, 6, 7, 8, 9 },
		.exe_inode = 11,
		.ns = { [LIVE_NS_NET] = 8, [LIVE_NS_MNT] = 9 },
		.comm = "kworker/0:1-eve" };
	AUTO_TASKS struct live_tasks ts = { 0 };

	(void)state;
	see(&ts, &iterator);
	live_tasks_sort(&ts);
	see(&ts, &proc);
	assert_int_equal(ts.n, 1);
	assert_int_equal(ts.v[0].seen_by, LIVE_BY_ITERATOR | LIVE_BY_PROC);
	assert_int_equal(ts.v[0].start_boot_ns, 1234567890123);
	assert_string_equal(ts.v[0].comm, "kworker/0:1");
	/* Who came first is right; what he did not say is filled in. */
	assert_int_equal(ts.v[0].seccomp, 2);
	assert_int_equal(ts.v[0].rss_bytes, 4096);
	assert_int_equal(ts.v[0].uid[LIVE_ID_FS], 4);
	assert_int_equal(ts.v[0].cap[LIVE_CAP_AMBIENT], 9);
	assert_int_equal(ts.v[0].exe_inode, 11);
	assert_int_equal(ts.v[0].ns[LIVE_NS_NET], 7);
	assert_int_equal(ts.v[0].ns[LIVE_NS_MNT], 9);
	assert_string_equal(ts.v[0].tty, "pts1");
	assert_int_equal(ts.v[0].present, iterator.present | proc.present);
}

/* An id that is used again is another task. */
static void test_used_again(void **state)
{
	struct live_task t = { .pid = 9, .tid = 9, .start_boot_ns = 50000000 };
	AUTO_TASKS struct live_tasks ts = { 0 };

	(void)state;
	see(&ts, &t);
	live_tasks_sort(&ts);
	t.start_boot_ns = 60000000;
	see(&ts, &t);
	t.start_boot_ns = 49999999;
	see(&ts, &t);
	t.start_boot_ns = 59999999;
	see(&ts, &t);
	live_tasks_sort(&ts);
	assert_int_equal(ts.n, 3);
	assert_int_equal(ts.v[0].start_boot_ns, 49999999);
	assert_int_equal(ts.v[1].start_boot_ns, 50000000);
	assert_int_equal(ts.v[2].start_boot_ns, 60000000);
}

static void test_order(void **state)
{
	AUTO_TASKS struct live_tasks ts = { 0 };

	(void)state;
	live_tasks_sort(&ts);
	for (uint32_t i = 0; i < 1000; i++)
		see(&ts, &(struct live_task){ .pid = i * 7919 % 100,
				 .tid = i * 104729 % 1000 });
	live_tasks_sort(&ts);
	for (size_t i = 1; i < ts.n; i++)
		assert_true(ts.v[i - 1].pid < ts.v[i].pid ||
			    (ts.v[i - 1].pid == ts.v[i].pid &&
				    ts.v[i - 1].tid <= ts.v[i].tid));
	/* All of them are found again. */
	for (uint32_t i = 0; i < 1000; i++)
		see(&ts, &(struct live_task){ .pid = i * 7919 % 100,
				 .tid = i * 104729 % 1000,
				 .seen_by = LIVE_BY_PROC });
	assert_int_equal(ts.n, 1000);
	for (size_t i = 0; i < ts.n; i++)
		assert_int_equal(ts.v[i].seen_by, LIVE_BY_PROC);
}

static void test_lost(void **state)
{
	AUTO_TASKS struct live_tasks ts = { 0 };

	(void)state;
	for (uint32_t i = 0; i < LIVE_TASKS_MAX + 3; i++)
		see(&ts, &(struct live_task){ .pid = i, .tid = i });
	assert_int_equal(ts.n, LIVE_TASKS_MAX);
	assert_int_equal(ts.lost, 3);
}

static void test_state(void **state)
{
	static const struct {
		uint32_t bits;
		char letter;
	} states[] = { { 0, 'R' }, { 1, 'S' }, { 2, 'D' }, { 4, 'T' },
		{ 8, 't' }, { 0x10, 'X' }, { 0x20, 'Z' }, { 0x402, 'I' },
		{ 0x2001, 'S' }, { 0x8000, 'D' }, { 0x102, 'D' },
		{ 0x80 | 0x10, 'X' }, { UINT32_MAX, 'I' } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(live_state(states[i].bits), states[i].letter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_witnesses),
		cmocka_unit_test(test_used_again),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
