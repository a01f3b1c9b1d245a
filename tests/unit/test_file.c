// SPDX-License-Identifier: Apache-2.0
/* The open files of a child, which this test made, by both witnesses. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/detail.h"
#include "live/file.h"
#include "live/source.h"
#include "live/timed.h"
#include "unit/unit.h"

static uint32_t child;
static int ready[2];

enum { FD_MEMFD = 50, FD_EVENT, FD_SOCKET, FD_NULL, FD_PIPE, FD_DIRECTORY };

static void put_at(int fd, int at)
{
	if (fd < 0 || dup2(fd, at) != at)
		_exit(1);
	(void)close(fd);
}

static void be_child(void)
{
	int ends[2];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	put_at(memfd_create("mine", 0), FD_MEMFD);
	if (write(FD_MEMFD, "12345", 5) != 5)
		_exit(1);
	put_at(eventfd(0, 0), FD_EVENT);
	put_at(socket(AF_UNIX, SOCK_STREAM, 0), FD_SOCKET);
	put_at(open("/dev/null", O_WRONLY | O_APPEND), FD_NULL);
	put_at(open("/", O_RDONLY | O_DIRECTORY), FD_DIRECTORY);
	if (pipe(ends) < 0)
		_exit(1);
	put_at(ends[0], FD_PIPE);
	if (fcntl(FD_NULL, F_SETFD, FD_CLOEXEC) < 0 ||
		write(ready[1], "x", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

static int set_up(void **state)
{
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_child();
	child = (uint32_t)pid;
	assert_int_equal(read(ready[0], &c, 1), 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)kill((pid_t)child, SIGKILL);
	assert_int_equal(waitpid((pid_t)child, NULL, 0), child);
	return 0;
}

static void by_proc(struct live_files *fs)
{
	struct live_config config = { .pids = &child, .pids_n = 1 };
	struct timed *timed = NULL;
	struct err e = { 0 };

	assert_ok(timed_new(&timed, DETAIL_WAIT_NS, &e), &e);
	assert_ok(live_files_proc(fs, &config, timed, &e), &e);
	timed_free(timed);
}

/* 0 where this machine does not let us. */
static int by_bpf(struct live_files *fs)
{
	struct live_config config = { .pids = &child, .pids_n = 1 };
	struct err e = { 0 };
	int r = live_files_bpf(fs, &config, &e);

	if (r < 0 && geteuid() != 0)
		return 0;
	assert_ok(r, &e);
	return 1;
}

