// SPDX-License-Identifier: Apache-2.0
/* Descriptors of a process: what is deleted or only in memory, and whether its
 * input and output are sockets. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "collect/binary_internal.h"

enum {
	DESCRIPTORS_MAX = 65536, /* of one process; further ones are a gap */
	STDIO = 3,
	WHAT_CHARS = 64,
	LINK_BYTES = 4096,
};

static const char *const kept[] = { "/memfd:", "/dev/shm/", "/SYSV" };

static bool is_kept(const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(path), n = sizeof(deleted) - 1;

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (strncmp(path, kept[i], strlen(kept[i])) == 0)
			return true;
	return *path == '/' && len > n && strcmp(path + len - n, deleted) == 0;
}

struct descriptors {
	struct binaries *b;
	int dir; /* fd/ */
	struct binary_use use;
	uint32_t root;
	int sockets; /* among the first three */
};

static int see(struct descriptors *d, const char *name, struct err *e)
{
	char path[LINK_BYTES];
	struct binary_link link = {
		.dir = d->dir, .name = name, .path = path, .root = d->root
	};
	struct binary_use use = d->use;
	struct binary_file *f;
	uint64_t fd;
	ssize_t n;
	int r;

	if (num_u64(&fd, name, NULL) < 0)
		return 0;
	n = readlinkat(d->dir, name, path, sizeof(path) - 1);
	if (n < 0)
		return 0; /* it was closed */
	path[n] = 0;
	if (fd < STDIO && strncmp(path, "socket:", 7) == 0)
		d->sockets++;
	if (!is_kept(path))
		return 0;
	link.path_len = (size_t)n;
	use.how = BINARY_OPEN;
	use.fd = (uint32_t)fd;
	r = binary_see(d->b, &f, &link, &use, e);
	if (f)
		f->seen |= SEEN_OPEN;
	return r;
}

int binary_gather_descriptors(struct binaries *b, int dir,
	const struct binary_use *use, uint32_t root, unsigned *seen,
	struct err *e)
{
	struct descriptors d = { .b = b, .use = *use, .root = root };
	int fd = io_open(dir, "fd", O_RDONLY | O_DIRECTORY, 0, NULL), r = 0;
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char what[WHAT_CHARS];
	size_t n = 0;

	if (!list) {
		if (fd >= 0)
			(void)close(fd);
		return 0; /* it ended */
	}
	d.dir = fd;
	while (r == 0 && n++ < DESCRIPTORS_MAX && (entry = readdir(list)))
		r = see(&d, entry->d_name, e);
	(void)closedir(list);
	if (d.sockets == STDIO)
		*seen |= SEEN_STDIO_SOCKET;
	if (r < 0 || n <= DESCRIPTORS_MAX)
		return r;
	(void)snprintf(what, sizeof(what), "open files of process %u", use->pid);
	return binary_gap(b, what, "more than are looked at", e);
}
