// SPDX-License-Identifier: Apache-2.0
/*
 * forks FILE: until FILE is gone, make child after child, each of which ends at
 * once.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BURST = 32 };

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	while (access(argv[1], F_OK) == 0) {
		for (int i = 0; i < BURST; i++) {
			pid_t pid = fork();

			if (pid == 0)
				_exit(0);
			if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
				perror("forks");
				return 1;
			}
		}
	}
	return 0;
}
