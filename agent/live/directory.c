// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "base/dirents.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "live/directory.h"

struct numbers {
	int (*see)(void *arg, int fd, uint32_t number, struct err *e);
	void *arg;
	int fd;
};

/* What was taken out of the buffer on its way here is not listed. */
static int see_entry(void *arg, const struct dirents_entry *entry, struct err *e)
{
	const struct numbers *n = arg;
	uint64_t number;

	if (entry->hidden || num_u64(&number, entry->name, NULL) < 0 ||
		number > UINT32_MAX)
		return 0;
	return n->see(n->arg, n->fd, (uint32_t)number, e);
}

int directory_numbers(int parent, const char *path,
	int (*see)(void *arg, int fd, uint32_t number, struct err *e),
	void *arg, struct err *e)
{
	AUTO_CLOSE int fd = io_open(parent, path, O_RDONLY | O_DIRECTORY, 0, e);
	struct numbers n = { .see = see, .arg = arg, .fd = fd };
	struct dirents_seen seen;

	return fd < 0 ? fd : dirents_read(&seen, fd, see_entry, &n, e);
}
