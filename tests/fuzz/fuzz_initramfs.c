// SPDX-License-Identifier: Apache-2.0
/* Whatever an initramfs holds, its files have names, and it ends. */
#undef NDEBUG
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "disk/initramfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int see(void *arg, const struct initramfs_file *f, struct err *e)
{
	unsigned *n = arg;

	(void)e;
	assert(strlen(f->name) < INITRAMFS_NAME_BYTES);
	assert(S_ISREG(f->mode));
	/* What unpacks to more than is worth a try. */
	return ++*n > 1000 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	unsigned n = 0;
	int fd = memfd_create("initramfs", 0), r;

	assert(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	r = initramfs_read(fd, DIGEST_MD5, see, &n, &e);
	assert(r <= 0);
	(void)close(fd);
	return 0;
}
