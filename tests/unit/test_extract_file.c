// SPDX-License-Identifier: Apache-2.0
/* Files of the host are written where they belong, and nowhere else. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lab/extract.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char dir[SCRATCH_CHARS];

static int set_up(void **state)
{
	(void)state;
	scratch_new(dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static void paths_that_lead_out(void **state)
{
	static const char *const bad[] = { "", "/", "..", "/../x", "a/../b",
		"/a/./b", "files/../../x" };
	char path[SCRATCH_CHARS];
	AUTO_CLOSE int fd = open(dir, O_DIRECTORY | O_RDONLY);
	struct err e = { 0 };
	uint8_t *buf;
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			extract_file(fd, bad[i], 0, "x", 1, &e), -EINVAL);
	assert_int_equal(extract_file(fd, "/a", 1ULL << 62, "x", 1, &e), -EINVAL);
	assert_ok(extract_file(fd, "/proc/a/b", 1, "x", 1, &e), &e);
	buf = scratch_read(dir, "files/proc/a/b", &len);
	assert_int_equal(len, 2);
	free(buf);
	/* Somebody put a link where a directory is expected. */
	scratch_path(path, dir, "files/link");
	assert_int_equal(symlink("/tmp", path), 0);
	assert_true(extract_file(fd, "/link/x", 0, "x", 1, &e) < 0);
	scratch_path(path, dir, "files/file");
	assert_int_equal(symlink("/tmp/icecore-nothing", path), 0);
	assert_true(extract_file(fd, "/file", 0, "x", 1, &e) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			paths_that_lead_out, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
