// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "disk/root.h"

enum { SELF_CHARS = 32 };

int root_open(
	struct disk_root *ret, const struct disk_target *target, struct err *e)
{
	const char *dir = target->dir;
	AUTO_CLOSE int fd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, e);
	struct statvfs vfs;

	if (fd < 0)
		return fd;
	if (fstatvfs(fd, &vfs) < 0)
		return err_sys(e, "look at the mount of %s", dir);
	ret->read_only = vfs.f_flag & ST_RDONLY;
	if (!ret->read_only && !(target->allow & DISK_ALLOW_WRITABLE))
		return err_set(e, -EPERM,
			"%s is mounted writable: mount it ro, or say "
			"--allow-writable",
			dir);
	ret->fd = TAKE_FD(fd);
	return 0;
}

void root_close(struct disk_root *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
}

/* Open for reading what ${fd}, an O_PATH, holds: by its own magic link, so it
 * is the same object whatever has its name by now. */
static int reopen(const struct disk_root *r, int fd, int flags,
	const char *path, struct err *e)
{
	char self[SELF_CHARS];
	int own;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	own = io_open(AT_FDCWD, self, flags | O_NOATIME, 0, e);
	if (own == -EPERM && r->read_only)
		own = io_open(AT_FDCWD, self, flags, 0, e);
	if (own < 0)
		return err_set(e, own, "open %s: %s", path, strerror(-own));
	return own;
}

static int open_as(const struct disk_root *r, const char *path, int follow,
	mode_t type, struct stat *st, struct err *e)
{
	AUTO_CLOSE int fd =
		path_open(r->fd, path, O_PATH | (follow ? 0 : O_NOFOLLOW), e);

	if (fd < 0)
		return fd;
	if (fstat(fd, st) < 0)
		return err_sys(e, "stat %s", path);
	if ((st->st_mode & S_IFMT) != type)
		return err_set(e, -EINVAL, "%s is no %s", path,
			type == S_IFDIR ? "directory" : "regular file");
	return reopen(r, fd,
		type == S_IFDIR ? O_RDONLY | O_DIRECTORY : O_RDONLY | O_NONBLOCK,
		path, e);
}

int root_directory(const struct disk_root *r, const char *path, struct err *e)
{
	struct stat st;

	return open_as(r, path, 0, S_IFDIR, &st, e);
}

int root_file(const struct disk_root *r, const char *path, struct stat *st,
	struct err *e)
{
	return open_as(r, path, 0, S_IFREG, st, e);
}

int root_slurp(const struct disk_root *r, const char *path, struct buf *ret,
	struct err *e)
{
	enum { PIECE_BYTES = 64 << 10 };
	struct stat st;
	AUTO_CLOSE int fd = open_as(r, path, 1, S_IFREG, &st, e);
	ssize_t got;

	if (fd < 0)
		return fd;
	if ((uint64_t)st.st_size > ret->max - ret->len)
		return err_set(e, -EFBIG, "%s has %lld bytes", path,
			(long long)st.st_size);
	do {
		size_t room = ret->max - ret->len;
		size_t want = room < PIECE_BYTES ? room : PIECE_BYTES;
		uint8_t *to;
		int c = buf_reserve(ret, &to, want, e);

		if (c < 0)
			return c;
		got = io_read(fd, to, want, e);
		if (got < 0)
			return err_wrap(e, (int)got, "%s", path);
		ret->len += (size_t)got;
		if ((size_t)got < want)
			break;
	} while (ret->len < ret->max);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}
