// SPDX-License-Identifier: Apache-2.0
/*
 * forbidden: try what a captured agent would be used for, each in its harmless
 * form, and print a line for each: "NAME refused REASON" or "NAME allowed".  Run
 * as root it is allowed all of it; under the unit of the agent none.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int write_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	if (flags & O_CREAT)
		unlink(path);
	return 0;
}

static int write_etc(void)
{
	return write_file("/etc/forbidden", O_WRONLY | O_CREAT);
}

static int write_usr(void)
{
	return write_file("/usr/bin/forbidden", O_WRONLY | O_CREAT);
}

static int write_tmp(void)
{
	return write_file("/tmp/forbidden", O_WRONLY | O_CREAT);
}

static int write_shm(void)
{
	return write_file("/dev/shm/forbidden", O_WRONLY | O_CREAT);
}

static int write_sysctl(void)
{
	return write_file("/proc/sys/kernel/panic", O_WRONLY);
}

static int write_sysrq(void)
{
	return write_file("/proc/sysrq-trigger", O_WRONLY);
}

static int write_sys(void)
{
	return write_file("/sys/power/state", O_WRONLY);
}

static int read_disk(void)
{
	return write_file("/dev/vda", O_RDONLY);
}

static int write_memory(void)
{
	return write_file("/dev/mem", O_WRONLY);
}

static int make_device(void)
{
	if (mknod("/dev/forbidden", S_IFBLK | 0600, 0) < 0)
		return -1;
	return unlink("/dev/forbidden");
}

static int listen_tcp(int family)
{
	struct sockaddr_storage at = { .ss_family = (sa_family_t)family };
	socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in)
					  : sizeof(struct sockaddr_in6);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -1;
	r = bind(fd, (struct sockaddr *)&at, len);
	if (r == 0)
		r = listen(fd, 1);
	close(fd);
	return r;
}

static int listen_ipv4(void)
{
	return listen_tcp(AF_INET);
}

static int listen_ipv6(void)
{
	return listen_tcp(AF_INET6);
}

static int packet_socket(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : close(fd);
}

static pid_t make_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static int end_child(pid_t pid, int r)
{
	int before = errno;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = before;
	return r;
}

static int attach(void)
{
	pid_t pid = make_child();
	long r = pid < 0 ? -1 : ptrace(PTRACE_ATTACH, pid, NULL, NULL);

	return pid < 0 ? -1 : end_child(pid, r < 0 ? -1 : 0);
}

static int write_process(void)
{
	static char from[1], to[1];
	struct iovec here = { from, 1 }, there = { to, 1 };
	pid_t pid = make_child();
	ssize_t r;

	if (pid < 0)
		return -1;
	r = process_vm_writev(pid, &here, 1, &there, 1, 0);
	return end_child(pid, r < 0 ? -1 : 0);
}

static int mount_tmpfs(void)
{
	if (mount("forbidden", "/mnt", "tmpfs", 0, NULL) < 0)
		return -1;
	return umount("/mnt");
}

/* The descriptor is bad: who may load modules hears of that first. */
static int load_module(void)
{
	return syscall(SYS_finit_module, -1, "", 0) < 0 && errno == EPERM ? -1 : 0;
}

static int unload_module(void)
{
	return syscall(SYS_delete_module, "forbidden", O_NONBLOCK) < 0 &&
			       errno == EPERM
		       ? -1
		       : 0;
}

static int load_kernel(void)
{
	return syscall(SYS_kexec_load, 0, 0, NULL, 0) < 0 && errno == EPERM ? -1
									     : 0;
}

static int reboot_key(void)
{
	return reboot(RB_DISABLE_CAD);
}

static int set_clock(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	return clock_settime(CLOCK_REALTIME, &now);
}

static int set_hostname(void)
{
	char name[65];

	if (gethostname(name, sizeof(name)) < 0)
		return -1;
	return sethostname(name, strlen(name));
}

static int new_user_namespace(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static int become_user(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(setresuid(65534, 65534, 65534) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static int writable_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? -1 : munmap(at, 4096);
}

static const struct deed {
	const char *name;
	int (*run)(void);
} deeds[] = {
	{ "write-etc", write_etc },
	{ "write-usr", write_usr },
	{ "write-tmp", write_tmp },
	{ "write-shm", write_shm },
	{ "write-sysctl", write_sysctl },
	{ "write-sysrq", write_sysrq },
	{ "write-sys", write_sys },
	{ "read-disk", read_disk },
	{ "write-memory", write_memory },
	{ "make-device", make_device },
	{ "listen-ipv4", listen_ipv4 },
	{ "listen-ipv6", listen_ipv6 },
	{ "packet-socket", packet_socket },
	{ "ptrace", attach },
	{ "write-process", write_process },
	{ "mount", mount_tmpfs },
	{ "load-module", load_module },
	{ "unload-module", unload_module },
	{ "load-kernel", load_kernel },
	{ "reboot", reboot_key },
	{ "set-clock", set_clock },
	{ "set-hostname", set_hostname },
	{ "user-namespace", new_user_namespace },
	{ "become-user", become_user },
	{ "writable-code", writable_code },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		errno = 0;
		if (deeds[i].run() == 0)
			printf("%s allowed\n", deeds[i].name);
		else
			printf("%s refused %s\n", deeds[i].name, strerror(errno));
	}
	return 0;
}
