// SPDX-License-Identifier: Apache-2.0
/*
 * bench_sockets [COUNT]: open COUNT UDP sockets in a network namespace of its
 * own, and print how long each witness takes to tell them, and whether all did.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "net/sock_bpf.h"
#include "net/sock_look.h"

enum { COUNT = 50000, EACH = 15000, MS = 1000000 };

static int open_some(uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		struct sockaddr_in a = { .sin_family = AF_INET,
			.sin_port = htons((uint16_t)(1024 + i % 60000)) };
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		a.sin_addr.s_addr =
			htonl(INADDR_LOOPBACK + (uint32_t)(i / 60000));
		if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
			return -1;
	}
	return 0;
}

/* By children, since each has a limit of descriptors. */
static int open_all(uint64_t count)
{
	int ready[2];
	char c;

	if (unshare(CLONE_NEWNET) < 0 || pipe(ready) < 0)
		return -1;
	for (uint64_t at = 0; at < count; at += EACH) {
		uint64_t end = count - at < EACH ? count : at + EACH;
		pid_t pid = fork();

		if (pid < 0)
			return -1;
		if (pid == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			c = open_some(at, end) == 0 ? 'y' : 'n';
			(void)!write(ready[1], &c, 1);
			for (;;)
				(void)pause();
		}
		if (read(ready[0], &c, 1) != 1 || c != 'y')
			return -1;
	}
	return 0;
}

static uint64_t count_udp(const struct net_socks *ss)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ss->n; i++)
		n += net_sock_kind(&ss->v[i]) == NET_UDP;
	return n;
}

static int measure(const char *name, struct sock_asked *asked, uint64_t count)
{
	struct sock_look *l = calloc(1, sizeof(*l));
	uint64_t begin = clock_ns(CLOCK_MONOTONIC), took;
	struct err e = { 0 };
	uint64_t n;

	if (!l || sock_look(l, asked, &e) < 0) {
		(void)fprintf(stderr, "bench_sockets: %s\n", e.msg);
		free(l);
		return 1;
	}
	took = clock_ns(CLOCK_MONOTONIC) - begin;
	n = count_udp(&l->socks);
	(void)printf("%-10s %8.1f ms  %llu sockets, %zu suspects\n", name,
		(double)took / MS, (unsigned long long)n, l->suspects);
	sock_look_done(l);
	free(l);
	return n != count;
}

int main(int argc, char **argv)
{
	struct sock_asked asked = { 0 };
	struct net_held held = { 0 };
	struct net_bpf *bpf = NULL;
	uint64_t count = COUNT, begin;
	struct err e = { 0 };
	struct stat st;
	int bad = 0;

	if ((argc > 1 && num_u64(&count, argv[1], &e) < 0) || argc > 2)
		return 2;
	/* Interfaces that are down take local addresses, too. */
	if (open_all(count) < 0 || stat("/proc/self/ns/net", &st) < 0 ||
		net_bpf_open(&bpf, &e) < 0) {
		(void)fprintf(stderr, "bench_sockets: %s %s\n", strerror(errno),
			e.msg);
		return 1;
	}
	asked.netns = (uint32_t)st.st_ino;
	begin = clock_ns(CLOCK_MONOTONIC);
	bad |= net_bpf_held(&held, bpf, &e) < 0 || held.owners.n < count;
	(void)printf("%-10s %8.1f ms  %zu owners\n", "owners",
		(double)(clock_ns(CLOCK_MONOTONIC) - begin) / MS, held.owners.n);
	asked.bpf = bpf;
	asked.bpf_why = e;
	asked.leave_out = NET_BY_DIAG | NET_BY_PROC;
	bad |= measure("iterator", &asked, count);
	asked.leave_out = NET_BY_ITERATOR | NET_BY_PROC;
	bad |= measure("diag", &asked, count);
	asked.leave_out = NET_BY_ITERATOR | NET_BY_DIAG;
	bad |= measure("proc", &asked, count);
	asked.leave_out = 0;
	asked.held = &held;
	bad |= measure("all", &asked, count);
	net_held_done(&held);
	net_bpf_close(bpf);
	return bad;
}
