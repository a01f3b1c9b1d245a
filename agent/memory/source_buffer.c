// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/io.h"
#include "memory/source_internal.h"

int source_buffer_open(struct source_reader *r, unsigned index, struct err *e)
{
	(void)index;
	/* The statuses are less than a page. */
	r->data = aligned_alloc(
		SOURCE_PAGE_BYTES, SOURCE_BATCH_BYTES + SOURCE_PAGE_BYTES);
	if (!r->data)
		return err_set(e, -ENOMEM, "no memory for a batch");
	r->status = r->data + SOURCE_BATCH_BYTES;
	return 0;
}

void source_buffer_close(struct source_reader *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r->data);
}

static size_t page_of(const struct source_reader *r, uint64_t addr)
{
	return (size_t)((addr - r->base) / SOURCE_PAGE_BYTES);
}

/* The end of the page that holds ${addr}, or ${end} when that comes first. */
static uint64_t page_end(uint64_t addr, uint64_t end)
{
	uint64_t left = SOURCE_PAGE_BYTES - addr % SOURCE_PAGE_BYTES;

	return end - addr < left ? end : addr + left;
}

/* The device refuses this process or is gone: no other page will do. */
static int is_refusal(int r)
{
	return r == -EPERM || r == -EACCES || r == -EBADF || r == -ENODEV;
}

static int read_part(struct source_reader *r, uint64_t at, uint64_t start,
	uint64_t end, struct err *e)
{
	size_t len = (size_t)(end - start);
	ssize_t n = io_pread(r->fd, r->data + (start - r->base), len, at, e);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

/* Pages in a row, none of which has a status. */
static int read_run(struct source_reader *r, uint64_t delta, uint64_t start,
	uint64_t end, struct err *e)
{
	size_t first = page_of(r, start), last = page_of(r, end - 1);
	int result = read_part(r, start + delta, start, end, NULL);

	if (result == 0) {
		memset(r->status + first, PAGE_DATA, last - first + 1);
		return 0;
	}
	for (uint64_t at = start, next; at < end; at = next) {
		next = page_end(at, end);
		result = read_part(r, at + delta, at, next, e);
		if (is_refusal(result))
			return result;
		r->status[page_of(r, at)] = result ? PAGE_FAULT : PAGE_DATA;
	}
	return 0;
}

int source_pread(struct source_reader *r, uint64_t delta, uint64_t start,
	uint64_t end, struct err *e)
{
	for (uint64_t at = start, next; at < end; at = next) {
		int result;

		next = page_end(at, end);
		if (r->status[page_of(r, at)])
			continue;
		while (next < end && !r->status[page_of(r, next)])
			next = page_end(next, end);
		result = read_run(r, delta, at, next, e);
		if (result < 0)
			return result;
	}
	return 0;
}
