// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/io.h"
#include "volume/loop.h"
#include "volume/stage.h"

enum {
	LOOP_MAJOR = 7, /* Documentation/admin-guide/devices.txt */
	MISC_MAJOR = 10,
	LOOP_CONTROL_MINOR = 237,
	RACES_MAX = 64, /* others may take the free one first */
};

/* The free device of now; -EBUSY when somebody else was faster. */
static int attach_once(dev_t *ret_dev, const struct stage *stage, int control,
	const struct loop_config *config, struct err *e)
{
	int n = ioctl(control, LOOP_CTL_GET_FREE);
	AUTO_CLOSE int fd = -1;

	if (n < 0)
		return err_sys(e, "a free loop device");
	*ret_dev = makedev(LOOP_MAJOR, (unsigned)n);
	fd = stage_open(stage, S_IFBLK, *ret_dev, e);
	if (fd < 0)
		return fd;
	if (ioctl(fd, LOOP_CONFIGURE, config) < 0)
		return err_sys(e, "configure loop device %d", n);
	return TAKE_FD(fd);
}

int loop_attach(dev_t *ret_dev, const struct stage *stage, int fd,
	uint64_t start, uint64_t bytes, struct err *e)
{
	const struct loop_config config = {
		.fd = (unsigned)fd,
		.info = { .lo_offset = start,
			.lo_sizelimit = bytes,
			/* Not twice in the page cache, where that can be. */
			.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR |
				    LO_FLAGS_DIRECT_IO },
	};
	AUTO_CLOSE int control = stage_open(
		stage, S_IFCHR, makedev(MISC_MAJOR, LOOP_CONTROL_MINOR), e);
	int r = -EBUSY;

	if (control < 0)
		return control;
	for (int i = 0; r == -EBUSY && i < RACES_MAX; i++)
		r = attach_once(ret_dev, stage, control, &config, e);
	return r;
}
