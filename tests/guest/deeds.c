// SPDX-License-Identifier: Apache-2.0
/*
 * deeds: do once, in a process of its own each, what a recorder should see, and
 * print "NAME PID PARENT" for each.  deeds vanish: the executable that removes
 * itself.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, NOBODY = 65534, SENT = 1000, TCP_PORT = 4444 };

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

static void copy_self(int to)
{
	int from = open("/proc/self/exe", O_RDONLY);
	char b[65536];
	ssize_t n;

	while ((n = read(from, b, sizeof(b))) > 0)
		must(write(to, b, (size_t)n) == n, "copy");
	close(from);
}

static void memfd(void)
{
	char *argv[] = { "fileless", "nothing", NULL }, *env[] = { NULL };
	int fd = (int)syscall(SYS_memfd_create, "fileless", 0);

	copy_self(fd);
	fexecve(fd, argv, env);
	must(0, "fexecve");
}

static void vanishing(void)
{
	int fd = open("/tmp/vanishing", O_WRONLY | O_CREAT | O_TRUNC, 0755);

	copy_self(fd);
	close(fd);
	execl("/tmp/vanishing", "vanishing", "vanish", NULL);
	must(0, "exec");
}

static void *pages(int protection)
{
	return mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_mprotect(void)
{
	must(mprotect(pages(PROT_READ | PROT_WRITE), PAGE,
		     PROT_READ | PROT_EXEC) == 0,
		"mprotect");
}

static void do_mmap(void)
{
	must(pages(PROT_READ | PROT_WRITE | PROT_EXEC) != MAP_FAILED, "mmap");
}

static pid_t victim(const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		raise(SIGSTOP);
		_exit(0);
	}
	must(waitpid(pid, NULL, WUNTRACED) == pid, "victim");
	return pid;
}

static void do_ptrace(void)
{
	pid_t pid = victim("traced");

	must(ptrace(PTRACE_SEIZE, pid, 0, 0) == 0, "ptrace");
	kill(pid, SIGKILL);
}

static void do_kill(void)
{
	kill(victim("falco"), SIGKILL);
}

static void load(void)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (unsigned long)insns,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
		.prog_name = "deed" };

	must(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)) >= 0, "bpf");
}

static void become_nobody(void)
{
	must(setresuid(NOBODY, NOBODY, NOBODY) == 0, "setresuid");
}

static struct sockaddr_in at(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return a;
}

static void tcp(void)
{
	struct sockaddr_in a = at(TCP_PORT);
	int server = socket(AF_INET, SOCK_STREAM, 0), fd;
	char b[SENT] = "";

	must(bind(server, (void *)&a, sizeof(a)) == 0 && listen(server, 1) == 0,
		"listen");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	must(connect(fd, (void *)&a, sizeof(a)) == 0, "connect");
	server = accept(server, NULL, NULL);
	must(send(fd, b, sizeof(b), 0) == SENT, "send");
	must(recv(server, b, sizeof(b), MSG_WAITALL) == SENT, "recv");
	close(fd);
	must(recv(server, b, sizeof(b), 0) == 0, "end");
	close(server);
}

static void udp(void)
{
	static const char ask[] =
		"\1\2\1\0\0\1\0\0\0\0\0\0\4evil\7example\0\0\1\0\1";
	struct sockaddr_in flow = at(5555), dns = at(53);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	for (int i = 0; i < 2; i++)
		must(sendto(fd, "x", 1, 0, (void *)&flow, sizeof(flow)) == 1,
			"sendto");
	must(sendto(fd, ask, sizeof(ask) - 1, 0, (void *)&dns, sizeof(dns)) > 0,
		"ask");
}

static void do_mount(void)
{
	mkdir("/tmp/deed-mount", 0700);
	must(mount("deed", "/tmp/deed-mount", "tmpfs", 0, NULL) == 0, "mount");
	umount("/tmp/deed-mount");
}

static void namespaces(void)
{
	must(unshare(CLONE_NEWNET | CLONE_NEWUTS) == 0, "unshare");
}

static const struct {
	const char *name;
	void (*run)(void);
} deeds[] = {
	{ "memfd", memfd },
	{ "vanishing", vanishing },
	{ "mprotect", do_mprotect },
	{ "mmap", do_mmap },
	{ "ptrace", do_ptrace },
	{ "kill", do_kill },
	{ "bpf_load", load },
	{ "creds", become_nobody },
	{ "tcp", tcp },
	{ "udp", udp },
	{ "mount", do_mount },
	{ "namespace", namespaces },
};

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc > 1 && strcmp(argv[1], "vanish") == 0)
		return unlink("/tmp/vanishing");
	if (argc > 1)
		return 0;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		pid_t pid = fork();
		int status = -1;

		if (pid == 0) {
			prctl(PR_SET_NAME, deeds[i].name);
			deeds[i].run();
			_exit(0);
		}
		waitpid(pid, &status, 0);
		printf("%s %d %d\n", deeds[i].name, pid, getpid());
		bad |= status;
	}
	return bad != 0;
}
