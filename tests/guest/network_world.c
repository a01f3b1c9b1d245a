// SPDX-License-Identifier: Apache-2.0
/*
 * network_world FILE: make open files of every kind and sockets of every kind
 * in three network namespaces, write what they are into FILE, and wait.  What
 * the kernel chose (inodes, ports) is asked by system calls.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SENT = 12345,
	ANSWERED = 678,
	MAGIC = 0x7255,
	PORT_TCP = 4242,
	PORT_WAIT = 4243,
	PORT_UDP = 5353,
	PORT_OTHER = 6001,
	PORT_QUIET = 6002,
	PORT_VSOCK = 7007,
	GROUPS = 1,
};

static FILE *out;
static const char *comma = "";

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "network_world: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int good(int fd, const char *what)
{
	must(fd >= 0, what);
	return fd;
}

/* What fstat(), lseek() and fcntl() say of a file. */
static void tell_file(const char *kind, int fd, const char *path)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	must(fstat(fd, &st) == 0, kind);
	fprintf(out,
		"%s\n{\"what\": \"file\", \"kind\": \"%s\", \"pid\": %d, \"fd\": %d, "
		"\"inode\": %llu, \"major\": %u, \"minor\": %u, "
		"\"cloexec\": %d, \"flags\": %d, \"position\": %lld",
		comma, kind, getpid(), fd, (unsigned long long)st.st_ino,
		major(st.st_dev), minor(st.st_dev),
		fcntl(fd, F_GETFD) & FD_CLOEXEC, fcntl(fd, F_GETFL),
		at < 0 ? 0LL : (long long)at);
	if (path)
		fprintf(out, ", \"path\": \"%s\"", path);
	fputc('}', out);
	comma = ",";
}

static void tell_socket(const char *kind, int fd, const char *more)
{
	struct stat st, net;

	must(fstat(fd, &st) == 0 && stat("/proc/self/ns/net", &net) == 0, kind);
	fprintf(out,
		"%s\n{\"what\": \"socket\", \"kind\": \"%s\", \"pid\": %d, "
		"\"fd\": %d, \"inode\": %llu, \"netns\": %llu%s}",
		comma, kind, getpid(), fd, (unsigned long long)st.st_ino,
		(unsigned long long)net.st_ino, more);
	comma = ",";
	fflush(out);
}

static void make_bpf(void)
{
	union bpf_attr a = { .map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1 };
	struct bpf_insn code[] = { { BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 } };
	union bpf_attr p = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = 2,
		.insns = (uintptr_t)code,
		.license = (uintptr_t) "GPL" };

	tell_file("BPF_MAP",
		good((int)syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a)), "map"),
		"anon_inode:bpf-map");
	tell_file("BPF_PROG",
		good((int)syscall(SYS_bpf, BPF_PROG_LOAD, &p, sizeof(p)), "prog"),
		"anon_inode:bpf-prog");
}

