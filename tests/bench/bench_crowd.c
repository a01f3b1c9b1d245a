// SPDX-License-Identifier: Apache-2.0
/*
 * bench_crowd READY PROCESSES MAPPINGS SOCKETS: make that many processes, each
 * with MAPPINGS mappings of its own, and SOCKETS sockets in all of them
 * together; create the file READY and wait.  All end with their parent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"

enum { PAGE = 4096 };

static void must(int good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "bench_crowd: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* Every second page, so that no two become one mapping. */
static void make_mappings(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int prot = i % 2 ? PROT_READ : PROT_READ | PROT_WRITE;

		must(mmap(NULL, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0) != MAP_FAILED,
			"mmap");
	}
}

/* Bound to an address of its own, every second one listening. */
static void make_socket(unsigned n)
{
	int stream = n % 2, yes = 1;
	int fd = socket(AF_INET, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7f000001 + n),
		.sin_port = htons(4242) };

	must(fd >= 0, "socket");
	must(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &yes, sizeof(yes)) == 0 &&
			bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0,
		"bind");
	must(!stream || listen(fd, 1) == 0, "listen");
}

static void live(unsigned mappings, unsigned first, unsigned sockets, int ready)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	make_mappings(mappings);
	for (unsigned i = 0; i < sockets; i++)
		make_socket(first + i);
	must(write(ready, "x", 1) == 1, "tell the parent");
	(void)close(ready);
	for (;;)
		(void)pause();
}

static unsigned number(const char *text)
{
	struct err e = { 0 };
	uint64_t v;

	if (num_u64(&v, text, &e) < 0 || v > 1000000) {
		(void)fprintf(stderr, "bench_crowd: %s\n", text);
		_exit(2);
	}
	return (unsigned)v;
}

int main(int argc, char **argv)
{
	unsigned processes, mappings, sockets, made = 0;
	int ready[2], fd;

	if (argc != 5)
		return 2;
	processes = number(argv[2]);
	mappings = number(argv[3]);
	sockets = number(argv[4]);
	must(pipe(ready) == 0, "pipe");
	for (unsigned i = 0; i < processes; i++) {
		unsigned share = (sockets + i) / processes;
		pid_t pid = fork();
		char c;

		must(pid >= 0, "fork");
		if (pid == 0)
			live(mappings, made, share, ready[1]);
		made += share;
		must(read(ready[0], &c, 1) == 1, "wait for a child");
	}
	fd = open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	must(fd >= 0, argv[1]);
	for (;;)
		(void)pause();
}
