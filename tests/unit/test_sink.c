// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/sink.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char top[SCRATCH_CHARS];
static const struct sink_place place = {
	.case_name = "case", .host = "host", .capture = "cap"
};

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static int put(struct sink *s, const char *name, const void *data, size_t len,
	bool padded, struct err *e)
{
	struct sink_try t = { 0 };

	return sink_put(s,
		&(struct sink_object){
			.name = name, .data = data, .len = len, .padded = padded },
		&t, e);
}

static void expect_file(const char *name, const void *buf, size_t len)
{
	char dir[SCRATCH_CHARS];
	uint8_t *got;
	size_t n;

	scratch_path(dir, top, "case/host/cap");
	got = scratch_read(dir, name, &n);
	assert_int_equal(n, len);
	assert_memory_equal(got, buf, len);
	free(got);
}

static void puts_whole_objects(void **state)
{
	uint8_t *aligned = NULL;
	struct sink *s = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(posix_memalign((void **)&aligned, 4096, 16384), 0);
	memset(aligned, 'i', 16384);
	assert_ok(sink_open(&s, top, &place, NULL, &e), &e);
	assert_ok(put(s, "a", "small", 5, false, &e), &e);
	assert_ok(put(s, "b", aligned, 10001, true, &e), &e);
	assert_ok(put(s, "c", aligned, 8192, true, &e), &e);
	assert_ok(put(s, "d", aligned, 0, true, &e), &e);
	assert_non_null(strstr(sink_location(s), "case/host/cap"));
	expect_file("a", "small", 5);
	expect_file("b", aligned, 10001);
	expect_file("c", aligned, 8192);
	expect_file("d", aligned, 0);
	sink_close(s);
	free(aligned);
}

static void never_replaces(void **state)
{
	char dir[SCRATCH_CHARS];
	struct sink *s = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(sink_open(&s, top, &place, NULL, &e), &e);
	assert_ok(put(s, "a", "first", 5, false, &e), &e);
	assert_err(put(s, "a", "second", 6, false, &e), -EEXIST, &e, "a: ");
	expect_file("a", "first", 5);
	scratch_path(dir, top, "case/host/cap");
	assert_int_equal(scratch_count(dir, "tmp"), 0);
	sink_close(s);
	assert_err(sink_open(&s, top, &place, NULL, &e), -EEXIST, &e,
		"capture cap exists already");
}

static void takes_back_what_is_empty(void **state)
{
	struct sink *s = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(sink_open(&s, top, &place, NULL, &e), &e);
	assert_int_equal(scratch_count(top, ""), 1);
	sink_close(s);
	assert_int_equal(scratch_count(top, ""), 0);
}

static void names_are_plain(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "a b",
		"\xc3\xa9", "a\n" };
	char longest[SINK_NAME_MAX + 2];
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(sink_check_name("case", bad[i], &e), -EINVAL, &e,
			"case");
	memset(longest, 'x', sizeof(longest));
	longest[SINK_NAME_MAX + 1] = 0;
	assert_int_equal(sink_check_name("case", longest, &e), -EINVAL);
	longest[SINK_NAME_MAX] = 0;
	assert_int_equal(sink_check_name("case", longest, &e), 0);
}

static void urls(void **state)
{
	char url[SCRATCH_CHARS + 16];
	struct sink *s = NULL;
	struct err e = { 0 };

	(void)state;
	(void)snprintf(url, sizeof(url), "file://%s", top);
	assert_ok(sink_open(&s, url, &place, NULL, &e), &e);
	sink_close(s);
	assert_err(sink_open(&s, "ftp://x/y", &place, NULL, &e),
		-EPROTONOSUPPORT, &e, "ftp://");
	assert_err(sink_open(&s, "/nonexistent", &place, NULL, &e), -ENOENT, &e,
		"destination: open /nonexistent");
	assert_err(sink_open(&s, "/dev/null", &place, NULL, &e), -ENOTDIR, &e,
		"destination");
}

/* Through symbolic links that somebody left there, nothing is written. */
static void follows_no_links(void **state)
{
	char link[SCRATCH_CHARS];
	struct sink *s = NULL;
	struct err e = { 0 };

	(void)state;
	scratch_path(link, top, "case");
	assert_int_equal(symlink("/tmp", link), 0);
	assert_int_equal(sink_open(&s, top, &place, NULL, &e), -ENOTDIR);
}

/* A file system that is full: the object is not there, nor half of it. */
static void full_disk(void **state)
{
	static uint8_t big[1 << 20] __attribute__((aligned(4096)));
	char dir[SCRATCH_CHARS];
	struct sink *s = NULL;
	struct err e = { 0 };

	(void)state;
	if (mount("none", top, "tmpfs", 0, "size=256k") < 0) {
		assert_int_equal(errno, EPERM);
		skip();
	}
	assert_ok(sink_open(&s, top, &place, NULL, &e), &e);
	assert_err(put(s, "big", big, sizeof(big), true, &e), -ENOSPC, &e,
		"big: write");
	scratch_path(dir, top, "case/host/cap");
	assert_int_equal(scratch_count(dir, ""), 0);
	assert_ok(put(s, "small", big, 1000, true, &e), &e);
	sink_close(s);
	assert_int_equal(umount(top), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			puts_whole_objects, set_up, tear_down),
		cmocka_unit_test_setup_teardown(never_replaces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			takes_back_what_is_empty, set_up, tear_down),
		cmocka_unit_test(names_are_plain),
		cmocka_unit_test_setup_teardown(urls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			follows_no_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_disk, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
