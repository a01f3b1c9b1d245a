// SPDX-License-Identifier: Apache-2.0
/*
 * hollow PAYLOAD PROGRAM [ARGUMENT...]: begin PROGRAM, which is static, and by
 * ptrace(2) put another program in its place before it runs its first
 * instruction: its memory is unmapped, and a page of no file has the code that
 * waits.  Writes that page to PAYLOAD.  x86-64; inert: it only ever pauses.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* for (;;) pause(); */
static const uint8_t waits[] = { 0xb8, SYS_pause, 0, 0, 0, 0x0f, 0x05, 0xeb,
	0xf7 };

static pid_t child;

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* One system call in the child, at ${at}, where there is a syscall. */
static uint64_t call(
	uint64_t at, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct user_regs_struct r;
	int status;

	must(ptrace(PTRACE_GETREGS, child, NULL, &r) == 0, "registers");
	r.rip = at;
	r.rax = (uint64_t)nr;
	r.rdi = a;
	r.rsi = b;
	r.rdx = c;
	r.r10 = d;
	r.r8 = (uint64_t)-1;
	r.r9 = 0;
	must(ptrace(PTRACE_SETREGS, child, NULL, &r) == 0, "registers");
	must(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0, "step");
	must(waitpid(child, &status, 0) == child && WIFSTOPPED(status), "step");
	must(ptrace(PTRACE_GETREGS, child, NULL, &r) == 0, "registers");
	return r.rax;
}

static void write_at(uint64_t at, const void *bytes, size_t len)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)child);
	fd = open(path, O_RDWR);
	must(fd >= 0 && pwrite(fd, bytes, len, (off_t)at) == (ssize_t)len, path);
	close(fd);
}

/* Unmap all of the file's, called from a page that is not. */
static void unmap(uint64_t from, const char *program)
{
	char path[32], line[512];
	uint64_t start[64], end[64];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	f = fopen(path, "r");
	must(f != NULL, path);
	while (n < 64 && fgets(line, sizeof(line), f)) {
		char *after;

		if (!strstr(line, program))
			continue;
		start[n] = strtoull(line, &after, 16);
		end[n++] = strtoull(after + 1, NULL, 16);
	}
	fclose(f);
	for (size_t i = 0; i < n; i++)
		must(call(from, SYS_munmap, start[i], end[i] - start[i], 0, 0) ==
				0,
			"munmap");
}

int main(int argc, char **argv)
{
	static uint8_t page[PAGE];
	static const uint8_t syscall_here[] = { 0x0f, 0x05 };
	struct user_regs_struct r;
	uint64_t spare, at;
	int status, fd;

	if (argc < 3)
		return 2;
	child = fork();
	if (child == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[2], argv + 2);
		_exit(1);
	}
	must(waitpid(child, &status, 0) == child && WIFSTOPPED(status), argv[2]);
	must(ptrace(PTRACE_GETREGS, child, NULL, &r) == 0, "registers");
	write_at(r.rip, syscall_here, sizeof(syscall_here));
	spare = call(r.rip, SYS_mmap, 0, PAGE, PROT_READ | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS);
	write_at(spare, syscall_here, sizeof(syscall_here));
	unmap(spare, argv[2]);
	/* What is there now has a mark of its own, and code at the entry. */
	for (size_t i = 0; i < PAGE; i++)
		page[i] = (uint8_t)(i * 7 + 3);
	memcpy(page + r.rip % PAGE, waits, sizeof(waits));
	at = call(spare, SYS_mmap, r.rip / PAGE * PAGE, PAGE,
		PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	must(at == r.rip / PAGE * PAGE, "mmap");
	write_at(at, page, PAGE);
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, page, PAGE) == PAGE, argv[1]);
	close(fd);
	must(ptrace(PTRACE_SETREGS, child, NULL, &r) == 0, "registers");
	must(ptrace(PTRACE_DETACH, child, NULL, NULL) == 0, "detach");
	(void)waitpid(child, &status, 0);
	return 0;
}
