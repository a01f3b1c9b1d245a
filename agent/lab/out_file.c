// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "lab/out_file.h"

int out_file_open(struct out_file *o, const char *path, struct err *e)
{
	*o = (struct out_file){ path, -1 };
	if (!path)
		return 0;
	o->fd = strcmp(path, "-") == 0
			? STDOUT_FILENO
			: io_open(AT_FDCWD, path,
				  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
				  0600, e);
	return o->fd < 0 ? o->fd : 0;
}

int out_file_close(struct out_file *o, int r, struct err *e)
{
	if (o->fd <= STDOUT_FILENO)
		return r;
	if (r >= 0 && io_fsync(o->fd, e) < 0)
		r = -EIO;
	if (r < 0 && ftruncate(o->fd, 0) < 0)
		r = err_sys(e, "%s is not whole and cannot be emptied", o->path);
	(void)close(o->fd);
	o->fd = -1;
	return r;
}
