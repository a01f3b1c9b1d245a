// SPDX-License-Identifier: Apache-2.0
/*
 * bench_load fork|tcp|request SECONDS [RATE]: as many turns as fit into the time, or
 * RATE a second, and prints how many there were, how many nanoseconds each took,
 * and how many of processor time, which others on the machine do not change as
 * much.  fork: fork, execute a program that does nothing, wait.  tcp: connect
 * over the loopback, one request, one answer, close.  request: one connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"

extern char **environ;

static struct sockaddr_in place;
static char self[4096];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void turn_fork(void)
{
	char *argv[] = { self, NULL };
	int status;
	pid_t pid;

	if (posix_spawn(&pid, self, NULL, NULL, argv, environ) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0)
		die("spawn");
}

/* Resets at its end, so that no port waits. */
static void turn_tcp(void)
{
	const struct linger now = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char c = 'x';

	if (fd < 0 ||
		connect(fd, (const struct sockaddr *)&place, sizeof(place)) < 0)
		die("connect");
	if (send(fd, &c, 1, 0) != 1 || recv(fd, &c, 1, 0) != 1)
		die("request");
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(fd);
}

/* Over the same connection each time. */
static void turn_request(void)
{
	static int fd = -1;
	char c = 'x';

	if (fd < 0) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (const struct sockaddr *)&place,
				      sizeof(place)) < 0)
			die("connect");
	}
	if (send(fd, &c, 1, 0) != 1 || recv(fd, &c, 1, 0) != 1)
		die("request");
}

static void *serve(void *arg)
{
	int server = *(int *)arg;

	for (;;) {
		int fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
		char c;

		if (fd < 0)
			return NULL;
		while (recv(fd, &c, 1, 0) == 1)
			(void)send(fd, &c, 1, MSG_NOSIGNAL);
		(void)close(fd);
	}
}

static void begin_serving(void)
{
	socklen_t len = sizeof(place);
	static int server;
	pthread_t thread;

	place = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server < 0 || bind(server, (const struct sockaddr *)&place, len) < 0 ||
		listen(server, 1024) < 0 ||
		getsockname(server, (struct sockaddr *)&place, &len) < 0 ||
		pthread_create(&thread, NULL, serve, &server) != 0)
		die("listen");
}

static uint64_t used(int who)
{
	struct rusage u;

	if (getrusage(who, &u) < 0)
		die("getrusage");
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

/* Until it is time for turn ${n} of ${rate} a second. */
static void wait_for_turn(uint64_t began, uint64_t n, uint64_t rate)
{
	uint64_t due = began + n * 1000000000 / rate;
	struct timespec at = clock_timespec(due);

	if (clock_ns(CLOCK_MONOTONIC) < due)
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

int main(int argc, char **argv)
{
	uint64_t seconds = 0, rate = 0, n = 0, began, end, now;
	void (*turn)(void) = NULL;
	struct err e = { 0 };

	if (argc == 1)
		_exit(0); /* as the program that does nothing */
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("readlink");
	if (strcmp(argv[1], "fork") == 0)
		turn = turn_fork;
	if (strcmp(argv[1], "tcp") == 0)
		turn = turn_tcp;
	if (strcmp(argv[1], "request") == 0)
		turn = turn_request;
	if (turn && turn != turn_fork)
		begin_serving();
	if (!turn || argc < 3 || num_u64(&seconds, argv[2], &e) < 0 ||
		(argc > 3 && num_u64(&rate, argv[3], &e) < 0)) {
		(void)fputs("usage: bench_load fork|tcp|request SECONDS [RATE]\n",
			stderr);
		return 2;
	}
	began = clock_ns(CLOCK_MONOTONIC);
	end = began + seconds * 1000000000;
	while ((now = clock_ns(CLOCK_MONOTONIC)) < end) {
		if (rate)
			wait_for_turn(began, n, rate);
		turn();
		n++;
	}
	n = n ? n : 1;
	(void)printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", n,
		(now - began) / n,
		(used(RUSAGE_SELF) + used(RUSAGE_CHILDREN)) / n);
	return 0;
}
