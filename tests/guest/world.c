// SPDX-License-Identifier: Apache-2.0
/*
 * world FILE: make processes of every kind that the live picture has to tell,
 * write what they are into FILE, and wait.  Each process says of itself, by
 * system calls, what cannot be known before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"
#include "world_container.h"
#include "world_fields.h"
#include "world_fuse.h"
#include "world_memory.h"
#include "world_overlay.h"
#include "world_stuck.h"

enum {
	THREADS = 5,
	ENV_BYTES = 64 << 10,
	LARGE_ENV_BYTES = 120000, /* one string of at most 128 KiB, */
	LARGE_ENV_STRINGS = 3, /* and together more than is kept */
	ARG_BYTES = 4096,
};

static void *sleeper(void *arg)
{
	char name[16];

	snprintf(name, sizeof(name), "thread-%d", (int)(intptr_t)arg);
	(void)prctl(PR_SET_NAME, name);
	must(write(ready[1], "t", 1) == 1, "tell the parent");
	for (;;)
		(void)pause();
	return NULL;
}

static void run_threads(void)
{
	for (intptr_t i = 1; i < THREADS; i++) {
		pthread_t t;
		char c;

		must(pthread_create(&t, NULL, sleeper, (void *)i) == 0, "thread");
		must(read(ready[0], &c, 1) == 1, "thread");
	}
	stay();
}

static void make_threads(void)
{
	(void)spawn("threads", 0, run_threads);
	fprintf(out, ", \"threads\": %d", THREADS);
	end();
}

static const char hostile_name[] = "a)\n(\xff\\ b";

static void run_hostile(void)
{
	(void)prctl(PR_SET_NAME, hostile_name);
	must(mkdir("/tmp/new\nline\xff", 0700) == 0 &&
			chdir("/tmp/new\nline\xff") == 0,
		"chdir");
	stay();
}

static void make_hostile(void)
{
	static const char cwd[] = "/tmp/new\nline\xff";

	(void)spawn("hostile", 0, run_hostile);
	put_hex("comm", hostile_name, sizeof(hostile_name) - 1);
	put_hex("cwd", cwd, sizeof(cwd) - 1);
	end();
}

static void run_lookalike(void)
{
	(void)prctl(PR_SET_NAME, "kworker/0:1");
	stay();
}

static void make_lookalike(void)
{
	(void)spawn("lookalike", 0, run_lookalike);
	put_hex("comm", "kworker/0:1", 11);
	end();
}

static void run_session(void)
{
	must(setsid() >= 0, "setsid");
	stay();
}

static void drop_to(uint32_t effective, uint32_t permitted)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { { .effective = effective,
		.permitted = permitted } };

	must(syscall(SYS_capset, &head, data) == 0, "capset");
}

/* Each id is another, so that none can stand in for another. */
static void run_credentials(void)
{
	static const gid_t groups[] = { 7, 70, 700, 65533 };

	must(setgroups(4, groups) == 0, "setgroups");
	must(prctl(PR_SET_KEEPCAPS, 1) == 0, "keepcaps");
	must(prctl(PR_CAPBSET_DROP, CAP_SYS_MODULE) == 0, "capbset");
	must(setresgid(101, 102, 103) == 0, "setresgid");
	must(setresuid(201, 202, 203) == 0, "setresuid");
	drop_to(1 << CAP_NET_RAW, 1 << CAP_NET_RAW | 1 << CAP_KILL);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
	must(prctl(PR_SET_DUMPABLE, 1) == 0, "dumpable");
	stay();
}

static void make_credentials(void)
{
	(void)spawn("credentials", 0, run_credentials);
	fprintf(out,
		", \"uids\": [201, 202, 203, 202], \"gids\": [101, 102, 103, 102]"
		", \"groups\": [7, 70, 700, 65533], \"cap_effective\": %u, "
		"\"cap_permitted\": %u, \"no_new_privs\": true, "
		"\"bounding_lacks\": %d",
		1 << CAP_NET_RAW, 1 << CAP_NET_RAW | 1 << CAP_KILL,
		CAP_SYS_MODULE);
	end();
}

static void run_seccomp(void)
{
	must(write(ready[1], "x", 1) == 1, "tell the parent");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0, "seccomp");
	/* read(), write() and exit() are all there is: of a pipe that nobody
	 * writes to. */
	for (;;) {
		char c;

		(void)!read(ready[0] + 100, &c, 1);
	}
}

static void make_seccomp(void)
{
	int never[2];

	must(pipe(never) == 0 && dup2(never[0], ready[0] + 100) >= 0, "pipe");
	(void)spawn("seccomp", 0, run_seccomp);
	fputs(", \"seccomp\": 1", out);
	end();
}

static void run_deleted(void)
{
	int fd = open("/tmp/gone", O_WRONLY | O_CREAT | O_EXCL, 0700);

	must(fd >= 0, "/tmp/gone");
	(void)close(copy_self(fd));
	exec_stay("/tmp/gone", -1, no_env);
}

static void make_deleted(void)
{
	(void)spawn("deleted", 0, run_deleted);
	must(unlink("/tmp/gone") == 0, "unlink");
	put_hex("exe_path", "/tmp/gone (deleted)", 19);
	fputs(", \"deleted\": true", out);
	end();
}

