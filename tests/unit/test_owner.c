// SPDX-License-Identifier: Apache-2.0
/* Whose files are, by a database that this test makes. */
#include "binary/owner.h"
#include "unit/disk_tree.h"

static char top[SCRATCH_CHARS];
static int root;

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	tree_mkdir(top, "usr/bin");
	root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(root);
	scratch_remove(top);
	return 0;
}

static void make_database(void)
{
	char path[SCRATCH_CHARS];

	tree_mkdir(top, "var/lib/dpkg/info");
	tree_write(top, "var/lib/dpkg/info/new.list", "/.\n/usr/bin/new\n/usr\n");
	tree_write(top, "var/lib/dpkg/info/new.md5sums",
		"00112233445566778899aabbccddeeff  usr/bin/new\n");
	tree_write(
		top, "var/lib/dpkg/info/old:amd64.list", "/bin/old\n/bin/sh\n");
	tree_write(top, "var/lib/dpkg/info/old:amd64.md5sums",
		"ffeeddccbbaa99887766554433221100  bin/old\n"
		"not a line\n"
		"11111111111111111111111111111111  bin/sh\n");
	tree_write(top, "var/lib/dpkg/info/diverter.list", "/bin/sh\n");
	tree_write(top, "var/lib/dpkg/diversions",
		"/bin/sh\n/usr/bin/sh.distrib\ndiverter\n");
	scratch_path(path, top, "bin");
	assert_int_equal(symlink("usr/bin", path), 0);
}

static void owners(void **state)
{
	struct owner v[] = { { .path = "/usr/bin/new" },
		{ .path = "/usr/bin/old" }, { .path = "/usr/bin/none" },
		{ .path = "/usr/bin/sh" }, { .path = "/usr/bin/sh.distrib" } };
	struct err e = { 0 };
	int r;

	(void)state;
	assert_int_equal(owner_find(v, ARRAY_LEN(v), root, &e), 0);
	assert_string_equal(v[0].package, "");
	make_database();
	for (int timed = 0; timed < 2; timed++) {
		r = timed ? owner_find_timed(
				    v, ARRAY_LEN(v), root, 10000000000ULL, &e)
			  : owner_find(v, ARRAY_LEN(v), root, &e);
		assert_ok(r, &e);
		assert_int_equal(r, 1);
		assert_string_equal(v[0].package, "new");
		assert_int_equal(v[0].checksum, PACKAGES_MD5);
		assert_int_equal(v[0].want[15], 0xff);
		assert_string_equal(v[1].package, "old:amd64");
		assert_int_equal(v[1].checksum, PACKAGES_MD5);
		assert_int_equal(v[1].want[0], 0xff);
		assert_string_equal(v[2].package, "");
		assert_int_equal(v[2].checksum, PACKAGES_NONE);
		/* Who diverts has its file there, and has no checksum of it. */
		assert_string_equal(v[3].package, "diverter");
		assert_int_equal(v[3].checksum, PACKAGES_NONE);
		assert_string_equal(v[4].package, "old:amd64");
		assert_int_equal(v[4].want[0], 0x11);
		for (size_t i = 0; i < ARRAY_LEN(v); i++)
			v[i] = (struct owner){ .path = v[i].path };
	}
}

/* A list that is a FIFO is not opened, and is an error and no hang. */
static void hostile(void **state)
{
	struct owner v = { .path = "/usr/bin/new" };
	char path[SCRATCH_CHARS];
	struct err e = { 0 };

	(void)state;
	make_database();
	scratch_path(path, top, "var/lib/dpkg/info/fifo.list");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_err(owner_find(&v, 1, root, &e), -EINVAL, &e, "no regular file");
	assert_int_equal(unlink(path), 0);
	/* It leads back into the root, where there is no such file. */
	assert_int_equal(symlink("/../../../../etc/passwd", path), 0);
	assert_int_equal(owner_find(&v, 1, root, &e), 1);
	assert_string_equal(v.package, "new");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(owners),
		TEST(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
