// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "live/directory.h"

static void close_dirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

int directory_numbers(int parent, const char *path,
	int (*see)(void *arg, int fd, uint32_t number, struct err *e),
	void *arg, struct err *e)
{
	int fd = io_open(parent, path, O_RDONLY | O_DIRECTORY, 0, e);
	CLEANUP(close_dirp) DIR *d = NULL;
	const struct dirent *entry;
	int r = 0;

	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		r = err_sys(e, "read %s", path);
		(void)close(fd);
		return r;
	}
	for (errno = 0; r == 0 && (entry = readdir(d)); errno = 0) {
		uint64_t number;

		if (num_u64(&number, entry->d_name, NULL) == 0 &&
			number <= UINT32_MAX)
			r = see(arg, dirfd(d), (uint32_t)number, e);
	}
	return r == 0 && errno ? err_sys(e, "read %s", path) : r;
}
