// SPDX-License-Identifier: Apache-2.0
/*
 * devread MODE: the calls of /dev/icecore, well and badly used.
 *
 *	open	modes, capabilities, one opener
 *	seek	SEEK_DATA and SEEK_HOLE against /proc/iomem
 *	misuse	bad arguments and bad memory
 *
 * In a guest only, as root, with the module loaded.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "ranges.h"

enum {
	PAGE = ICECORE_PAGE_BYTES,
	WINDOW_BYTES = 2 << 20,
	NOBODY = 65534,
};

/* --- open --- */

static void drop(int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data) != 0)
		die("capget");
	data[capability / 32].effective &= ~(1U << capability % 32);
	if (syscall(SYS_capset, &header, data) != 0)
		die("capset");
}

/* The errno of an open in a child without ${capability}, or as ${uid}. */
static int open_without(int capability, uid_t uid)
{
	int status, fd;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (capability >= 0)
			drop(capability);
		if (uid != 0 && setuid(uid) != 0)
			_exit(255);
		fd = open(ICECORE_DEVICE, O_RDONLY);
		_exit(fd < 0 ? errno : 0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		die("wait");
	return WEXITSTATUS(status);
}

static void expect_open(const char *how, int got, int want)
{
	ok(got == want, "open %s: %s", how, strerror(got));
}

static void test_open(void)
{
	int fd;

	expect_open("as root", open_without(-1, 0), 0);
	expect_open(
		"without CAP_SYS_ADMIN", open_without(CAP_SYS_ADMIN, 0), EPERM);
	expect_open(
		"without CAP_SYS_RAWIO", open_without(CAP_SYS_RAWIO, 0), EPERM);
	expect_open("as nobody", open_without(-1, NOBODY), EACCES);
	fd = open(ICECORE_DEVICE, O_RDWR);
	expect_open("for writing", fd < 0 ? errno : 0, EPERM);
	fd = device_open();
	expect_open("by a second", open_without(-1, 0), EBUSY);
	close(fd);
	expect_open("after the first closed", open_without(-1, 0), 0);
}

/* --- seek --- */

static void expect_seek(
	int fd, const char *what, uint64_t from, int whence, int64_t want)
{
	int64_t got = lseek(fd, (off_t)from, whence);

	if (got < 0)
		got = -errno;
	ok(got == want, "seek: %s from %#lx is %#lx, expected %#lx", what, from,
		got, want);
}

static void test_seek(void)
{
	int fd = device_open();
	uint64_t at = 0, last = ranges[range_count - 1].end;
	size_t i;

	for (i = 0; i < range_count; i++) {
		uint64_t start = ranges[i].start, end = ranges[i].end;

		expect_seek(fd, "SEEK_DATA", at, SEEK_DATA, (int64_t)start);
		expect_seek(fd, "SEEK_DATA", start, SEEK_DATA, (int64_t)start);
		expect_seek(
			fd, "SEEK_DATA", end - 1, SEEK_DATA, (int64_t)end - 1);
		expect_seek(fd, "SEEK_HOLE", start, SEEK_HOLE, (int64_t)end);
		expect_seek(fd, "SEEK_HOLE", end - 1, SEEK_HOLE, (int64_t)end);
		if (end != last)
			expect_seek(
				fd, "SEEK_HOLE", end, SEEK_HOLE, (int64_t)end);
		at = end;
	}
	expect_seek(fd, "SEEK_HOLE", 0, SEEK_HOLE,
		ranges[0].start == 0 ? (int64_t)ranges[0].end : 0);
	expect_seek(fd, "SEEK_DATA", last, SEEK_DATA, -ENXIO);
	expect_seek(fd, "SEEK_HOLE", last, SEEK_HOLE, -ENXIO);
	expect_seek(fd, "SEEK_DATA", (uint64_t)-1, SEEK_DATA, -ENXIO);
	expect_seek(fd, "SEEK_END", 0, SEEK_END, (int64_t)last);
	expect_seek(fd, "SEEK_SET", 4711, SEEK_SET, 4711);
	expect_seek(fd, "SEEK_CUR", 1, SEEK_CUR, 4712);
	expect_seek(fd, "SEEK_SET", (uint64_t)-1, SEEK_SET, -EINVAL);
	close(fd);
}

/* --- misuse --- */

static void *map(size_t len, int prot)
{
	void *p = mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void expect_read(int fd, const char *what, uint64_t paddr, void *buf,
	uint64_t len, void *status, int want)
{
	int got = device_read(fd, NULL, paddr, buf, len, status);

	ok(got == want, "misuse: %s is %s", what,
		got == 0 ? "taken" : strerror(-got));
}

static void misuse_numbers(int fd, uint8_t *buf, uint8_t *status)
{
	const uint64_t ram = ranges[range_count - 1].start, top = (uint64_t)-1;
	uint32_t version = 0;
	int r = ioctl(fd, ICECORE_IOC_VERSION, &version);

	ok(r == 0 && version == ICECORE_ABI_VERSION, "version %u", version);
	r = ioctl(fd, ICECORE_IOC_VERSION, NULL);
	ok(r == -1 && errno == EFAULT, "misuse: version to NULL is EFAULT");
	r = ioctl(fd, _IO(0xEC, 99), NULL);
	ok(r == -1 && errno == ENOTTY, "misuse: unknown request is ENOTTY");
	expect_read(fd, "length 0", ram, buf, 0, status, -EINVAL);
	expect_read(
		fd, "the maximum", ram, buf, ICECORE_READ_MAX_BYTES, status, 0);
	expect_read(fd, "one more than the maximum", ram, buf,
		ICECORE_READ_MAX_BYTES + 1, status, -EINVAL);
	expect_read(fd, "length -1", ram, buf, top, status, -EINVAL);
	expect_read(fd, "a wrap", top - 10, buf, 100, status, -EINVAL);
	expect_read(fd, "the last byte of all", top, buf, 1, status, -EINVAL);
	expect_read(fd, "the byte before it", top - 1, buf, 1, status, 0);
	ok(status[0] == ICECORE_PAGE_NOT_RAM, "misuse: there is no RAM (%u)",
		status[0]);
}

/* ${buf} has WINDOW_BYTES. */
static void misuse_memory(int fd, uint8_t *buf, uint8_t *status)
{
	const uint64_t ram = ranges[range_count - 1].start;
	uint8_t *read_only = map(PAGE, PROT_READ);
	uint8_t *kernel = (uint8_t *)0xffff888000000000;
	struct icecore_read *arg = (struct icecore_read *)read_only;
	uint8_t *edge = buf + WINDOW_BYTES - 20 * PAGE;

	if (munmap(edge + 2 * PAGE, 18 * PAGE) != 0)
		die("munmap");
	expect_read(fd, "buffer NULL", ram, NULL, PAGE, status, -EFAULT);
	expect_read(
		fd, "read-only buffer", ram, read_only, PAGE, status, -EFAULT);
	expect_read(fd, "kernel buffer", ram, kernel, PAGE, status, -EFAULT);
	expect_read(fd, "buffer at the top", ram, (void *)-PAGE, PAGE, status,
		-EFAULT);
	expect_read(fd, "buffer that ends early", ram, edge, 20 * PAGE, status,
		-EFAULT);
	expect_read(fd, "buffer one byte short", ram, edge + PAGE + 1, PAGE,
		status, -EFAULT);
	expect_read(
		fd, "buffer that just fits", ram, edge + PAGE, PAGE, status, 0);
	expect_read(fd, "status NULL", ram, buf, PAGE, NULL, -EFAULT);
	expect_read(fd, "read-only status", ram, buf, PAGE, read_only, -EFAULT);
	expect_read(fd, "kernel status", ram, buf, PAGE, kernel, -EFAULT);
	expect_read(fd, "status NULL for a hole", (uint64_t)1 << 50, buf, PAGE,
		NULL, -EFAULT);
	ok(ioctl(fd, ICECORE_IOC_READ, NULL) == -1 && errno == EFAULT,
		"misuse: structure NULL is EFAULT");
	ok(ioctl(fd, ICECORE_IOC_READ, arg) == -1 && errno == EINVAL,
		"misuse: structure of zeros is EINVAL");
}

static void misuse_read(int fd, uint8_t *buf)
{
	const off_t ram = (off_t)ranges[range_count - 1].start;
	const off_t end = (off_t)ranges[range_count - 1].end;
	uint8_t *read_only = map(PAGE, PROT_READ);
	uint8_t *edge = map(33 * PAGE, PROT_READ | PROT_WRITE);
	ssize_t n;

	n = pread(fd, read_only, PAGE, ram);
	ok(n == -1 && errno == EFAULT, "misuse: read to read-only memory");
	n = pread(fd, read_only, PAGE, 0xa0000);
	ok(n == -1 && errno == EFAULT, "misuse: the same, in a hole");
	ok(is_all(read_only, 0, PAGE), "misuse: read-only memory is unchanged");
	if (mprotect(edge + 32 * PAGE, PAGE, PROT_NONE) != 0)
		die("mprotect");
	n = pread(fd, edge, 33 * PAGE, ram);
	ok(n == 32 * PAGE, "misuse: read stops at bad memory, after %zd", n);
	n = pread(fd, buf, PAGE, end);
	ok(n == 0, "misuse: read at the end of RAM is %zd", n);
	n = pread(fd, buf, PAGE, end + (1LL << 40));
	ok(n == 0, "misuse: read far behind it is %zd", n);
	n = pread(fd, buf, 0, ram);
	ok(n == 0, "misuse: read of nothing is %zd", n);
	n = write(fd, buf, 1);
	ok(n == -1 && errno == EBADF, "misuse: write is %s", strerror(errno));
	errno = 0;
	n = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, ram) == MAP_FAILED;
	ok(n && errno == ENODEV, "misuse: mmap is %s", strerror(errno));
}

static void test_misuse(void)
{
	static uint8_t status[WINDOW_BYTES / PAGE];
	uint8_t *buf = map(WINDOW_BYTES, PROT_READ | PROT_WRITE);
	int fd = device_open();

	misuse_numbers(fd, buf, status);
	misuse_memory(fd, buf, status);
	misuse_read(fd, buf);
	close(fd);
}

static const struct mode {
	const char *name;
	void (*run)(void);
} modes[] = {
	{ "open", test_open },
	{ "seek", test_seek },
	{ "misuse", test_misuse },
};

int main(int argc, char *argv[])
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; argc == 2 && i < sizeof(modes) / sizeof(*modes); i++) {
		if (strcmp(argv[1], modes[i].name) != 0)
			continue;
		ranges_read();
		modes[i].run();
		return ok_failed ? 1 : 0;
	}
	return 2;
}
