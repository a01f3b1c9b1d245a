// SPDX-License-Identifier: Apache-2.0
/* The root, the walk and the paths of a disk, on trees made to mislead. */

#include "base/buf.h"
#include "disk/digest.h"
#include "unit/disk_tree.h"

enum { DEEP = 30 }; /* times 200 bytes */

static void open_root(struct disk_root *ret, const char *top)
{
	struct disk_target target = { top, DISK_ALLOW_WRITABLE };
	struct err e = { 0 };

	assert_ok(root_open(ret, &target, &e), &e);
}

static void link_to(const char *top, const char *path, const char *to)
{
	char at[SCRATCH_CHARS];

	scratch_path(at, top, path);
	assert_int_equal(symlink(to, at), 0);
}

static void walk_it(struct walk *w, const char *top, struct tree_misses *m)
{
	struct walk_config config = { .miss = tree_miss, .arg = m };
	struct disk_root root;
	struct err e = { 0 };

	open_root(&root, top);
	assert_ok(walk_run(w, &root, &config, &e), &e);
	root_close(&root);
}

static void test_writable_is_refused(void **state)
{
	struct disk_root root = { .fd = -1 };
	char top[SCRATCH_CHARS];
	struct err e = { 0 };
	struct disk_target target = { top, 0 };

	(void)state;
	scratch_new(top);
	assert_err(root_open(&root, &target, &e), -EPERM, &e, "writable");
	target.dir = "/nonexistent";
	assert_int_equal(root_open(&root, &target, &e), -ENOENT);
	open_root(&root, top);
	root_close(&root);
	assert_int_equal(root.fd, -1);
	scratch_remove(top);
}

static void test_files_only(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct disk_root root;
	char top[SCRATCH_CHARS], at[SCRATCH_CHARS];
	struct err e = { 0 };
	struct stat st;
	int fd;

	(void)state;
	scratch_new(top);
	tree_write(top, "file", "content");
	tree_mkdir(top, "dir");
	link_to(top, "link", "file");
	link_to(top, "out", "../../../../etc/passwd");
	link_to(top, "magic", "/proc/self/root/etc/passwd");
	scratch_path(at, top, "fifo");
	assert_int_equal(mkfifo(at, 0600), 0);
	open_root(&root, top);
	fd = root_file(&root, "/file", &st, &e);
	assert_true(fd >= 0);
	assert_int_equal(st.st_size, 7);
	(void)close(fd);
	assert_int_equal(root_file(&root, "/dir", &st, &e), -EINVAL);
	assert_int_equal(root_file(&root, "/fifo", &st, &e), -EINVAL);
	assert_int_equal(root_file(&root, "/link", &st, &e), -EINVAL);
	assert_int_equal(root_directory(&root, "/file", &e), -EINVAL);
	buf_init(&b, 7);
	assert_ok(root_slurp(&root, "/link", &b, &e), &e);
	assert_memory_equal(b.data, "content", 7);
	assert_int_equal(root_slurp(&root, "/file", &b, &e), -EFBIG);
	assert_int_equal(root_slurp(&root, "/out", &b, &e), -ENOENT);
	assert_int_equal(root_slurp(&root, "/magic", &b, &e), -ENOENT);
	assert_int_equal(root_slurp(&root, "/fifo", &b, &e), -EINVAL);
	assert_int_equal(
		root_slurp(&root, "/../../../../etc/passwd", &b, &e), -ENOENT);
	root_close(&root);
	scratch_remove(top);
}

static void expect_path(
	const struct walk *w, const char *path, unsigned how, const char *want)
{
	uint32_t file = walk_find(w, path, how);
	char got[WALK_PATH_BYTES];

	if (!want) {
		assert_int_equal(file, WALK_NONE);
		return;
	}
	assert_int_not_equal(file, WALK_NONE);
	assert_true(walk_path(got, w, file) > 0);
	assert_string_equal(got, want);
}

