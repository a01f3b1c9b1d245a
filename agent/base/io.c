// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"

enum { SLURP_STEP_BYTES = 64 << 10 };

int io_open(int dirfd, const char *path, int flags, mode_t mode, struct err *e)
{
	int fd;

	do
		fd = openat(dirfd, path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	return fd;
}

ssize_t io_read(int fd, void *buf, size_t len, struct err *e)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = read(fd, (char *)buf + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t io_pread(int fd, void *buf, size_t len, uint64_t off, struct err *e)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, (char *)buf + done, len - done,
			(off_t)(off + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read at %#llx",
				(unsigned long long)(off + done));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int io_write(int fd, const void *buf, size_t len, struct err *e)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(e, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_pwrite(int fd, const void *buf, size_t len, uint64_t off, struct err *e)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = pwrite(fd, p, len, (off_t)off);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(
				e, "write at %#llx", (unsigned long long)off);
		p += n;
		off += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int io_fsync(int fd, struct err *e)
{
	int r;

	do
		r = fsync(fd);
	while (r < 0 && errno == EINTR);
	return r < 0 ? err_sys(e, "fsync") : 0;
}

int io_slurp(int dirfd, const char *path, struct buf *ret, struct err *e)
{
	AUTO_CLOSE int fd = io_open(dirfd, path, O_RDONLY, 0, e);
	uint8_t *room;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	do {
		size_t left = ret->max - ret->len;
		size_t step =
			left < SLURP_STEP_BYTES ? left + 1 : SLURP_STEP_BYTES;
		uint8_t probe;

		if (left == 0) {
			n = io_read(fd, &probe, 1, e);
			if (n > 0)
				return err_set(e, -EFBIG,
					"%s is larger than %zu bytes", path,
					ret->max);
			return n < 0 ? err_wrap(e, (int)n, "%s", path) : 0;
		}
		step = step > left ? left : step;
		r = buf_reserve(ret, &room, step, e);
		if (r < 0)
			return err_wrap(e, r, "%s", path);
		n = io_read(fd, room, step, e);
		if (n < 0)
			return err_wrap(e, (int)n, "%s", path);
		ret->len += (size_t)n;
	} while (n > 0);
	return 0;
}

int io_replace(const char *path, const void *buf, size_t len, mode_t mode,
	struct err *e)
{
	AUTO_CLOSE int fd = -1;
	char temp[PATH_MAX];
	int r;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return err_set(e, -ENAMETOOLONG, "%.80s...: too long", path);
	(void)unlink(temp);
	fd = io_open(AT_FDCWD, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
		mode, e);
	if (fd < 0)
		return fd;
	r = io_write(fd, buf, len, e);
	if (r == 0 && rename(temp, path) < 0)
		r = err_sys(e, "rename %s", temp);
	if (r < 0)
		(void)unlink(temp);
	return r;
}
