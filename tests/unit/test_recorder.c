// SPDX-License-Identifier: Apache-2.0
/*
 * The recorder on this machine: it looks at processes that the test made, and
 * what it saw of others stays in its ring and goes with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binary/taken.h"
#include "recorder/recorder.h"
#include "unit/unit.h"

enum { CAP = 256 << 10, FORKS = 50 };

extern char **environ;

static uint8_t piece[CAP];

/* How many events of ${kind} there are of ${pid}, and the last of them. */
static int count(
	struct recorder *r, uint32_t kind, uint32_t pid, void *ret, size_t cap)
{
	uint64_t at, end, skipped = 0;
	int found = 0;
	size_t n;

	recorder_flush(r);
	recorder_span(r, &at, &end);
	while ((n = recorder_read(r, &at, piece, CAP, &skipped)) > 0)
		for (size_t i = 0; i < n;) {
			struct recorder_head h;

			memcpy(&h, piece + i, sizeof(h));
			if (h.kind == kind && h.pid == pid) {
				found++;
				memset(ret, 0, cap);
				memcpy(ret, piece + i,
					h.bytes < cap ? h.bytes : cap);
			}
			i += (h.bytes + 7) & ~7U;
		}
	return found;
}

static pid_t run_fd(int fd)
{
	char *argv[] = { "evil", "-x", NULL };
	pid_t pid = fork();

	if (pid == 0) {
		(void)fexecve(fd, argv, environ);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

static pid_t run_path(char *path)
{
	char *argv[] = { path, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve(path, argv, environ);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

static int copy_of(const char *path)
{
	int fd = memfd_create("evil", MFD_CLOEXEC);
	FILE *f = fopen(path, "re");
	size_t n;

	assert_non_null(f);
	while ((n = fread(piece, 1, CAP, f)) > 0)
		assert_int_equal(write(fd, piece, n), n);
	(void)fclose(f);
	return fd;
}

static int copies_pages(struct recorder *r)
{
	static struct recorder_state s;

	recorder_state(r, &s);
	for (size_t i = 0; i < s.programs_n; i++)
		if (strcmp(s.programs[i].name, "pages of executables") == 0)
			return s.programs[i].way != NULL;
	return 0;
}

/* What was taken of ${pid} has the bytes that ${fd} has. */
static void check_content(const struct taken *evil, int fd)
{
	assert_int_equal(lseek(fd, 0, SEEK_END), evil->size_bytes);
	for (uint64_t at = 0; at < evil->size_bytes; at += 4096) {
		char a[4096], b[4096];
		ssize_t n = pread(fd, a, sizeof(a), (off_t)at);

		assert_int_equal(pread(evil->fd, b, sizeof(b), (off_t)at), n);
		assert_memory_equal(a, b, n);
	}
}

static const struct taken *find_taken(const struct taken_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].pid == (uint32_t)pid)
			return &list->v[i];
	return NULL;
}

static void sees(void **state)
{
	struct recorder_config config = { .size_bytes = 4 << 20, .seconds = 60 };
	const struct taken *evil = NULL;
	const struct taken_list *list;
	struct recorder_exec x;
	struct recorder_fork f;
	struct recorder_exit d;
	struct recorder *r;
	struct err e = { 0 };
	int done = recorder_open(&r, &config, &e), fd;
	pid_t pid;

	(void)state;
	if (done == -EPERM || done == -EOPNOTSUPP) {
		print_message("no recorder here: %s\n", e.msg);
		skip();
	}
	assert_ok(done, &e);
	fd = copy_of("/bin/true");
	pid = run_fd(fd);
	assert_int_equal(
		count(r, RECORDER_EXEC, (uint32_t)pid, &x, sizeof(x)), 1);
	assert_int_equal(x.head.ppid, getpid());
	assert_true(x.exe & RECORDER_EXE_MEMFD);
	assert_string_equal(x.text + x.filename_bytes, "evil");
	assert_int_equal(x.ancestors[0].pid, getpid());
	assert_int_equal(
		count(r, RECORDER_EXIT, (uint32_t)pid, &d, sizeof(d)), 1);
	assert_int_equal(d.code, 0);
	assert_int_equal(
		count(r, RECORDER_FORK, (uint32_t)getpid(), &f, sizeof(f)), 1);
	assert_int_equal(f.child_pid, pid);
	assert_int_equal(f.child_start_boot_ns, x.head.start_boot_ns);
	list = recorder_taken(r);
	evil = find_taken(list, pid);
	assert_non_null(evil);
	assert_int_equal(evil->reasons, TAKEN_MEMFD);
	print_message("taken: how %d fd %d copied %d of %d: %s\n", evil->how,
		evil->fd, (int)evil->copied_bytes, (int)evil->size_bytes,
		evil->why_not ? evil->why_not : "");
	if (!copies_pages(r) && evil->fd < 0) {
		/* Then it is a race, which the process won. */
		recorder_give_back(r);
		(void)close(fd);
		recorder_close(r);
		return;
	}
	assert_int_equal(evil->copied_bytes, evil->size_bytes);
	check_content(evil, fd);
	recorder_give_back(r);
	(void)close(fd);
	recorder_close(r);
}

/* A file in a place for all that is gone as soon as it ran, and one that was
 * gone before. */
static void vanishes(void **state)
{
	struct recorder_config config = { .size_bytes = 4 << 20, .seconds = 60 };
	char name[] = "/tmp/icecore-recorder.XXXXXX";
	const struct taken *evil;
	struct recorder_exec x;
	struct recorder *r;
	struct err e = { 0 };
	int done = recorder_open(&r, &config, &e), from, fd;
	pid_t pid, first = 0;

	(void)state;
	if (done == -EPERM || done == -EOPNOTSUPP)
		skip();
	assert_ok(done, &e);
	from = copy_of("/bin/true");
	fd = mkstemp(name);
	assert_true(fd >= 0 && fchmod(fd, 0755) == 0);
	assert_int_equal(lseek(from, 0, SEEK_SET), 0);
	for (ssize_t n; (n = read(from, piece, CAP)) > 0;)
		assert_int_equal(write(fd, piece, (size_t)n), n);
	(void)close(fd);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	for (int gone = 0; gone < 2; gone++) {
		pid = gone ? run_fd(fd) : run_path(name);
		first = gone ? first : pid;
		if (!gone)
			assert_int_equal(unlink(name), 0);
		assert_int_equal(
			count(r, RECORDER_EXEC, (uint32_t)pid, &x, sizeof(x)), 1);
		assert_true(x.exe & (gone ? RECORDER_EXE_DELETED
					  : RECORDER_EXE_WRITABLE));
	}
	evil = find_taken(recorder_taken(r), first);
	assert_non_null(evil);
	print_message("%s: fd %d, %d of %d bytes\n", evil->path, evil->fd,
		(int)evil->copied_bytes, (int)evil->size_bytes);
	assert_true(evil->fd >= 0);
	check_content(evil, from);
	recorder_give_back(r);
	(void)close(fd);
	(void)close(from);
	recorder_close(r);
}

/* recorded + lost = happened, for each kind. */
static void counts(void **state)
{
	struct recorder_config config = {
		.size_bytes = 1 << 20, .seconds = 60, .no_take = 1
	};
	static struct recorder_state s;
	struct recorder *r;
	struct err e = { 0 };
	struct recorder_fork f;
	int done = recorder_open(&r, &config, &e);

	(void)state;
	if (done == -EPERM || done == -EOPNOTSUPP)
		skip();
	assert_ok(done, &e);
	for (int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	assert_int_equal(
		count(r, RECORDER_FORK, (uint32_t)getpid(), &f, sizeof(f)),
		FORKS);
	recorder_state(r, &s);
	assert_true(s.counts[RECORDER_FORK].happened >= FORKS);
	for (int k = 0; k < RECORDER_PAGE; k++)
		assert_true(s.counts[k].happened >=
			    s.counts[k].recorded + s.counts[k].lost);
	assert_int_equal(s.malformed, 0);
	assert_true(s.programs_n > 0);
	assert_non_null(s.programs[0].way);
	recorder_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees),
		cmocka_unit_test(vanishes),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