static void test_find(void **state)
{
	struct tree_misses m = { 0 };
	AUTO_WALK struct walk w = { 0 };
	char top[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, "usr/bin");
	tree_mkdir(top, "usr/bin-x");
	tree_write(top, "usr/bin/env", "#!x");
	link_to(top, "bin", "usr/bin");
	link_to(top, "up", "../../..");
	link_to(top, "loop", "loop");
	link_to(top, "a", "b");
	link_to(top, "b", "/a");
	link_to(top, "usr/abs", "/usr/bin/env");
	walk_it(&w, top, &m);
	assert_int_equal(m.n, 0);
	expect_path(&w, "/", 0, "/");
	expect_path(&w, "", 0, "/");
	expect_path(&w, "usr//bin/./env", 0, "/usr/bin/env");
	expect_path(&w, "/bin/env", 0, "/usr/bin/env");
	expect_path(&w, "/bin", 0, "/bin");
	expect_path(&w, "/bin", WALK_FOLLOW, "/usr/bin");
	expect_path(&w, "/bin/", WALK_FOLLOW, "/usr/bin");
	expect_path(&w, "/usr/abs", WALK_FOLLOW, "/usr/bin/env");
	expect_path(&w, "/../../usr/../usr/bin", 0, "/usr/bin");
	expect_path(&w, "/up/usr", 0, "/usr");
	expect_path(&w, "/loop", 0, "/loop");
	expect_path(&w, "/loop", WALK_FOLLOW, NULL);
	expect_path(&w, "/a/x", 0, NULL);
	expect_path(&w, "/usr/bi", 0, NULL);
	expect_path(&w, "/usr/bin/env/x", 0, NULL);
	scratch_remove(top);
}

static int count(void *arg, uint32_t file, struct err *e)
{
	(void)file;
	(void)e;
	++*(int *)arg;
	return 0;
}

static void expect_glob(const struct walk *w, const char *pattern, int want)
{
	struct err e = { 0 };
	int n = 0;

	assert_ok(walk_glob(w, pattern, count, &n, &e), &e);
	if (n != want)
		fail_msg("%s: %d, not %d", pattern, n, want);
}

static void test_glob(void **state)
{
	struct tree_misses m = { 0 };
	AUTO_WALK struct walk w = { 0 };
	char top[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, "home/a/.ssh");
	tree_mkdir(top, "home/b/.ssh");
	tree_write(top, "home/a/.ssh/authorized_keys", "");
	tree_write(top, "home/b/.ssh/authorized_keys", "");
	link_to(top, "home/c", "a");
	walk_it(&w, top, &m);
	expect_glob(&w, "/home/*/.ssh/authorized_keys", 2);
	expect_glob(&w, "/home/a/.ssh/authorized_keys", 1);
	expect_glob(&w, "/home/*", 3);
	expect_glob(&w, "/home/[ab]", 2);
	expect_glob(&w, "/home/**", 7);
	expect_glob(&w, "/home/?/.nothing", 0);
	expect_glob(&w, "/none/*", 0);
	expect_glob(&w, "/home/{a,b,none}/.{ssh,x}", 2);
	expect_glob(&w, "/home/**/authorized_keys", 2);
	expect_glob(&w, "/**/home/**/.ssh", 2);
	expect_glob(&w, "/home/@(a|c)", 2);
	expect_glob(&w, "/home/!(a)", 2);
	scratch_remove(top);
}

/* Every byte that a name may have, what is no file, and what is told. */
static void test_odd_names(void **state)
{
	struct tree_misses m = { 0 };
	AUTO_WALK struct walk w = { 0 };
	char top[SCRATCH_CHARS], name[2] = "", path[WALK_PATH_BYTES];
	const struct walk_file *f;

	(void)state;
	scratch_new(top);
	tree_mkdir(top, "d");
	for (int c = 1; c < 256; c++) {
		char at[SCRATCH_CHARS];

		if (c == '/' || c == '.')
			continue;
		name[0] = (char)c;
		(void)snprintf(at, sizeof(at), "d/%s", name);
		tree_write(top, at, "x");
	}
	link_to(top, "link", "to somewhere");
	walk_it(&w, top, &m);
	assert_int_equal(w.n, 3 + 253);
	for (int c = 1; c < 256; c++) {
		uint32_t file;

		if (c == '/' || c == '.')
			continue;
		(void)snprintf(path, sizeof(path), "/d/%c", c);
		file = walk_find(&w, path, 0);
		assert_int_not_equal(file, WALK_NONE);
		assert_int_equal(w.files[file].size_bytes, 1);
		assert_true(S_ISREG(w.files[file].mode));
	}
	f = &w.files[walk_find(&w, "/link", 0)];
	assert_string_equal(walk_text(&w, f->target), "to somewhere");
	assert_true(f->time_ns[WALK_MTIME] > 0);
	scratch_remove(top);
}

