// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "unit/unit.h"

long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);

static bool old_kernel;

/* A kernel before 5.6 has no openat2. */
long __wrap_syscall(long number, long a, long b, long c, long d)
{
	if (old_kernel && number == SYS_openat2) {
		errno = ENOSYS;
		return -1;
	}
	return __real_syscall(number, a, b, c, d);
}

static char top[] = "/tmp/icecore-path.XXXXXX";

static void put(int dirfd, const char *name, const char *text)
{
	AUTO_CLOSE int fd = openat(dirfd, name, O_WRONLY | O_CREAT, 0600);
	struct err e = { 0 };

	assert_true(fd >= 0);
	assert_ok(io_write(fd, text, strlen(text), &e), &e);
}

/* root/{in,dir/in2,up -> ../secret,abs -> /in}, and secret beside root. */
static int make_tree(void **state)
{
	AUTO_CLOSE int fd = -1;
	AUTO_CLOSE int root = -1;

	(void)state;
	if (!mkdtemp(top))
		return -1;
	fd = open(top, O_DIRECTORY | O_RDONLY);
	put(fd, "secret", "outside");
	assert_int_equal(mkdirat(fd, "root", 0700), 0);
	root = openat(fd, "root", O_DIRECTORY | O_RDONLY);
	put(root, "in", "inside");
	assert_int_equal(mkdirat(root, "dir", 0700), 0);
	put(root, "dir/in2", "deeper");
	assert_int_equal(symlinkat("../secret", root, "up"), 0);
	assert_int_equal(symlinkat("/in", root, "abs"), 0);
	return 0;
}

static int remove_tree(void **state)
{
	static const char *const files[] = { "root/dir/in2", "root/in",
		"root/up", "root/abs", "secret" };
	AUTO_CLOSE int fd = open(top, O_DIRECTORY | O_RDONLY);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		(void)unlinkat(fd, files[i], 0);
	(void)unlinkat(fd, "root/dir", AT_REMOVEDIR);
	(void)unlinkat(fd, "root", AT_REMOVEDIR);
	return rmdir(top);
}

static int root_fd(void)
{
	AUTO_CLOSE int fd = open(top, O_DIRECTORY | O_RDONLY);

	return openat(fd, "root", O_DIRECTORY | O_RDONLY);
}

static void expect_text(int root, const char *path, const char *text)
{
	struct err e = { 0 };
	char buf[32] = "";
	AUTO_CLOSE int fd = path_open(root, path, O_RDONLY, &e);

	if (fd < 0)
		fail_msg("%s", e.msg);
	assert_true(io_read(fd, buf, sizeof(buf) - 1, &e) >= 0);
	assert_string_equal(buf, text);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void stays_below_its_root(void **state)
{
	AUTO_CLOSE int root = root_fd();
	struct err e = { 0 };

	(void)state;
	old_kernel = false;
	expect_text(root, "in", "inside");
	expect_text(root, "/dir/in2", "deeper");
	/* RESOLVE_IN_ROOT: ".." at the root stays there, "/" is the root. */
	expect_text(root, "../in", "inside");
	expect_text(root, "abs", "inside");
	assert_err(path_open(root, "up", O_RDONLY, &e), -ENOENT, &e, "up");
	assert_err(path_open(root, "../secret", O_RDONLY, &e), -ENOENT, &e,
		"secret");
}

static void walks_by_itself_on_old_kernels(void **state)
{
	AUTO_CLOSE int root = root_fd();
	struct err e = { 0 };
	AUTO_CLOSE int dir = -1;

	(void)state;
	old_kernel = true;
	expect_text(root, "in", "inside");
	expect_text(root, "//dir//in2", "deeper");
	assert_err(path_open(root, "up", O_RDONLY, &e), -ELOOP, &e, "up");
	assert_err(path_open(root, "abs", O_RDONLY, &e), -ELOOP, &e, "abs");
	assert_err(path_open(root, "dir/../in", O_RDONLY, &e), -ELOOP, &e, "dir");
	assert_err(path_open(root, "in/x", O_RDONLY, &e), -ELOOP, &e, "in/x");
	assert_err(path_open(root, "none", O_RDONLY, &e), -ENOENT, &e, "none");
	dir = path_open(root, "/", O_RDONLY | O_DIRECTORY, &e);
	assert_true(dir >= 0);
	old_kernel = false;
}

static void refuses_endless_names(void **state)
{
	AUTO_CLOSE int root = root_fd();
	char name[400], deep[3 * PATH_DEPTH_MAX] = "";
	struct err e = { 0 };

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	for (int i = 0; i < PATH_DEPTH_MAX; i++)
		memcpy(deep + 2 * i, "./", 3);
	for (int old = 0; old < 2; old++) {
		old_kernel = old;
		assert_int_equal(
			path_open(root, name, O_RDONLY, &e), -ENAMETOOLONG);
	}
	memcpy(deep + strlen(deep), "in", 3);
	assert_err(path_open(root, deep, O_RDONLY, &e), -ENAMETOOLONG, &e,
		"components");
	old_kernel = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_below_its_root),
		cmocka_unit_test(walks_by_itself_on_old_kernels),
		cmocka_unit_test(refuses_endless_names),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
