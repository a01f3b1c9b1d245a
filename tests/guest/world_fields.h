/* SPDX-License-Identifier: Apache-2.0 */
/* A process that says of itself what no other part does: terminal, login,
 * start, memory, time on the processor. */
#ifndef GUEST_WORLD_FIELDS_H
#define GUEST_WORLD_FIELDS_H

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include "world.h"

enum {
	FIELDS_LOGINUID = 4242,
	FIELDS_OOM_ADJ = -500,
	FIELDS_RSS_BYTES = 8 << 20,
	FIELDS_CPU_NS = 200000000,
};

static uint64_t boottime_ns(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_BOOTTIME, &now) == 0, "clock");
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		path);
	(void)close(fd);
}

/* The first pseudo terminal there is: pts/0. */
static void take_terminal(void)
{
	int unlock = 0, main_end = open("/dev/ptmx", O_RDWR | O_NOCTTY), tty;

	must(main_end >= 0 && ioctl(main_end, TIOCSPTLCK, &unlock) == 0, "ptmx");
	tty = ioctl(main_end, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	must(tty >= 0, "the terminal");
	must(setsid() >= 0 && ioctl(tty, TIOCSCTTY, 0) == 0, "TIOCSCTTY");
}

static void burn(void)
{
	struct timespec used;

	do
		must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0,
			"clock");
	while (used.tv_sec == 0 && used.tv_nsec < FIELDS_CPU_NS);
}

static void run_fields(void)
{
	char text[16];
	char *p = mmap(NULL, FIELDS_RSS_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED, "mmap");
	memset(p, 1, FIELDS_RSS_BYTES);
	snprintf(text, sizeof(text), "%d", FIELDS_LOGINUID);
	write_text("/proc/self/loginuid", text);
	snprintf(text, sizeof(text), "%d", FIELDS_OOM_ADJ);
	write_text("/proc/self/oom_score_adj", text);
	take_terminal();
	burn();
	stay();
}

static void put_label(pid_t pid)
{
	char path[64], text[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/attr/current", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (n > 0)
		put_hex("lsm", text, (size_t)n - (text[n - 1] == '\n'));
	(void)close(fd);
}

static void make_fields(void)
{
	uint64_t before = boottime_ns();
	pid_t pid;

	(void)mkdir("/dev/pts", 0755);
	must(mount("devpts", "/dev/pts", "devpts", 0, NULL) == 0, "devpts");
	pid = spawn("fields", 0, run_fields);
	fprintf(out,
		", \"start\": [%llu, %llu], \"loginuid\": %d, "
		"\"oom_score_adj\": %d, \"rss_bytes\": %d, \"cpu_ns\": %d, "
		"\"tty\": \"pts0\"",
		(unsigned long long)before, (unsigned long long)boottime_ns(),
		FIELDS_LOGINUID, FIELDS_OOM_ADJ, FIELDS_RSS_BYTES, FIELDS_CPU_NS);
	put_label(pid);
	end();
}

#endif
