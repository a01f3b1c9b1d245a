// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "lab/extract.h"

enum { NAME_CHARS = 64 };

static int put(int dir, const Icecore__V1__CodeChange *c, const char *side,
	const ProtobufCBinaryData *bytes, struct err *e)
{
	char name[NAME_CHARS];
	AUTO_CLOSE int fd = -1;
	int r;

	(void)snprintf(name, sizeof(name), "%" PRIu32 "-%016" PRIx64 ".%s",
		c->pid, c->address, side);
	fd = io_open(
		dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, e);
	if (fd < 0)
		return fd;
	r = io_write(fd, bytes->data, bytes->len, e);
	return r < 0 ? err_wrap(e, r, "code/%s", name) : 0;
}

int extract_code(int outfd, const Icecore__V1__CodeChange *c, struct err *e)
{
	AUTO_CLOSE int dir = -1;
	int r;

	if (mkdirat(outfd, "code", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir code");
	dir = io_open(outfd, "code", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, e);
	if (dir < 0)
		return dir;
	r = put(dir, c, "memory", &c->data, e);
	return r < 0 || !c->has_file_bytes
		       ? r
		       : put(dir, c, "file", &c->file_bytes, e);
}
