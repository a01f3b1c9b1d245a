// SPDX-License-Identifier: Apache-2.0
/* A spool sent to a directory; that it goes to stores is for the scenarios. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cloud/store_options.h"
#include "stream/journal.h"
#include "stream/push.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char top[SCRATCH_CHARS], spool[SCRATCH_CHARS], dest[SCRATCH_CHARS];
static char from[SCRATCH_CHARS], to[SCRATCH_CHARS];
static struct store_config store;

static void make_dirs(char ret[SCRATCH_CHARS], const char *root)
{
	static const char *const parts[] = { "case", "case/host",
		"case/host/cap" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		scratch_path(ret, root, parts[i]);
		assert_int_equal(mkdir(ret, 0700), 0);
	}
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	scratch_path(spool, top, "spool");
	scratch_path(dest, top, "dest");
	assert_int_equal(mkdir(spool, 0700), 0);
	assert_int_equal(mkdir(dest, 0700), 0);
	make_dirs(from, spool);
	scratch_path(to, dest, "case/host/cap");
	scratch_write(from, "manifest-000000.pb", "zero", 4);
	scratch_write(from, "segment-000000.age", "a", 1);
	scratch_write(from, "segment-000001.age", "bb", 2);
	scratch_write(from, "manifest-000001.pb", "one", 3);
	store_options_init(&store);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static int push(struct push_result *res, bool remove, struct err *e)
{
	const struct push_config config = { .spool = spool,
		.destination = dest,
		.store = &store,
		.remove = remove };

	return push_run(res, &config, e);
}

static void expect_file(const char *name, const char *text)
{
	size_t n;
	uint8_t *got = scratch_read(to, name, &n);

	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, n);
	free(got);
}

static void sends_what_is_there(void **state)
{
	struct push_result res;
	struct err e = { 0 };

	(void)state;
	/* What no capture writes is left alone. */
	scratch_write(from, "segment-1.age", "x", 1);
	scratch_write(from, "secret.txt", "x", 1);
	assert_ok(push(&res, false, &e), &e);
	assert_int_equal(res.captures, 1);
	assert_int_equal(res.sent, 4);
	assert_int_equal(res.sent_bytes, 10);
	assert_int_equal(res.left, 0);
	expect_file("manifest-000000.pb", "zero");
	expect_file("segment-000001.age", "bb");
	assert_int_equal(scratch_count(to, ""), 4);
	/* Again: nothing is asked of the destination. */
	assert_ok(push(&res, false, &e), &e);
	assert_int_equal(res.sent, 0);
	assert_int_equal(res.skipped, 4);
	/* Without a memory of it, the destination tells. */
	scratch_path(to, from, JOURNAL_NAME);
	assert_int_equal(unlink(to), 0);
	assert_ok(push(&res, true, &e), &e);
	assert_int_equal(res.sent + res.were_there, 8);
	assert_int_equal(scratch_count(from, ""), 2);
}

static void removes_what_was_sent_whole(void **state)
{
	struct push_result res;
	struct err e = { 0 };

	(void)state;
	assert_ok(push(&res, true, &e), &e);
	assert_int_equal(res.sent, 4);
	assert_int_equal(scratch_count(spool, ""), 0);
	assert_err(push(&res, true, &e), -ENOENT, &e, "no capture in the spool");
}

static void does_not_take_a_name_for_the_bytes(void **state)
{
	struct push_result res;
	struct err e = { 0 };
	char made[SCRATCH_CHARS];

	(void)state;
	make_dirs(made, dest);
	scratch_write(made, "segment-000001.age", "another", 7);
	for (int i = 0; i < 2; i++) {
		assert_ok(push(&res, true, &e), &e);
		assert_int_equal(res.unproven, 1);
		assert_int_equal(res.sent, i ? 0 : 3);
		assert_int_equal(res.skipped, i ? 3 : 0);
	}
	expect_file("segment-000001.age", "another");
	/* So it stays in the spool. */
	assert_int_equal(scratch_count(from, ".age"), 2);
}

static void trusts_nothing_in_a_spool(void **state)
{
	char link[SCRATCH_CHARS], path[SCRATCH_CHARS];
	struct push_result res;
	struct err e = { 0 };

	(void)state;
	scratch_path(link, from, "segment-000002.age");
	assert_int_equal(symlink("/etc/hostname", link), 0);
	assert_int_equal(push(&res, true, &e), -ELOOP);
	assert_non_null(strstr(e.msg, "segment-000002.age"));
	assert_true(res.left >= 1);
	assert_int_equal(scratch_count(to, "segment-000002"), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_err(push(&res, false, &e), -EBADMSG, &e, "no object of a capture");
	assert_int_equal(unlink(link), 0);
	/* Nor is a directory followed out of it. */
	scratch_path(path, spool, "case/other");
	assert_int_equal(symlink("host", path), 0);
	assert_ok(push(&res, false, &e), &e);
	assert_int_equal(res.captures, 1);
	scratch_path(path, from, JOURNAL_NAME);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(push(&res, false, &e), -EISDIR);
	assert_non_null(strstr(e.msg, "journal"));
}

static void journal_says_the_last_thing(void **state)
{
	static const uint8_t sha[JOURNAL_SHA256_BYTES] = { 1 }, other[32];
	AUTO_CLOSE int fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct journal *j = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(journal_open(&j, fd, "s3://b/x", &e), &e);
	journal_note(j, JOURNAL_TRIED, "n", sha);
	journal_note(j, JOURNAL_TRIED, "m", sha);
	journal_note(j, JOURNAL_SENT, "n", sha);
	journal_note(j, JOURNAL_UNKNOWN, "m", sha);
	journal_close(j);
	assert_ok(journal_open(&j, fd, "s3://b/x", &e), &e);
	assert_int_equal(journal_state(j, "n", sha), JOURNAL_SENT);
	assert_int_equal(journal_state(j, "m", sha), JOURNAL_UNKNOWN);
	assert_int_equal(journal_state(j, "n", other), JOURNAL_UNKNOWN);
	journal_note(j, JOURNAL_TRIED, "m", sha);
	journal_close(j);
	assert_ok(journal_open(&j, fd, "s3://b/x", &e), &e);
	assert_int_equal(journal_state(j, "m", sha), JOURNAL_TRIED);
	journal_close(j);
	assert_ok(journal_open(&j, fd, "s3://b", &e), &e);
	assert_int_equal(journal_state(j, "n", sha), JOURNAL_UNKNOWN);
	journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			sends_what_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			removes_what_was_sent_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			does_not_take_a_name_for_the_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			trusts_nothing_in_a_spool, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			journal_says_the_last_thing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
