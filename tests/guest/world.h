/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of world.c share: a child, and what is known of it; the program
 * itself, once more. */
#ifndef GUEST_WORLD_H
#define GUEST_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PATH_CHARS = 512 };

static FILE *out;
static int ready[2];
static bool first = true;

static void die(const char *what)
{
	fprintf(stderr, "world: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(bool ok, const char *what)
{
	if (!ok)
		die(what);
}

/* Tell the parent, and be there until it ends. */
static void stay(void)
{
	must(write(ready[1], "x", 1) == 1, "tell the parent");
	for (;;)
		(void)pause();
}

static void put_hex(const char *key, const void *p, size_t len)
{
	fprintf(out, ", \"%s\": \"", key);
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", ((const uint8_t *)p)[i]);
	fputc('"', out);
}

/* The inodes of a process's namespaces, as stat() says. */
static void put_namespaces(pid_t pid)
{
	static const char *const names[] = { "mnt", "pid", "net", "user", "uts",
		"ipc", "cgroup", "time" };

	fputs(", \"namespaces\": {", out);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[PATH_CHARS];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		must(stat(path, &st) == 0, path);
		fprintf(out, "%s\"%s\": %llu", i ? ", " : "", names[i],
			(unsigned long long)st.st_ino);
	}
	fputc('}', out);
}

static void put_exe(pid_t pid)
{
	char path[PATH_CHARS];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	must(stat(path, &st) == 0, path);
	fprintf(out,
		", \"exe_inode\": %llu, \"exe_major\": %u, \"exe_minor\": %u, "
		"\"exe_links\": %u",
		(unsigned long long)st.st_ino, major(st.st_dev),
		minor(st.st_dev), (unsigned)st.st_nlink);
}

/* Run ${run} in a child; flags are clone()'s.  What is known of it goes to
 * the file, whose object the caller ends. */
static pid_t spawn(const char *name, unsigned long flags, void (*run)(void))
{
	pid_t pid;
	char c;

	fflush(out);
	pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	must(pid >= 0, name);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		run();
		_exit(1);
	}
	must(read(ready[0], &c, 1) == 1, name);
	fprintf(out, "%s\n{\"name\": \"%s\", \"pid\": %d, \"ppid\": %d",
		first ? "" : ",", name, pid, getpid());
	fprintf(out, ", \"pgid\": %d, \"session\": %d", getpgid(pid),
		getsid(pid));
	put_namespaces(pid);
	put_exe(pid);
	first = false;
	return pid;
}

static void end(void)
{
	fputc('}', out);
}

static char self[PATH_CHARS];

static char *no_env[] = { NULL };

/* Run again as "world --stay", by ${fd} or from ${path}. */
static void exec_stay(const char *path, int fd, char *const envp[])
{
	char fd_text[16];
	char *argv[] = { "world", "--stay", fd_text, NULL };

	snprintf(fd_text, sizeof(fd_text), "%d", ready[1]);
	if (path)
		(void)execve(path, argv, envp);
	else
		(void)syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	die("exec");
}

static int copy_self(int to)
{
	int from = open(self, O_RDONLY | O_CLOEXEC);
	char piece[65536];
	ssize_t n;

	must(from >= 0, self);
	while ((n = read(from, piece, sizeof(piece))) > 0)
		must(write(to, piece, (size_t)n) == n, "copy");
	(void)close(from);
	return to;
}

static void run_stay(void)
{
	stay();
}

#endif