static void run_memfd(void)
{
	int fd = memfd_create("implant", MFD_CLOEXEC);

	must(fd >= 0, "memfd");
	exec_stay(NULL, copy_self(fd), no_env);
}

static void make_memfd(void)
{
	(void)spawn("memfd", 0, run_memfd);
	put_hex("exe_path", "/memfd:implant (deleted)", 24);
	fputs(", \"deleted\": true, \"memfd\": true", out);
	end();
}

/* ${n} strings of ${bytes} and an end that is known. */
static char **make_env(size_t n, size_t bytes)
{
	char **env = calloc(n + 2, sizeof(*env));

	for (size_t i = 0; i < n; i++) {
		env[i] = malloc(bytes + 1);
		memset(env[i], 'e', bytes);
		memcpy(env[i], "E=", 2);
		env[i][bytes] = 0;
	}
	env[n] = "LAST=\xff\n";
	return env;
}

static void run_environment(void)
{
	exec_stay(self, -1, make_env(1, ENV_BYTES));
}

static void run_large(void)
{
	exec_stay(self, -1, make_env(LARGE_ENV_STRINGS, LARGE_ENV_BYTES));
}

static void make_environments(void)
{
	(void)spawn("environment", 0, run_environment);
	fprintf(out, ", \"environment_bytes\": [%d, 7]", ENV_BYTES);
	put_hex("last_environment", "LAST=\xff\n", 7);
	end();
	(void)spawn("large", 0, run_large);
	fprintf(out, ", \"environment_cut\": %d",
		LARGE_ENV_STRINGS * LARGE_ENV_BYTES);
	end();
}

/* The area of the arguments, which a process may write over. */
static char *own_argv;
static size_t own_argv_bytes;

static void run_rewritten(void)
{
	memset(own_argv, 0, own_argv_bytes);
	memcpy(own_argv, "[kworker/u8:3]",
		14 < own_argv_bytes ? 14 : own_argv_bytes);
	stay();
}

static void make_rewritten(void)
{
	(void)spawn("rewritten", 0, run_rewritten);
	put_hex("argv0", "[kworker/u8:3]",
		14 < own_argv_bytes ? 14 : own_argv_bytes);
	end();
}

static void run_long_argument(void)
{
	static char arg[ARG_BYTES + 1];
	char fd_text[16];
	char *argv[] = { "world", "--stay", fd_text, arg, "", "end", NULL };

	snprintf(fd_text, sizeof(fd_text), "%d", ready[1]);
	memset(arg, 'a', ARG_BYTES);
	(void)execve(self, argv, no_env);
	die("exec");
}

static void make_long_argument(void)
{
	(void)spawn("argument", 0, run_long_argument);
	fprintf(out, ", \"argv_bytes\": [5, 6, null, %d, 0, 3]", ARG_BYTES);
	end();
}

static void run_mounted(void)
{
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	must(mkdir("/tmp/root", 0755) == 0 && chroot("/tmp/root") == 0 &&
			chdir("/") == 0,
		"chroot");
	stay();
}

static void make_mounted(void)
{
	(void)spawn("chroot", CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWCGROUP,
		run_mounted);
	put_hex("root", "/tmp/root", 9);
	end();
}

static void run_zombie(void)
{
	must(write(ready[1], "x", 1) == 1, "tell the parent");
	must(write(ready[1], "x", 1) == 1, "tell the parent");
	for (;;)
		(void)pause();
}

/* Dead, and not waited for: there are neither arguments nor namespaces. */
static void make_zombie(void)
{
	pid_t pid = spawn("zombie", 0, run_zombie);
	siginfo_t info;
	char c;

	must(read(ready[0], &c, 1) == 1, "zombie");
	must(kill(pid, SIGKILL) == 0, "kill");
	must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0, "waitid");
	fputs(", \"state\": \"Z\"", out);
	end();
}

static void make_session(void)
{
	(void)spawn("session", 0, run_session);
	end();
}

static int stay_only(const char *fd)
{
	ready[1] = (int)strtol(fd, NULL, 10);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay();
	return 1;
}

static void make_all(void)
{
	make_threads();
	make_hostile();
	make_lookalike();
	make_session();
	make_credentials();
	make_seccomp();
	make_deleted();
	make_memfd();
	make_environments();
	make_rewritten();
	make_long_argument();
	make_containers();
	make_mounted();
	make_memory();
	make_waiting();
	make_absent();
	make_never();
	make_overlay();
	make_fields();
	make_zombie();
}

int main(int argc, char **argv)
{
	char path[PATH_CHARS];
	ssize_t n;

	if (argc >= 3 && strcmp(argv[1], "--stay") == 0)
		return stay_only(argv[2]);
	if (argc != 2)
		return 2;
	own_argv = argv[0];
	own_argv_bytes =
		(size_t)(argv[argc - 1] + strlen(argv[argc - 1]) - argv[0]);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	must(n > 0, "exe");
	/* Not close-on-exec: they go on to those that run again. */
	must(pipe(ready) == 0, "pipe");
	snprintf(path, sizeof(path), "%s.tmp", argv[1]);
	out = fopen(path, "w");
	must(out != NULL, path);
	fputs("[", out);
	make_all();
	fputs("\n]\n", out);
	must(fclose(out) == 0 && rename(path, argv[1]) == 0, argv[1]);
	for (;;)
		(void)pause();
}
