// SPDX-License-Identifier: Apache-2.0
/* Which contents the collector binary writes, of processes that this test makes
 * and of what a recorder took. */
#include "base/clock.h"
#include "binary/taken.h"
#include "unit/binary_fixture.h"

enum { SPARSE_DATA = 4 << 20 };

static void run_sparse(int ready)
{
	static uint8_t piece[SPARSE_DATA];
	int fd = memfd_create("sparse", MFD_CLOEXEC);

	memset(piece, 'd', sizeof(piece));
	if (ftruncate(fd, 1LL << 40) < 0 || pwrite(fd, "\177ELF", 4, 0) != 4 ||
		pwrite(fd, piece, sizeof(piece), 1LL << 39) != SPARSE_DATA)
		_exit(1);
	ready_and_stay(ready);
}

/* 1 TiB of which 4 MiB and a page are there: it costs no more. */
static void sparse(void **state)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS], byte;
	struct stat st;
	int fd;

	(void)state;
	(void)spawn(run_sparse);
	take();
	b = find("/memfd:sparse (deleted)");
	assert_non_null(b);
	assert_int_equal(b->size_bytes, 1LL << 40);
	assert_false(b->has_sha256);
	assert_in_range(b->data_bytes, SPARSE_DATA, SPARSE_DATA + (1 << 22));
	assert_int_equal(
		b->content, ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_WHOLE);
	extracted(path, b);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1LL << 40);
	assert_int_equal(pread(fd, &byte, 1, (1LL << 39) + 17), 1);
	assert_int_equal(byte, 'd');
	(void)close(fd);
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < 20000000000ULL);
}

static void budget(void **state)
{
	const Icecore__V1__Binary *b;
	pid_t pid = spawn(run_memfd);

	(void)state;
	wait_for_exe(pid, "/memfd:evil");
	plan.binaries_bytes = 4096;
	take();
	b = find("/memfd:evil (deleted)");
	assert_non_null(b);
	assert_true(b->has_sha256);
	assert_int_equal(
		b->content, ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE);
	assert_non_null(find_gap("/memfd:evil"));
	assert_non_null(strstr(find_gap("/memfd:evil"), "budget"));
}

static void none_wanted(void **state)
{
	const Icecore__V1__Binary *b;
	pid_t pid = spawn(run_memfd);

	(void)state;
	wait_for_exe(pid, "/memfd:evil");
	plan.binaries = COLLECT_BINARIES_NONE;
	take();
	b = find("/memfd:evil (deleted)");
	assert_non_null(b);
	assert_int_equal(
		b->content, ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE);
	for (size_t i = 0; i < records_n; i++)
		assert_int_not_equal(records[i]->body_case,
			ICECORE__V1__RECORD__BODY_BINARY_DATA);
	assert_null(find_gap("/memfd:evil"));
}

static struct taken taken[3];

/* The collector, with what a recorder took. */
static int run_with_taken(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	const struct taken_list list = { taken, ARRAY_LEN(taken) };
	struct collect_env with = *env;

	with.taken = &list;
	return collector_find("binary")->run(&with, w, e);
}

static const struct collector collector_with_taken = {
	.name = "binary", .title = "binaries", .run = run_with_taken
};

/* What ran and is gone: held, copied in part, and not kept at all. */
static void taken_before(void **state)
{
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS];
	int held = memfd_create("held", MFD_CLOEXEC);
	int copy = memfd_create("copy", MFD_CLOEXEC);

	(void)state;
	copy_program(held, "/bin/sleep");
	assert_int_equal(write(copy, "#!/bin/sh\n", 10), 10);
	taken[0] = (struct taken){ .fd = held,
		.how = TAKEN_HELD,
		.reasons = TAKEN_MEMFD | TAKEN_DELETED,
		.inode = 1234567,
		.first_boot_ns = 5,
		.last_boot_ns = 9,
		.times = 3,
		.pid = 4711,
		.path = "/memfd:held (deleted)" };
	taken[1] = (struct taken){ .fd = copy,
		.how = TAKEN_COPIED,
		.reasons = TAKEN_WRITABLE_PLACE,
		.inode = 1234568,
		.size_bytes = 1000,
		.copied_bytes = 10,
		.pid = 4712,
		.path = "/tmp/dropped" };
	taken[2] = (struct taken){ .fd = -1,
		.inode = 1234569,
		.path = "/tmp/lost",
		.why_not = "over the budget" };
	plan.collectors[0] = &collector_with_taken;
	take();
	b = find("/memfd:held (deleted)");
	assert_non_null(b);
	assert_int_equal(b->inode, 1234567);
	assert_int_equal(b->times, 3);
	assert_int_equal(b->first_seen_ns, 5);
	assert_int_equal(b->last_seen_ns, 9);
	assert_int_equal(
		b->uses[0]->how, ICECORE__V1__BINARY_HOW__BINARY_HOW_TAKEN);
	assert_true(has_reason(b, "memfd"));
	extracted(path, b);
	assert_same_content(path, "/bin/sleep");
	b = find("/tmp/dropped");
	assert_non_null(b);
	assert_true(has_reason(b, "temporary-place"));
	assert_int_equal(b->size_bytes, 1000);
	assert_int_equal(
		b->content, ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_CUT);
	assert_false(b->has_mode);
	assert_non_null(find_gap("/tmp/dropped"));
	assert_string_equal(find_gap("/tmp/lost"), "over the budget");
	(void)close(held);
	(void)close(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sparse),
		TEST(budget),
		TEST(none_wanted),
		TEST(taken_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