static void make_anonymous(void)
{
	struct perf_event_attr perf = { .type = PERF_TYPE_SOFTWARE,
		.size = sizeof(perf),
		.config = PERF_COUNT_SW_CPU_CLOCK };
	struct io_uring_params ring = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	tell_file("MEMFD", good(memfd_create("held", MFD_CLOEXEC), "memfd"),
		"/memfd:held (deleted)");
	tell_file("EVENTFD", good(eventfd(7, 0), "eventfd"),
		"anon_inode:[eventfd]");
	tell_file("EPOLL", good(epoll_create1(EPOLL_CLOEXEC), "epoll"),
		"anon_inode:[eventpoll]");
	tell_file("IO_URING",
		good((int)syscall(SYS_io_uring_setup, 4, &ring), "io_uring"),
		"anon_inode:[io_uring]");
	tell_file("PERF",
		good((int)syscall(SYS_perf_event_open, &perf, 0, -1, -1, 0),
			"perf"),
		"anon_inode:[perf_event]");
	tell_file("USERFAULTFD",
		good((int)syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd"),
		"anon_inode:[userfaultfd]");
	tell_file("PIDFD",
		good((int)syscall(SYS_pidfd_open, getpid(), 0), "pidfd"), NULL);
	tell_file("INOTIFY", good(inotify_init1(0), "inotify"),
		"anon_inode:inotify");
	tell_file("FANOTIFY",
		good(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY), "fanotify"),
		"anon_inode:[fanotify]");
	tell_file("TIMERFD", good(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd"),
		"anon_inode:[timerfd]");
	tell_file("SIGNALFD", good(signalfd(-1, &set, 0), "signalfd"),
		"anon_inode:[signalfd]");
	make_bpf();
}

static void make_files(void)
{
	int ends[2], fd;

	fd = good(open("/tmp/kept", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
		"kept");
	must(write(fd, "0123456789", 10) == 10 && lseek(fd, 7, SEEK_SET) == 7,
		"kept");
	tell_file("REGULAR", fd, "/tmp/kept");
	fd = good(open("/tmp/removed", O_WRONLY | O_CREAT, 0600), "removed");
	must(unlink("/tmp/removed") == 0, "unlink");
	tell_file("REGULAR", fd, "/tmp/removed (deleted)");
	tell_file("DIRECTORY",
		good(open("/tmp", O_RDONLY | O_DIRECTORY), "/tmp"), "/tmp");
	tell_file("CHARACTER", good(open("/dev/null", O_WRONLY), "null"),
		"/dev/null");
	must(mkfifo("/tmp/fifo", 0600) == 0, "fifo");
	tell_file("FIFO", good(open("/tmp/fifo", O_RDWR), "fifo"), "/tmp/fifo");
	must(pipe2(ends, O_NONBLOCK) == 0, "pipe");
	tell_file("PIPE", ends[0], NULL);
	tell_file("NAMESPACE", good(open("/proc/self/ns/net", O_RDONLY), "ns"),
		NULL);
	make_anonymous();
}

static struct sockaddr_in at_port(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int bound(int type, int port)
{
	struct sockaddr_in a = at_port(port);
	int one = 1, fd = good(socket(AF_INET, type, 0), "socket");

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
			bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0,
		"bind");
	if (type == SOCK_STREAM)
		must(listen(fd, 5) == 0, "listen");
	return fd;
}

static void connect_to(int listener, int port, int *client, int *server)
{
	struct sockaddr_in a = at_port(port);

	*client = good(socket(AF_INET, SOCK_STREAM, 0), "socket");
	must(connect(*client, (struct sockaddr *)&a, sizeof(a)) == 0, "connect");
	*server = good(accept(listener, NULL, NULL), "accept");
}

static void move_bytes(int from, int to, size_t n)
{
	static char bytes[SENT];
	size_t got = 0;

	must(write(from, bytes, n) == (ssize_t)n, "send");
	while (got < n) {
		ssize_t r = read(to, bytes, sizeof(bytes));

		must(r > 0, "receive");
		got += (size_t)r;
	}
}

static void make_tcp(void)
{
	int listener = bound(SOCK_STREAM, PORT_TCP), client, server;
	int waiter = bound(SOCK_STREAM, PORT_WAIT);
	struct sockaddr_in own;
	socklen_t len = sizeof(own);
	char more[200];

	tell_socket("tcp-listen", listener, ", \"local_port\": 4242");
	connect_to(listener, PORT_TCP, &client, &server);
	move_bytes(client, server, SENT);
	move_bytes(server, client, ANSWERED);
	must(getsockname(client, (struct sockaddr *)&own, &len) == 0, "name");
	snprintf(more, sizeof(more),
		", \"local_port\": %u, \"remote_port\": %d, \"received\": %d, "
		"\"acked\": %d",
		ntohs(own.sin_port), PORT_TCP, ANSWERED, SENT + 1);
	tell_socket("tcp-client", client, more);
	snprintf(more, sizeof(more),
		", \"local_port\": %d, \"remote_port\": %u, \"received\": %d, "
		"\"acked\": %d",
		PORT_TCP, ntohs(own.sin_port), SENT, ANSWERED);
	tell_socket("tcp-server", server, more);
	connect_to(waiter, PORT_WAIT, &client, &server);
	must(getsockname(client, (struct sockaddr *)&own, &len) == 0, "name");
	must(close(client) == 0 && read(server, more, 1) == 0 &&
			close(server) == 0,
		"close");
	snprintf(more, sizeof(more), ", \"local_port\": %d, \"wait_port\": %u",
		PORT_WAIT, ntohs(own.sin_port));
	tell_socket("tcp-time-wait", waiter, more);
}

/* As backdoors have it: IPv4 and TCP, and a magic number where data begin. */
static void make_packet(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 4),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 34),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MAGIC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };
	int fd = good(socket(AF_PACKET, SOCK_RAW, htons(0x0800)), "packet");

	must(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ==
			0,
		"filter");
	tell_socket("packet", fd, ", \"magic\": \"jeq      #0x7255\"");
}

