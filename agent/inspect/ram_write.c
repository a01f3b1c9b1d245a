// SPDX-License-Identifier: Apache-2.0
/* The scratch file, and how pages come into it: past the page cache, in large
 * pieces. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "inspect/ram_internal.h"
#include "lab/extent.h"

enum {
	PIECE_BYTES = 1 << 20, /* that are written at once */
	HOLE_BYTES = 128 << 10, /* of zeros, which are left out */
};

/* Past the page cache where that can be: the file is larger than what will be
 * read of it.  io_open() says -EINVAL for a file system that cannot. */
int ram_open_scratch(const char *dir, struct err *e)
{
	static const int flags[] = { O_TMPFILE | O_EXCL | O_DIRECT,
		O_TMPFILE | O_EXCL };
	char path[4096];
	int fd = -EINVAL;

	for (size_t i = 0; fd == -EINVAL && i < ARRAY_LEN(flags); i++)
		fd = io_open(AT_FDCWD, dir, O_RDWR | flags[i], 0600, e);
	if (fd >= 0 || (fd != -EOPNOTSUPP && fd != -EISDIR))
		return fd;
	/* A file system without unnamed files. */
	if (snprintf(path, sizeof(path), "%s/icelab-%d", dir, (int)getpid()) >=
		(int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%.100s: too long", dir);
	fd = io_open(AT_FDCWD, path, O_CREAT | O_EXCL | O_RDWR, 0600, e);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

/* Pages on their way into the file, in one piece. */
struct piece {
	struct ram_writer *w;
	uint8_t *bytes; /* PIECE_BYTES */
	uint64_t start;
	uint64_t len;
	bool data; /* there is some: zeros alone are a hole */
};

static int put_bytes(struct ram_writer *w, const void *bytes, uint64_t paddr,
	size_t len, struct err *e)
{
	uint64_t offset = 0;
	int r = ram_place(w->ram, &offset, paddr, len);

	if (r < 0)
		return err_set(e, -EBADMSG, "memory that no manifest lists");
	r = io_pwrite(w->ram->fd, bytes, len, offset, e);
	if (r != -ENOSPC)
		return r;
	return err_set(e, r,
		"no room for the captured memory in %.200s: --scratch names another directory",
		w->scratch);
}

static int flush(struct piece *p, struct err *e)
{
	int r = 0;

	if (p->len && (p->data || p->w->over))
		r = put_bytes(p->w, p->bytes, p->start, (size_t)p->len, e);
	p->start += p->len;
	p->len = 0;
	p->data = false;
	return r;
}

/* Less than a page, as at the ends of RAM: whole pages go into the file. */
static int put_partial(
	struct piece *p, struct range at, const uint8_t *data, struct err *e)
{
	uint64_t page = at.start & ~PAGE_MASK, offset = 0;
	size_t len = (size_t)(at.end - at.start);
	int r = flush(p, e);

	if (r < 0)
		return r;
	if (ram_place(p->w->ram, &offset, page, RAM_PAGE_BYTES) < 0)
		return err_set(e, -EBADMSG, "memory that no manifest lists");
	pthread_mutex_lock(&p->w->lock);
	if (io_pread(p->w->ram->fd, p->bytes, RAM_PAGE_BYTES, offset, e) !=
		RAM_PAGE_BYTES)
		r = err_set(e, -EIO, "the scratch file is cut off");
	if (r == 0 && data)
		memcpy(p->bytes + (at.start - page), data, len);
	else if (r == 0)
		memset(p->bytes + (at.start - page), 0, len);
	if (r == 0)
		r = put_bytes(p->w, p->bytes, page, RAM_PAGE_BYTES, e);
	pthread_mutex_unlock(&p->w->lock);
	return r;
}

static int put_pages(
	struct piece *p, struct range at, const uint8_t *data, struct err *e)
{
	int r = 0;

	if (p->start + p->len != at.start ||
		(!data && !p->w->over && at.end - at.start >= HOLE_BYTES))
		r = flush(p, e);
	if (!p->len)
		p->start = at.start;
	/* What would be a hole in the end need not go by way of memory. */
	if (!data && !p->len && !p->w->over) {
		p->start = at.end;
		return r;
	}
	for (uint64_t done = 0, step; r == 0 && done < at.end - at.start;
		done += step) {
		step = at.end - at.start - done;
		if (step > PIECE_BYTES - p->len)
			step = PIECE_BYTES - p->len;
		if (data)
			memcpy(p->bytes + p->len, data + done, (size_t)step);
		else
			memset(p->bytes + p->len, 0, (size_t)step);
		p->data |= data != NULL;
		p->len += step;
		if (p->len == PIECE_BYTES)
			r = flush(p, e);
	}
	return r;
}

/* The part of a page before it, whole pages, and the part behind them. */
static int put_run(void *arg, struct range at, Icecore__V1__PageStatus status,
	const uint8_t *data, struct err *e)
{
	struct piece *p = arg;
	uint64_t begin = at.start, end = at.end & ~PAGE_MASK;
	int r = 0;

	(void)status;
	if (begin & PAGE_MASK) {
		begin = (begin | PAGE_MASK) + 1;
		if (begin > at.end || !begin)
			begin = at.end;
		r = put_partial(p, (struct range){ at.start, begin }, data, e);
	}
	if (r == 0 && begin < end)
		r = put_pages(p, (struct range){ begin, end },
			data ? data + (begin - at.start) : NULL, e);
	else
		end = begin;
	if (r == 0 && end < at.end)
		r = put_partial(p, (struct range){ end, at.end },
			data ? data + (end - at.start) : NULL, e);
	return r;
}

/* A buffer is for one extent, and then for the next. */
static uint8_t *take_bytes(struct ram_writer *w)
{
	uint8_t *ret = NULL;

	pthread_mutex_lock(&w->lock);
	if (w->free_n)
		ret = w->free[--w->free_n];
	pthread_mutex_unlock(&w->lock);
	return ret ? ret : aligned_alloc(RAM_PAGE_BYTES, PIECE_BYTES);
}

static void give_bytes(struct ram_writer *w, uint8_t *bytes)
{
	pthread_mutex_lock(&w->lock);
	if (w->free_n < ARRAY_LEN(w->free))
		w->free[w->free_n++] = TAKE_PTR(bytes);
	pthread_mutex_unlock(&w->lock);
	free(bytes);
}

int ram_write_extent(
	struct ram_writer *w, const Icecore__V1__MemoryExtent *x, struct err *e)
{
	struct piece p = { .w = w, .bytes = take_bytes(w) };
	int r;

	if (!p.bytes)
		return err_set(e, -ENOMEM, "no memory for pages");
	r = extent_each(x, put_run, &p, e);
	if (r == 0)
		r = flush(&p, e);
	give_bytes(w, p.bytes);
	return r;
}

void ram_writer_done(struct ram_writer *w)
{
	while (w->free_n)
		free(w->free[--w->free_n]);
}