static void check(const struct live_files *fs)
{
	static const struct {
		uint32_t fd;
		enum live_file_kind kind;
		const char *path; /* how it begins */
		uint32_t flags;
		uint64_t position;
	} want[] = {
		{ FD_MEMFD, LIVE_FILE_MEMFD, "/memfd:mine (deleted)",
			O_RDWR | O_LARGEFILE, 5 },
		{ FD_EVENT, LIVE_FILE_EVENTFD, "anon_inode:[eventfd]", O_RDWR, 0 },
		{ FD_SOCKET, LIVE_FILE_SOCKET, "socket:[", O_RDWR, 0 },
		{ FD_NULL, LIVE_FILE_CHARACTER, "/dev/null",
			O_WRONLY | O_APPEND | O_CLOEXEC | O_LARGEFILE, 0 },
		{ FD_PIPE, LIVE_FILE_PIPE, "pipe:[", O_RDONLY, 0 },
		{ FD_DIRECTORY, LIVE_FILE_DIRECTORY, "/",
			O_RDONLY | O_DIRECTORY | O_LARGEFILE, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct live_file *f =
			live_files_find(fs, child, child, want[i].fd);
		const char *path;

		assert_non_null(f);
		path = (const char *)fs->paths.data + f->path_at;
		assert_true(f->path_len >= strlen(want[i].path));
		assert_memory_equal(path, want[i].path, strlen(want[i].path));
		assert_int_equal(live_file_kind(f->mode, path, f->path_len),
			want[i].kind);
		/* The C library has 0 for O_LARGEFILE, the kernel has not. */
		assert_int_equal(f->flags & ~0100000U, want[i].flags & ~0100000U);
		assert_int_equal(f->position, want[i].position);
		assert_int_equal(live_file_deleted(f, path), i == 0);
		assert_true(f->start_boot_ns > 0);
	}
}

static void test_proc(void **state)
{
	struct live_files fs;

	(void)state;
	live_files_init(&fs);
	by_proc(&fs);
	check(&fs);
	live_files_done(&fs);
}

static void test_iterator(void **state)
{
	struct live_files fs;

	(void)state;
	live_files_init(&fs);
	if (!by_bpf(&fs)) {
		live_files_done(&fs);
		skip();
		return;
	}
	check(&fs);
	live_files_done(&fs);
}

static void test_both(void **state)
{
	struct live_config config = { .pids = &child, .pids_n = 1 };
	struct live_files fs, alone;
	struct err e = { 0 };

	(void)state;
	live_files_init(&fs);
	live_files_init(&alone);
	by_proc(&alone);
	if (!by_bpf(&fs)) {
		live_files_done(&fs);
		live_files_done(&alone);
		skip();
		return;
	}
	by_proc(&fs);
	assert_int_equal(fs.n, alone.n);
	for (size_t i = 0; i < fs.n; i++) {
		const struct live_file *a = &fs.v[i], *b = &alone.v[i];

		assert_int_equal(a->seen_by, LIVE_BY_ITERATOR | LIVE_BY_PROC);
		assert_int_equal(a->fd, b->fd);
		assert_int_equal(a->inode, b->inode);
		assert_int_equal(a->mode, b->mode);
		assert_int_equal(a->major, b->major);
		assert_int_equal(a->minor, b->minor);
		assert_int_equal(a->flags, b->flags);
		assert_int_equal(a->position, b->position);
		assert_int_equal(a->path_len, b->path_len);
		assert_memory_equal(fs.paths.data + a->path_at,
			alone.paths.data + b->path_at, a->path_len);
	}
	assert_int_equal(live_files_compare(&fs, &config, &e), 0);
	/* As if /proc had not told one of them, and had one less. */
	fs.v[0].seen_by = LIVE_BY_ITERATOR;
	assert_int_equal(live_files_compare(&fs, &config, &e), 0);
	live_files_done(&fs);
	live_files_done(&alone);
}

/* A directory in the place of /proc that lacks a descriptor. */
static void test_hidden(void **state)
{
	char top[] = "/tmp/icecore-file.XXXXXX", path[300];
	struct live_config config = { .proc = top, .pids = &child, .pids_n = 1 };
	static const char *const parts[] = { "", "/task", NULL, "/fd" };
	struct live_files fs;
	struct err e = { 0 };
	int hidden = 0;

	(void)state;
	live_files_init(&fs);
	if (!by_bpf(&fs)) {
		live_files_done(&fs);
		skip();
		return;
	}
	assert_non_null(mkdtemp(top));
	(void)snprintf(path, sizeof(path), "%s/%u", top, child);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t n = strlen(path);

		if (parts[i])
			(void)snprintf(
				path + n, sizeof(path) - n, "%s", parts[i]);
		else
			(void)snprintf(path + n, sizeof(path) - n, "/%u", child);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	hidden = live_files_compare(&fs, &config, &e);
	assert_int_equal(hidden, fs.n);
	for (size_t i = 0; i < fs.n; i++)
		assert_true(fs.v[i].has & LIVE_FILE_HIDDEN);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		assert_int_equal(rmdir(path), 0);
		*strrchr(path, '/') = 0;
	}
	assert_int_equal(rmdir(top), 0);
	live_files_done(&fs);
}

static void test_fdinfo(void **state)
{
	static const char good[] = "pos:\t42\nflags:\t02100002\nmnt_id:\t9\n";
	static const char *const bad[] = { "", "pos:\t1\n", "flags:\t0\n",
		"pos:\tx\nflags:\t0\n", "pos:\t99999999999999999999\nflags:\t0\n",
		"pos:\t0\nflags:\t77777777777777\n" };
	struct live_file f = { 0 };

	(void)state;
	live_fdinfo(&f, good, sizeof(good) - 1);
	assert_int_equal(f.has, LIVE_FILE_HAS_FLAGS);
	assert_int_equal(f.position, 42);
	assert_int_equal(f.flags, 02100002);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct live_file none = { 0 };

		live_fdinfo(&none, bad[i], strlen(bad[i]));
		assert_int_equal(none.has, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fdinfo),
		cmocka_unit_test(test_proc),
		cmocka_unit_test(test_iterator),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_hidden),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
