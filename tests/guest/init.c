// SPDX-License-Identifier: Apache-2.0
/*
 * PID 1 of a test guest.  Mounts what a test needs, loads the modules that
 * /etc/modules lists, runs /etc/rc and then /test, and prints
 *
 *	icecore-guest: exit STATUS
 *
 * before it powers the guest off; or, where there is /etc/switch-root, goes on
 * as the systemd of the root that /etc/rc mounted at /new.  128 + N is a script that signal N ended,
 * 126 a guest that could not be set up or whose /out could not be unmounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STATUS_SETUP = 126,
	LINE_MAX_BYTES = 4096,
	UNMOUNT_TRIES = 100,
	UNMOUNT_PAUSE_US = 20000,
};

static const struct mount_point {
	const char *type;
	const char *path;
	const char *options;
	bool may_fail;
} mount_points[] = {
	{ "proc", "/proc", NULL, false },
	{ "sysfs", "/sys", NULL, false },
	{ "devtmpfs", "/dev", NULL, false },
	{ "tmpfs", "/tmp", "mode=1777", false },
	{ "tmpfs", "/run", "mode=755", false },
	{ "tmpfs", "/dev/shm", "mode=1777", false },
	{ "debugfs", "/sys/kernel/debug", NULL, true },
	{ "tracefs", "/sys/kernel/tracing", NULL, true },
	{ "securityfs", "/sys/kernel/security", NULL, true },
	{ "bpf", "/sys/fs/bpf", NULL, true },
	{ "cgroup2", "/sys/fs/cgroup", NULL, true },
};

static void finish(int status)
{
	sync();
	printf("\nicecore-guest: exit %d\n", status);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	_exit(status);
}

static void give_up(const char *what, const char *which)
{
	printf("icecore-guest: %s %s: %s\n", what, which, strerror(errno));
	finish(STATUS_SETUP);
}

static void mount_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(mount_points) / sizeof(*mount_points); i++) {
		const struct mount_point *m = &mount_points[i];

		(void)mkdir(m->path, 0755);
		if (mount(m->type, m->path, m->type, 0, m->options) != 0 &&
			errno != EBUSY && !m->may_fail)
			give_up("mount", m->path);
	}
	(void)symlink("/proc/self/fd", "/dev/fd");
	(void)symlink("/proc/self/fd/0", "/dev/stdin");
	(void)symlink("/proc/self/fd/1", "/dev/stdout");
	(void)symlink("/proc/self/fd/2", "/dev/stderr");
}

/* The console is the devtmpfs one from here on. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;
	(void)dup2(fd, 0);
	(void)dup2(fd, 1);
	(void)dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		give_up("open", path);
	if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST)
		give_up("load", path);
	close(fd);
}

static void load_modules(void)
{
	char line[LINE_MAX_BYTES];
	FILE *f = fopen("/etc/modules", "re");

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			load_module(line);
	}
	fclose(f);
}

static void read_environment(void)
{
	char line[LINE_MAX_BYTES];
	FILE *f;

	setenv("PATH", "/usr/local/bin:/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/", 1);
	f = fopen("/etc/environment", "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strchr(line, '=') != NULL && putenv(strdup(line)) != 0)
			give_up("set", line);
	}
	fclose(f);
}

/* Run ${argv}, reap whatever ends meanwhile, return its exit status. */
static int run(char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork for", argv[0]);
	if (pid == 0) {
		setsid();
		execv(argv[0], argv);
		_exit(127);
	}
	for (;;) {
		pid_t got = wait(&status);

		if (got == pid)
			break;
		if (got < 0 && errno != EINTR)
			give_up("wait for", argv[0]);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* End what the test left behind, so that /out can be unmounted. */
static bool leave_out(void)
{
	int i;

	if (access("/etc/out", F_OK) != 0)
		return true;
	for (i = 0; i < UNMOUNT_TRIES; i++) {
		(void)kill(-1, SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (umount("/out") == 0)
			return true;
		usleep(UNMOUNT_PAUSE_US);
	}
	return false;
}

int main(void)
{
	char *const applets[] = { "/bin/busybox", "--install", "-s", "/bin",
		NULL };
	char *const rc[] = { "/bin/busybox", "sh", "/etc/rc", NULL };
	char *const test[] = { "/bin/busybox", "sh", "/test", NULL };
	char *const switch_root[] = { "/bin/busybox", "switch_root", "/new",
		"/usr/lib/systemd/systemd", NULL };
	int status;

	mount_all();
	open_console();
	if (run(applets) != 0)
		give_up("install", "busybox");
	load_modules();
	read_environment();
	if (run(rc) != 0)
		give_up("run", "/etc/rc");
	if (access("/etc/switch-root", F_OK) == 0) {
		execv(switch_root[0], switch_root);
		give_up("run", "switch_root");
	}
	status = run(test);
	if (!leave_out())
		give_up("unmount", "/out");
	finish(status);
	return 0;
}
