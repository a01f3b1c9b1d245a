// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "inspect/ram_internal.h"

int ram_place(const struct ram *s, uint64_t *ret, uint64_t paddr, uint64_t len)
{
	const struct range *r = ranges_find(&s->room, paddr);

	if (!r || paddr < r->start || len > r->end - paddr)
		return -ERANGE;
	*ret = s->offsets[r - s->room.v] + (paddr - r->start);
	return 0;
}

static bool is_known(const struct ram *s, uint64_t paddr, uint64_t len)
{
	const struct range *r = ranges_find(&s->known, paddr);

	return r && paddr >= r->start && len <= r->end - paddr;
}

/* A piece of one page. */
static int read_piece(struct ram *s, void *ret, uint64_t paddr, size_t len)
{
	uint64_t page = paddr & ~PAGE_MASK, offset;
	struct cached *c = &s->cache[page / RAM_PAGE_BYTES % RAM_CACHE_PAGES];

	if (c->page != (page | 1)) {
		if (!is_known(s, paddr, len) ||
			ram_place(s, &offset, page, RAM_PAGE_BYTES) < 0)
			return -ENODATA;
		c->page = 0;
		if (io_pread(s->fd, c->bytes, RAM_PAGE_BYTES, offset, NULL) !=
			RAM_PAGE_BYTES)
			return -EIO;
		/* Of a page at the end of RAM not all need be known. */
		if (is_known(s, page, RAM_PAGE_BYTES))
			c->page = page | 1;
	}
	memcpy(ret, c->bytes + (paddr - page), len);
	return 0;
}

static int ram_read(struct physical *m, void *ret, uint64_t paddr, size_t len)
{
	struct ram *s = (struct ram *)(void *)m;
	int r = 0;

	for (size_t done = 0, step; r == 0 && done < len; done += step) {
		size_t left =
			RAM_PAGE_BYTES - (size_t)((paddr + done) & PAGE_MASK);

		step = len - done < left ? len - done : left;
		r = paddr + done < paddr ? -ENODATA
					 : read_piece(s, (uint8_t *)ret + done,
						   paddr + done, step);
	}
	return r;
}

/* The last extent that begins at or before it. */
static int ram_when(struct physical *m, uint64_t *first_ns, uint64_t *last_ns,
	uint64_t paddr)
{
	const struct ram *s = (struct ram *)(void *)m;
	size_t low = 0, high = s->extents_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->extents[mid].start <= paddr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || s->extents[low - 1].end <= paddr)
		return -ENODATA;
	*first_ns = s->extents[low - 1].read_start_ns;
	*last_ns = s->extents[low - 1].read_end_ns;
	return 0;
}

int ram_open(struct ram **ret, struct reader *r,
	const struct ram_options *options, struct err *e)
{
	struct ram *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for what was captured");
	s->physical = (struct physical){ ram_read, ram_when };
	s->fd = ram_open_scratch(options->scratch, e);
	rc = s->fd < 0 ? s->fd : 0;
	if (rc == 0)
		rc = ram_fill(s, r, options, e);
	if (rc == 0) {
		s->cache = calloc(RAM_CACHE_PAGES, sizeof(*s->cache));
		if (!s->cache)
			rc = err_set(e, -ENOMEM, "no memory for pages");
	}
	if (rc < 0)
		ram_close(s);
	else
		*ret = s;
	return rc;
}

void ram_close(struct ram *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	ranges_done(&s->room);
	ranges_done(&s->known);
	free(s->offsets);
	free(s->extents);
	free(s->cache);
	free(s);
}

struct physical *ram_physical(struct ram *s)
{
	return &s->physical;
}

const struct ram_totals *ram_totals(const struct ram *s)
{
	return &s->totals;
}

const struct ranges *ram_known(const struct ram *s)
{
	return &s->known;
}