static void make_unix(void)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX, .sun_path = "/tmp/u" };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX };
	int fd = good(socket(AF_UNIX, SOCK_STREAM, 0), "unix"), pair[2];
	struct stat st;
	char more[100];

	must(bind(fd, (struct sockaddr *)&path, sizeof(path)) == 0 &&
			listen(fd, 1) == 0,
		"unix");
	tell_socket("unix-listen", fd, ", \"name\": \"/tmp/u\"");
	fd = good(socket(AF_UNIX, SOCK_DGRAM, 0), "unix");
	memcpy(abstract.sun_path, "\0hidden\\name", 12);
	must(bind(fd, (struct sockaddr *)&abstract,
		     offsetof(struct sockaddr_un, sun_path) + 12) == 0,
		"unix");
	tell_socket("unix-abstract", fd,
		", \"name\": \"\\\\x00hidden\\\\x5cname\"");
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "pair");
	must(fstat(pair[1], &st) == 0, "pair");
	snprintf(more, sizeof(more), ", \"peer\": %llu",
		(unsigned long long)st.st_ino);
	tell_socket("unix-pair", pair[0], more);
}

static void make_others(void)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_groups = GROUPS };
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = PORT_VSOCK };
	int fd = good(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "netlink");

	must(bind(fd, (struct sockaddr *)&nl, sizeof(nl)) == 0, "netlink");
	tell_socket("netlink", fd, ", \"groups\": 1");
	tell_socket("raw", good(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "raw"),
		", \"protocol\": 1");
	tell_socket("udp", bound(SOCK_DGRAM, PORT_UDP), ", \"local_port\": 5353");
	fd = good(socket(AF_VSOCK, SOCK_STREAM, 0), "vsock");
	must(bind(fd, (struct sockaddr *)&vm, sizeof(vm)) == 0 &&
			listen(fd, 1) == 0,
		"vsock");
	tell_socket("vsock", fd, ", \"local_port\": 7007");
}

static void set_flags(const char *name, short flags)
{
	int fd = good(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	struct ifreq r = { .ifr_flags = flags };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	must(ioctl(fd, SIOCSIFFLAGS, &r) == 0, name);
	(void)close(fd);
}

/* A child in a namespace of its own; it says when it is ready. */
static void child(void (*run)(int ready, int sock), int sock)
{
	int ready[2];
	char c;
	pid_t pid;

	must(pipe(ready) == 0, "pipe");
	fflush(out);
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		must(unshare(CLONE_NEWNET) == 0, "unshare");
		set_flags("lo", IFF_UP | IFF_RUNNING);
		run(ready[1], sock);
		exit(0);
	}
	must(read(ready[0], &c, 1) == 1, "child");
	comma = ",";
}

static void run_other(int ready, int sock)
{
	(void)sock;
	tell_socket("other-listen", bound(SOCK_STREAM, PORT_OTHER),
		", \"local_port\": 6001");
	must(system("ip link add watched type dummy && "
		    "ip link set watched up promisc on && "
		    "ip addr add 192.0.2.77/24 dev watched && "
		    "ip route add 198.51.100.0/24 via 192.0.2.1 table 77") == 0,
		"dummy");
	must(write(ready, "x", 1) == 1, "ready");
	for (;;)
		(void)pause();
}

/* Nobody stays here: the socket is on its way, the namespace is mounted. */
static void run_quiet(int ready, int sock)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fd = bound(SOCK_STREAM, PORT_QUIET);

	tell_socket("quiet-listen", fd, ", \"local_port\": 6002");
	must(mkdir("/run/netns", 0755) == 0 &&
			close(good(open("/run/netns/quiet", O_CREAT | O_RDONLY,
					   0600),
				"quiet")) == 0 &&
			mount("/proc/self/ns/net", "/run/netns/quiet", NULL,
				MS_BIND, NULL) == 0,
		"mount");
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	must(sendmsg(sock, &msg, 0) == 1, "pass");
	must(write(ready, "x", 1) == 1, "ready");
}

int main(int argc, char **argv)
{
	char path[256];
	int pair[2];

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s.tmp", argv[1]);
	out = fopen(path, "we");
	must(out != NULL, path);
	setvbuf(out, NULL, _IOFBF, 1 << 16);
	fputs("[", out);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "pair");
	make_files();
	make_tcp();
	make_packet();
	make_unix();
	make_others();
	child(run_other, -1);
	child(run_quiet, pair[0]);
	(void)waitpid(-1, NULL, 0);
	fprintf(out, ",\n{\"what\": \"pid\", \"pid\": %d}\n]\n", getpid());
	must(fclose(out) == 0 && rename(path, argv[1]) == 0, argv[1]);
	for (;;)
		(void)pause();
}