/* Directories so deep that their path is none. */
static void test_deep(void **state)
{
	struct tree_misses m = { 0 };
	AUTO_WALK struct walk w = { 0 };
	char top[SCRATCH_CHARS], name[201];
	int fds[DEEP + 1];

	(void)state;
	scratch_new(top);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	fds[0] = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < DEEP; i++) {
		assert_int_equal(mkdirat(fds[i], name, 0700), 0);
		fds[i + 1] =
			openat(fds[i], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(fds[i + 1] >= 0);
	}
	walk_it(&w, top, &m);
	assert_int_equal(m.n, 1);
	assert_string_equal(m.reason, "its path is too long");
	assert_in_range(w.n, 20, 22);
	(void)close(fds[DEEP]);
	for (int i = DEEP; i-- > 0;) {
		assert_int_equal(unlinkat(fds[i], name, AT_REMOVEDIR), 0);
		(void)close(fds[i]);
	}
	scratch_remove(top);
}

static void test_digest(void **state)
{
	static const uint8_t md5[] = { 0x9a, 0x03, 0x64, 0xb9, 0xe9, 0x9b, 0xb4,
		0x80, 0xdd, 0x25, 0xe1, 0xf0, 0x28, 0x4c, 0x85, 0x55 };
	static const uint8_t sha1[] = { 0x8b, 0xa2, 0x7a, 0x5c, 0x52, 0xaa,
		0xdd, 0xa0, 0x81, 0xf0, 0x34, 0x6f, 0x31, 0xb2, 0xe3, 0x04,
		0x4f, 0x15, 0x89, 0x4c };
	struct digest_config config = { .threads = 2 };
	struct tree_misses m = { 0 };
	AUTO_WALK struct walk w = { 0 };
	struct digest d[3] = { 0 };
	struct disk_root root;
	char top[SCRATCH_CHARS], at[SCRATCH_CHARS];
	struct err e = { 0 };
	atomic_bool interrupted = true;

	(void)state;
	scratch_new(top);
	tree_write(top, "a", "content");
	tree_write(top, "b", "#!/bin/sh");
	tree_write(top, "huge", "");
	scratch_path(at, top, "huge");
	assert_int_equal(truncate(at, 1LL << 40), 0);
	walk_it(&w, top, &m);
	for (uint32_t i = 0; i < 3; i++)
		d[i] = (struct digest){ .file = i + 1, .weak = DIGEST_MD5 };
	open_root(&root, top);
	assert_ok(digest_run(d, 3, &root, &w, &config, &e), &e);
	assert_int_equal(d[0].result, 0);
	assert_memory_equal(d[0].sum, md5, sizeof(md5));
	assert_int_equal(d[0].content, DIGEST_OTHER);
	assert_int_equal(d[1].content, DIGEST_SCRIPT);
	assert_int_equal(d[2].result, -EFBIG);
	d[1].weak = DIGEST_SHA1;
	d[0].weak = DIGEST_NO_WEAK;
	memset(d[0].sum, 0, sizeof(d[0].sum));
	assert_ok(digest_run(d, 2, &root, &w, &config, &e), &e);
	assert_memory_equal(d[1].sum, sha1, sizeof(sha1));
	assert_int_equal(d[0].sum[0], 0);
	config.interrupted = &interrupted;
	assert_ok(digest_run(d, 1, &root, &w, &config, &e), &e);
	assert_int_equal(d[0].result, -EINTR);
	root_close(&root);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writable_is_refused),
		cmocka_unit_test(test_files_only),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
