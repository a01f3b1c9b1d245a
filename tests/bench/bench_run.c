// SPDX-License-Identifier: Apache-2.0
/*
 * bench_run COMMAND [ARGUMENT ...]
 *
 * Run COMMAND, then sync(), and print one line on stdout:
 *
 *	SECONDS  SECONDS-WITH-SYNC  PEAK-RESIDENT-KIB  CACHED-GROWTH-KIB
 *
 * Cached is that of /proc/meminfo, right after the command.  The command's own
 * stdout becomes stderr.  The exit status is the command's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/num.h"

enum { NOT_RUN = 127, LINE_CHARS = 128 };

static long cached_kib(void)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/meminfo", "re");
	static const char key[] = "Cached:";
	char line[LINE_CHARS];

	while (f && fgets(line, sizeof(line), f)) {
		char *text = line + sizeof(key) - 1;
		uint64_t v = 0;

		if (strncmp(line, key, sizeof(key) - 1) != 0)
			continue;
		text += strspn(text, " ");
		text[strspn(text, "0123456789")] = 0;
		return num_u64(&v, text, NULL) < 0 ? -1 : (long)v;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct rusage usage = { 0 };
	uint64_t start, end, synced;
	long before, after;
	int status = 0;
	pid_t pid;

	if (argc < 2)
		return NOT_RUN;
	sync();
	before = cached_kib();
	start = clock_ns(CLOCK_MONOTONIC);
	pid = fork();
	if (pid == 0) {
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
		(void)execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(NOT_RUN);
	}
	if (pid < 0)
		return NOT_RUN;
	while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	end = clock_ns(CLOCK_MONOTONIC);
	after = cached_kib();
	sync();
	synced = clock_ns(CLOCK_MONOTONIC);
	(void)printf("%.3f\t%.3f\t%ld\t%ld\n", (double)(end - start) / 1e9,
		(double)(synced - start) / 1e9, usage.ru_maxrss, after - before);
	return WIFEXITED(status) ? WEXITSTATUS(status) : NOT_RUN;
}
