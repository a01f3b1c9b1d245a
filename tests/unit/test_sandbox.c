// SPDX-License-Identifier: Apache-2.0
/* What is left to a process in the sandbox; each test is one of its own. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "lab/sandbox.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char in[SCRATCH_CHARS], out[SCRATCH_CHARS], other[SCRATCH_CHARS];

static int open_at(const char *dir, const char *name, int flags)
{
	char path[SCRATCH_CHARS];
	int fd;

	scratch_path(path, dir, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	return fd < 0 ? -errno : 0;
}

static int status_field(const char *path, const char *field, char *value)
{
	FILE *f = fopen(path, "re");
	char line[256];
	int found = -ENOENT;

	while (f && found < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0) {
			(void)snprintf(
				value, 64, "%.60s", line + strlen(field) + 1);
			value[strcspn(value, "\n")] = 0;
			found = 0;
		}
	if (f)
		(void)fclose(f);
	return found;
}

/* The child says what failed by its status. */
#define must(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			_exit(__LINE__ % 250 + 1);                             \
	} while (0)

static void files(void)
{
	char path[SCRATCH_CHARS];

	must(open_at(in, "evidence", O_RDONLY) == 0);
	must(open_at(in, "evidence", O_WRONLY) == -EACCES);
	must(open_at(in, "new", O_WRONLY | O_CREAT) == -EACCES);
	must(open_at(other, "secret", O_RDONLY) == -EACCES);
	must(open_at("/etc", "passwd", O_RDONLY) == -EACCES);
	must(open_at(out, "new", O_WRONLY | O_CREAT) == 0);
	must(open_at(out, "new", O_RDWR | O_TRUNC) == 0);
	scratch_path(path, out, "new");
	must(unlink(path) == 0);
	scratch_path(path, out, "dir");
	must(mkdir(path, 0700) == 0 && rmdir(path) == 0);
	scratch_path(path, other, "secret");
	must(unlink(path) < 0 && errno == EACCES);
}

static void calls(void)
{
	char *const argv[] = { "/bin/true", NULL };
	struct rlimit l;

	must(socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS);
	must(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == ENOSYS);
	must(execve(argv[0], argv, NULL) < 0 && errno == ENOSYS);
	must(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 && errno == ENOSYS);
	must(kill(getppid(), 0) < 0 && errno == ENOSYS);
	must(syscall(SYS_unshare, 0) < 0 && errno == ENOSYS);
	must(getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0);
	must(getrlimit(RLIMIT_AS, &l) == 0 &&
		l.rlim_max == (rlim_t)SANDBOX_MEMORY_GIB << 30);
	must(mmap(NULL, (size_t)SANDBOX_MEMORY_GIB << 30, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
}

/* A file without a name is no file of a file system. */
static void nameless(void)
{
	char path[64], byte = 'x';
	int fd = memfd_create("x", MFD_CLOEXEC), again;

	must(fd >= 0 && write(fd, &byte, 1) == 1);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	must(again >= 0 && read(again, &byte, 1) == 1);
}

/* Its process: 0 when all held. */
static int in_sandbox(void (*fn)(void))
{
	const struct sandbox s = { .read = { in }, .write = { out } };
	struct err e = { 0 };
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(&s, &e) < 0)
			_exit(255);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_files(void **state)
{
	(void)state;
	assert_int_equal(in_sandbox(files), 0);
}

static void test_calls(void **state)
{
	(void)state;
	assert_int_equal(in_sandbox(calls), 0);
}

static void test_nameless(void **state)
{
	(void)state;
	assert_int_equal(in_sandbox(nameless), 0);
}

/* From outside: what the kernel says of it while it waits. */
static void test_privileges(void **state)
{
	const struct sandbox s = { .read = { in } };
	char path[64], value[64];
	struct err e = { 0 };
	int ready[2], go[2], status = 0;
	char byte = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		must(sandbox_enter(&s, &e) >= 0);
		must(write(ready[1], "x", 1) == 1);
		must(read(go[0], &byte, 1) == 1);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_int_equal(status_field(path, "Seccomp:", value), 0);
	assert_string_equal(value, "2");
	assert_int_equal(status_field(path, "NoNewPrivs:", value), 0);
	assert_string_equal(value, "1");
	assert_int_equal(status_field(path, "CapEff:", value), 0);
	assert_string_equal(value,
		geteuid() == 0 ? "0000000000000006" : "0000000000000000");
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (int i = 0; i < 2; i++) {
		(void)close(ready[i]);
		(void)close(go[i]);
	}
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(in);
	scratch_new(out);
	scratch_new(other);
	scratch_write(in, "evidence", "x", 1);
	scratch_write(other, "secret", "x", 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(in);
	scratch_remove(out);
	scratch_remove(other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_privileges),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
