// SPDX-License-Identifier: Apache-2.0
/*
 * maxrss FILE COMMAND [ARGUMENT ...]
 *
 * Run COMMAND, write the most resident memory that it ever had to FILE, in
 * KiB, and exit with its status, or 128 + N after signal N.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_SETUP = 126, STATUS_EXEC = 127, STATUS_SIGNAL = 128 };

int main(int argc, char *argv[])
{
	struct rusage usage;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3) {
		fputs("usage: maxrss FILE COMMAND [ARGUMENT ...]\n", stderr);
		return STATUS_SETUP;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(STATUS_EXEC);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("maxrss");
		return STATUS_SETUP;
	}
	f = fopen(argv[1], "we");
	if (f == NULL || fprintf(f, "%ld\n", usage.ru_maxrss) < 0 ||
		fclose(f) != 0) {
		perror(argv[1]);
		return STATUS_SETUP;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : STATUS_SIGNAL + WTERMSIG(status);
}
