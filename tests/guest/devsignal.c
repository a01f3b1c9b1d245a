// SPDX-License-Identifier: Apache-2.0
/*
 * devsignal: signals end a read(2) and an ioctl of /dev/icecore, early and with
 * an honest count.
 *
 * In a guest with 512 MiB at least, as root, with the module loaded.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "ranges.h"

enum {
	PAGE = ICECORE_PAGE_BYTES,
	WINDOW_BYTES = 2 << 20,
	LONG_READ_BYTES = 384 << 20,
	KILL_MAX_US = 200000,
	SIGNAL_TRIES = 20000,
	BUSY_TICKS = 5,
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/*
 * A buffer of LONG_READ_BYTES that costs 2 MiB, so that the end of its process
 * is not what is measured.
 */
static uint8_t *map_long(void)
{
	uint8_t *p = mmap(NULL, LONG_READ_BYTES, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("window", MFD_CLOEXEC);
	size_t at;

	if (p == MAP_FAILED || fd < 0 || ftruncate(fd, WINDOW_BYTES) != 0)
		die("memfd");
	for (at = 0; at < LONG_READ_BYTES; at += WINDOW_BYTES)
		if (mmap(p + at, WINDOW_BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd,
			    0) == MAP_FAILED)
			die("mmap");
	close(fd);
	return p;
}

static void on_alarm(int number)
{
	(void)number;
}

static void start_timer(long first_us, long then_us)
{
	struct itimerval t = {
		.it_value = { first_us / 1000000, first_us % 1000000 },
		.it_interval = { then_us / 1000000, then_us % 1000000 },
	};

	if (setitimer(ITIMER_REAL, &t, NULL) != 0)
		die("setitimer");
}

/* Processor time in the kernel that ${pid} used, in ticks. */
static unsigned long kernel_ticks(pid_t pid)
{
	char path[64], text[1024], *p;
	unsigned long ticks = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f == NULL || fgets(text, sizeof(text), f) == NULL)
		die(path);
	fclose(f);
	p = strrchr(text, ')');
	if (p == NULL ||
		sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %lu",
			&ticks) != 1)
		die("stat");
	return ticks;
}

static void check_kill(uint8_t *buf, uint64_t whole_us)
{
	uint64_t start, took;
	pid_t pid = fork();
	int status, fd;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		fd = device_open();
		for (;;)
			if (pread(fd, buf, LONG_READ_BYTES, 1 << 20) <= 0)
				_exit(1);
	}
	/* It has been reading for a while, so it is in a read. */
	while (kernel_ticks(pid) < BUSY_TICKS)
		;
	start = now_us();
	if (kill(pid, SIGKILL) != 0 || waitpid(pid, &status, 0) != pid)
		die("kill");
	took = now_us() - start;
	ok(WIFSIGNALED(status) && took < whole_us / 2 && took < KILL_MAX_US,
		"signal: SIGKILL ends a read of %lu us in %lu us", whole_us,
		took);
}

static void check_short_ioctl(int fd, uint8_t *buf)
{
	uint8_t status[ICECORE_READ_MAX_BYTES / PAGE + 1];
	uint64_t paddr = (1 << 20) + 100, done = 0, known = 0;
	int i, r = 0;

	start_timer(100, 100);
	for (i = 0; i < SIGNAL_TRIES; i++) {
		memset(status, 0, sizeof(status));
		r = device_read(
			fd, &done, paddr, buf, ICECORE_READ_MAX_BYTES, status);
		if (r != 0 || done != ICECORE_READ_MAX_BYTES)
			break;
	}
	start_timer(0, 0);
	while (known < sizeof(status) && status[known] != 0)
		known++;
	ok(r == 0 && done > 0 && done < ICECORE_READ_MAX_BYTES &&
			(paddr + done) % PAGE == 0,
		"signal: an ioctl ends after %lu bytes (call %d)", done, i);
	ok(known == (done + 100) / PAGE, "signal: %lu statuses are set", known);
}

int main(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	uint8_t *buf = map_long();
	uint64_t start, whole_us;
	int fd = device_open();
	ssize_t n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sigaction(SIGALRM, &action, NULL) != 0)
		die("sigaction");
	start = now_us();
	n = pread(fd, buf, LONG_READ_BYTES, 1 << 20);
	whole_us = now_us() - start;
	ok(n == LONG_READ_BYTES, "signal: a read of %d MiB takes %lu us",
		LONG_READ_BYTES >> 20, whole_us);
	start_timer((long)(whole_us / 8), 0);
	n = pread(fd, buf, LONG_READ_BYTES, 1 << 20);
	start_timer(0, 0);
	ok(n > 0 && n < LONG_READ_BYTES,
		"signal: with an alarm it is %zd bytes", n);
	check_short_ioctl(fd, buf);
	close(fd);
	check_kill(buf, whole_us);
	return ok_failed ? 1 : 0;
}
