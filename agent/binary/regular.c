// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "binary/regular.h"

enum { SELF_CHARS = 32, PIECE_BYTES = 64 << 10 };

static int must_be_regular(int held, struct stat *st, struct err *e)
{
	if (fstat(held, st) < 0)
		return err_sys(e, "stat");
	return S_ISREG(st->st_mode) ? 0 : err_set(e, -EINVAL, "no regular file");
}

int regular_look(int dirfd, const char *name, struct stat *st, struct err *e)
{
	AUTO_CLOSE int fd = io_open(dirfd, name, O_PATH, 0, e);
	int r = fd < 0 ? fd : must_be_regular(fd, st, e);

	return r < 0 ? r : TAKE_FD(fd);
}

int regular_find(int rootfd, const char *path, struct stat *st, struct err *e)
{
	AUTO_CLOSE int fd = path_open(rootfd, path, O_PATH, e);
	int r = fd < 0 ? fd : must_be_regular(fd, st, e);

	return r < 0 ? r : TAKE_FD(fd);
}

/* The file system is asked by what is held, which opens nothing. */
static int refuse_fuse(int held, struct err *e)
{
	struct statfs fs;

	if (fstatfs(held, &fs) < 0)
		return err_sys(e, "look at its file system");
	if ((unsigned)fs.f_type == FUSE_SUPER_MAGIC)
		return err_set(e, -EPERM,
			"on a FUSE file system, whose server can hang who "
			"reads it");
	return 0;
}

int regular_open(int held, unsigned how, struct err *e)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY |
		    (how & REGULAR_DIRECT ? O_DIRECT : 0);
	char self[SELF_CHARS];
	struct stat st;
	int r = must_be_regular(held, &st, e), fd;

	if (r == 0)
		r = refuse_fuse(held, e);
	if (r < 0)
		return r;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", held);
	fd = io_open(AT_FDCWD, self, flags | O_NOATIME, 0, e);
	/* Another's file, for who has no capability to leave its time. */
	if (fd == -EPERM)
		fd = io_open(AT_FDCWD, self, flags, 0, e);
	return fd;
}

int regular_directory(int rootfd, const char *path, struct err *e)
{
	AUTO_CLOSE int held = path_open(rootfd, path, O_PATH | O_DIRECTORY, e);
	char self[SELF_CHARS];
	int r = held < 0 ? held : refuse_fuse(held, e);

	if (r < 0)
		return r;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", held);
	return io_open(AT_FDCWD, self, O_RDONLY | O_DIRECTORY, 0, e);
}

int regular_slurp(int rootfd, const char *path, struct buf *ret, struct err *e)
{
	AUTO_CLOSE int held = path_open(rootfd, path, O_PATH, e);
	AUTO_CLOSE int fd = held < 0 ? held : regular_open(held, 0, e);
	ssize_t got;

	if (fd < 0)
		return fd;
	do {
		size_t room = ret->max - ret->len;
		size_t want = room < PIECE_BYTES ? room : PIECE_BYTES;
		uint8_t *to;
		int r;

		if (!want)
			return err_set(e, -EFBIG, "%s is too large", path);
		r = buf_reserve(ret, &to, want, e);
		if (r < 0)
			return r;
		got = io_read(fd, to, want, e);
		if (got < 0)
			return (int)got;
		ret->len += (size_t)got;
		if ((size_t)got < want)
			return 0;
	} while (got > 0);
	return 0;
}
