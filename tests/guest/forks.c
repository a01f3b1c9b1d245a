// SPDX-License-Identifier: Apache-2.0
/* forks FILE: as many processes as can be, one after the other, while FILE is
 * there. */
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	while (access(argv[1], F_OK) == 0)
		for (int i = 0; i < 64; i++) {
			pid_t pid = fork();

			if (pid == 0)
				_exit(0);
			if (pid > 0)
				(void)waitpid(pid, NULL, 0);
		}
	return 0;
}
