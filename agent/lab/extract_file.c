// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "lab/extract.h"

enum { DEPTH_MAX = 32, NAME_CHARS = 256, OFFSET_MAX = 1 << 30 };

static int make_dir(int dirfd, const char *name, struct err *e)
{
	if (mkdirat(dirfd, name, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir %s", name);
	return io_open(dirfd, name, O_DIRECTORY | O_NOFOLLOW | O_RDONLY, 0, e);
}

/* The next component of ${path}: 1, 0 at the end, -EINVAL. */
static int component(char ret[NAME_CHARS], const char **path)
{
	const char *p = *path + strspn(*path, "/");
	size_t n = strcspn(p, "/");

	if (n == 0)
		return 0;
	if (n >= NAME_CHARS)
		return -EINVAL;
	memcpy(ret, p, n);
	ret[n] = 0;
	*path = p + n;
	return strcmp(ret, ".") == 0 || strcmp(ret, "..") == 0 ? -EINVAL : 1;
}

/* Walk down from files/, making directories; the last component is left. */
static int parent(
	int outfd, char ret_name[NAME_CHARS], const char *path, struct err *e)
{
	AUTO_CLOSE int dir = make_dir(outfd, "files", e);
	char next[NAME_CHARS];
	int r, fd;

	if (dir < 0)
		return dir;
	r = component(ret_name, &path);
	for (int depth = 0; r == 1 && depth < DEPTH_MAX; depth++) {
		r = component(next, &path);
		if (r == 0)
			return TAKE_FD(dir);
		if (r < 0)
			break;
		fd = make_dir(dir, ret_name, e);
		if (fd < 0)
			return fd;
		(void)close(dir);
		dir = fd;
		(void)snprintf(ret_name, NAME_CHARS, "%s", next);
	}
	return err_set(e, -EINVAL, "not a path to extract to");
}

int extract_file(int outfd, const char *path, uint64_t offset, const void *buf,
	size_t len, struct err *e)
{
	char name[NAME_CHARS] = "";
	AUTO_CLOSE int dir = parent(outfd, name, path, e);
	AUTO_CLOSE int fd = -1;
	int r;

	if (dir < 0)
		return err_wrap(e, dir, "file '%.100s'", path);
	if (offset > OFFSET_MAX)
		return err_set(e, -EINVAL, "file '%.100s' is too large", path);
	fd = io_open(dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600, e);
	if (fd < 0)
		return fd;
	r = io_pwrite(fd, buf, len, offset, e);
	return r < 0 ? err_wrap(e, r, "file '%.100s'", path) : 0;
}
