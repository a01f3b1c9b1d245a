// SPDX-License-Identifier: Apache-2.0
/* Executables as the programs tell of them, made by the test. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "bpf/recorder.h"
#include "recorder/take.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { TMPFS = 0x01021994, GONE_PID = 0 };

static struct take *take;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_ok(take_new(&take, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	take_free(take);
	return 0;
}

static struct recorder_exec exec_of(uint64_t inode, uint64_t size, uint32_t exe)
{
	struct recorder_exec x = { .inode = inode,
		.size = size,
		.exe = exe,
		.minor = 3,
		.magic = TMPFS,
		.filename_bytes = sizeof("/x/evil") };

	x.head.kind = RECORDER_EXEC;
	x.head.bytes = sizeof(x);
	x.head.boot_ns = inode;
	x.head.pid = GONE_PID;
	memcpy(x.text, "/x/evil", sizeof("/x/evil"));
	return x;
}

static void put_page(uint64_t inode, uint64_t size, uint32_t index)
{
	struct recorder_page p = {
		.inode = inode, .size = size, .minor = 3, .index = index
	};

	memset(p.data, (int)('a' + index), sizeof(p.data));
	p.head.bytes = sizeof(p);
	take_page(take, &p, sizeof(p));
}

/* Its process is gone, and its pages come one by one. */
static void by_pages(void **state)
{
	struct recorder_exec x = exec_of(9, 4096 + 10, RECORDER_EXE_MEMFD);
	const struct taken_list *list;
	char bytes[4200];

	(void)state;
	take_executed(take, &x, sizeof(x));
	list = take_list(take);
	assert_int_equal(list->n, 1);
	assert_int_equal(list->v[0].fd, -1);
	assert_non_null(list->v[0].why_not);
	put_page(9, 4106, 0);
	list = take_list(take);
	assert_int_equal(list->v[0].copied_bytes, 4096);
	put_page(9, 4106, 1);
	put_page(9, 4106, 1);
	put_page(9, 4106, 2);
	take_executed(take, &x, sizeof(x));
	list = take_list(take);
	assert_int_equal(list->v[0].how, TAKEN_COPIED);
	assert_int_equal(list->v[0].copied_bytes, 4106);
	assert_int_equal(list->v[0].size_bytes, 4106);
	assert_int_equal(list->v[0].reasons, TAKEN_MEMFD);
	assert_int_equal(list->v[0].times, 2);
	assert_string_equal(list->v[0].path, "/x/evil");
	assert_null(list->v[0].why_not);
	assert_int_equal(pread(list->v[0].fd, bytes, sizeof(bytes), 0), 4106);
	assert_int_equal(bytes[4095], 'a');
	assert_int_equal(bytes[4105], 'b');
}

/* A page is missing: what is behind it does not count. */
static void with_a_hole(void **state)
{
	struct recorder_exec x = exec_of(9, 3 * 4096, RECORDER_EXE_DELETED);
	const struct taken_list *list;

	(void)state;
	put_page(9, 3 * 4096, 0);
	put_page(9, 3 * 4096, 2);
	take_executed(take, &x, sizeof(x));
	list = take_list(take);
	assert_int_equal(list->v[0].copied_bytes, 4096);
	assert_int_equal(list->v[0].reasons, TAKEN_DELETED);
}

/* A memfd of this very process, which stands for one that lives. */
static void by_exe(void **state)
{
	const struct taken_list *list;
	struct recorder_exec x;
	struct stat st;

	(void)state;
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	x = exec_of(st.st_ino, (uint64_t)st.st_size, RECORDER_EXE_WRITABLE);
	x.major = major(st.st_dev);
	x.minor = minor(st.st_dev);
	x.head.pid = (uint32_t)getpid();
	take_executed(take, &x, sizeof(x));
	list = take_list(take);
	assert_int_equal(list->n, 1);
	assert_true(list->v[0].fd >= 0);
	assert_int_equal(list->v[0].how, TAKEN_COPIED);
	assert_int_equal(list->v[0].copied_bytes, st.st_size);
	/* Another file with that process: not taken for it. */
	x.inode++;
	take_executed(take, &x, sizeof(x));
	list = take_list(take);
	assert_int_equal(list->n, 2);
	assert_int_equal(list->v[1].fd, -1);
}

static void not_worth_it(void **state)
{
	struct recorder_exec x = exec_of(9, 10, 0);

	(void)state;
	take_executed(take, &x, sizeof(x));
	x = exec_of(9, 10, RECORDER_EXE_MEMFD);
	take_executed(take, &x, 50);
	assert_int_equal(take_list(take)->n, 0);
}

/* The oldest goes, but not while somebody reads the list. */
static void too_many(void **state)
{
	const struct taken_list *list;

	(void)state;
	for (uint64_t i = 0; i < TAKE_FILES_MAX + 10; i++) {
		struct recorder_exec x = exec_of(i + 1, 4096, RECORDER_EXE_TMPFS);

		take_executed(take, &x, sizeof(x));
		put_page(i + 1, 4096, 0);
	}
	assert_int_equal(take_counters(take)->evicted, 10);
	list = take_list(take);
	assert_int_equal(list->n, TAKE_FILES_MAX);
	for (size_t i = 0; i < list->n; i++)
		assert_true(list->v[i].inode > 10);
	put_page(9999, 4096, 0);
	assert_int_equal(take_counters(take)->taken, TAKE_FILES_MAX + 10);
	take_give_back(take);
	put_page(9999, 4096, 0);
	assert_int_equal(take_counters(take)->taken, TAKE_FILES_MAX + 11);
}

/* Copies stop at the budget, and it comes back. */
static void over_budget(void **state)
{
	const uint64_t size = TAKE_FILE_BYTES;
	const struct taken_list *list;

	(void)state;
	put_page(1, size + 1, 0);
	list = take_list(take);
	assert_int_equal(list->v[0].fd, -1);
	assert_non_null(list->v[0].why_not);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(with_a_hole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(by_exe, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_worth_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(over_budget, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
