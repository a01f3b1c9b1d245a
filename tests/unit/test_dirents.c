// SPDX-License-Identifier: Apache-2.0
/* Directories as they are, and as a rootkit would have them. */
#include <errno.h>
#include <fcntl.h>

#include "base/dirents.h"
#include "base/io.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { NAMES = 1500, HEAD = DIRENTS_HEAD_BYTES };

struct names {
	unsigned shown[NAMES];
	char hidden[64];
	int stop;
};

static int see(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct names *n = arg;
	unsigned i = (unsigned)strtoul(entry->name + 1, NULL, 10);

	if (n->stop)
		return err_set(e, -ECANCELED, "enough");
	assert_int_equal(strlen(entry->name), entry->len);
	if (entry->hidden)
		(void)snprintf(n->hidden, sizeof(n->hidden), "%s", entry->name);
	else if (i < NAMES)
		n->shown[i]++;
	return 0;
}

static size_t add(uint8_t *buf, const char *name)
{
	size_t len = (HEAD + strlen(name) + 1 + 7) / 8 * 8;
	uint16_t told = (uint16_t)len;

	memset(buf, 0, len);
	buf[0] = 1;
	memcpy(buf + 16, &told, sizeof(told));
	buf[18] = 8;
	memcpy(buf + HEAD, name, strlen(name));
	return len;
}

static size_t add_three(uint8_t *buf)
{
	size_t len = add(buf, "n1");

	len += add(buf + len, "n2");
	return len + add(buf + len, "n3");
}

static void test_directory(void **state)
{
	char dir[SCRATCH_CHARS];
	static struct names n;
	struct dirents_seen seen;
	struct err e = { 0 };
	int fd;

	(void)state;
	scratch_new(dir);
	for (unsigned i = 0; i < NAMES; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "n%u%.*s", i, (int)(i % 20),
			"-abcdefghijklmnopqrst");
		scratch_write(dir, name, "", 0);
	}
	fd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, &e);
	assert_ok(fd, &e);
	assert_ok(dirents_read(&seen, fd, see, &n, &e), &e);
	assert_int_equal(seen.entries, NAMES);
	assert_int_equal(seen.odd, 0);
	assert_int_equal(seen.hidden, 0);
	for (unsigned i = 0; i < NAMES; i++)
		assert_int_equal(n.shown[i], 1);
	n.stop = 1;
	assert_err(
		dirents_read(&seen, fd, see, &n, &e), -ECANCELED, &e, "enough");
	(void)close(fd);
	scratch_remove(dir);
}

static void test_own_proc(void **state)
{
	static const char *const places[] = { "/proc/self/task",
		"/proc/self/fd", "/proc/self", "/sys/module", "/proc" };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		AUTO_CLOSE int fd = io_open(
			AT_FDCWD, places[i], O_RDONLY | O_DIRECTORY, 0, &e);
		struct dirents_seen seen;

		assert_ok(fd, &e);
		assert_ok(dirents_read(&seen, fd, NULL, NULL, &e), &e);
		assert_true(seen.entries > 0);
		assert_int_equal(seen.odd, 0);
	}
}

/* The entry before the hidden one was made longer. */
static void test_jumped_over(void **state)
{
	struct dirents_seen seen = { 0 };
	struct names n = { .stop = 0 };
	struct err e = { 0 };
	uint8_t buf[128];
	size_t len = add_three(buf);
	uint16_t longer = 48;

	(void)state;
	memcpy(buf + 16, &longer, sizeof(longer));
	assert_ok(dirents_parse(&seen, buf, len, see, &n, &e), &e);
	assert_int_equal(seen.odd, DIRENTS_ODD_LENGTH);
	assert_int_equal(seen.entries, 2);
	assert_int_equal(seen.hidden, 1);
	assert_string_equal(n.hidden, "n2");
	assert_int_equal(n.shown[1] + n.shown[3], 2);
	assert_int_equal(seen.proof_len, 48);
	assert_memory_equal(seen.proof, buf, 48);
}

/* What follows was moved over the hidden one: the pattern is gone. */
static void test_moved_over(void **state)
{
	uint8_t buf[256];
	size_t len;

	(void)state;
	dirents_fill(buf, sizeof(buf), 7);
	len = add_three(buf);
	assert_true(dirents_untouched(buf, len, sizeof(buf), 7));
	memmove(buf + 24, buf + 48, len - 48);
	assert_false(dirents_untouched(buf, len - 24, sizeof(buf), 7));
	assert_false(dirents_untouched(buf, 0, sizeof(buf), 8));
}

static void test_no_entries(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (int kind = 0; kind < 6; kind++) {
		struct dirents_seen seen = { 0 };
		uint8_t buf[128];
		size_t len = add_three(buf);
		uint16_t told = (uint16_t[]){ 0, 20, 8, 0xfff8, 24, 24 }[kind];

		memcpy(buf + 24 + 16, &told, sizeof(told));
		if (kind == 4)
			buf[24 + HEAD] = '/';
		if (kind == 5)
			memset(buf + 24 + HEAD, 'x', 5);
		assert_ok(dirents_parse(&seen, buf, len, NULL, NULL, &e), &e);
		assert_int_equal(seen.odd, DIRENTS_ODD_FORM);
		assert_int_equal(seen.entries, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_own_proc),
		cmocka_unit_test(test_jumped_over),
		cmocka_unit_test(test_moved_over),
		cmocka_unit_test(test_no_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
