// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"

enum {
	NAME_BYTES = 256,
	RACES_MAX = 64, /* openat2 says EAGAIN when a rename crossed its way */
};

/* One component: where it starts, and its length; 0 at the end. */
static size_t component(const char **path)
{
	*path += strspn(*path, "/");
	return strcspn(*path, "/");
}

static int open_component(int dirfd, const char *name, size_t len, int flags)
{
	char one[NAME_BYTES];
	int fd;

	if (len >= sizeof(one)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(one, name, len);
	one[len] = 0;
	if (strcmp(one, "..") == 0) {
		errno = ELOOP;
		return -1;
	}
	do
		fd = openat(dirfd, one, flags | O_NOFOLLOW | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* For kernels without openat2. */
static int walk(int rootfd, const char *path, int flags, struct err *e)
{
	AUTO_CLOSE int dir = -1;
	const char *p = path;
	size_t len = component(&p);
	int fd;

	if (!len) {
		fd = open_component(rootfd, ".", 1, flags);
		return fd < 0 ? err_sys(e, "open %s", path) : fd;
	}
	for (int depth = 0; depth < PATH_DEPTH_MAX; depth++) {
		const char *next = p + len;
		size_t next_len = component(&next);
		int at = dir >= 0 ? dir : rootfd;

		fd = open_component(
			at, p, len, next_len ? O_PATH | O_DIRECTORY : flags);
		if (fd < 0 && errno == ENOTDIR && next_len)
			errno = ELOOP;
		if (fd < 0)
			return err_sys(e, "open %s", path);
		if (!next_len)
			return fd;
		if (dir >= 0)
			(void)close(dir);
		dir = fd;
		p = next;
		len = next_len;
	}
	return err_set(e, -ENAMETOOLONG, "%s: more than %d components", path,
		PATH_DEPTH_MAX);
}

int path_open(int rootfd, const char *path, int flags, struct err *e)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int races = 0;
	long fd;

	do
		fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
	while (fd < 0 &&
		(errno == EINTR || (errno == EAGAIN && races++ < RACES_MAX)));
	if (fd >= 0)
		return (int)fd;
	if (errno == ENOSYS)
		return walk(rootfd, path, flags, e);
	return err_sys(e, "open %s", path);
}
