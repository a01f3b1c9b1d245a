// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/io.h"
#include "volume/map.h"

void map_done(struct map *m)
{
	free(m->v);
	*m = (struct map){ 0 };
}

static bool goes_on(const struct map_piece *a, const struct map_piece *b)
{
	return a->stripes_n == 1 && b->stripes_n == 1 &&
	       a->stripes[0].device == b->stripes[0].device &&
	       a->stripes[0].start_bytes + a->bytes == b->stripes[0].start_bytes;
}

int map_add(struct map *m, const struct map_piece *piece, struct err *e)
{
	uint64_t bytes;

	if (__builtin_add_overflow(m->bytes, piece->bytes, &bytes))
		return err_set(e, -EBADMSG, "larger than can be");
	if (m->n && goes_on(&m->v[m->n - 1], piece)) {
		m->v[m->n - 1].bytes += piece->bytes;
		m->bytes = bytes;
		return 0;
	}
	if (m->n == MAP_PIECES_MAX)
		return err_set(
			e, -E2BIG, "in more than %d pieces", MAP_PIECES_MAX);
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 4;
		struct map_piece *v = reallocarray(m->v, cap, sizeof(*v));

		if (!v)
			return err_set(
				e, -ENOMEM, "no memory for %zu pieces", cap);
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = *piece;
	m->bytes = bytes;
	return 0;
}

int map_slice(struct map *ret, const struct map *m, uint64_t start,
	uint64_t bytes, struct err *e)
{
	uint64_t at = 0;
	int r = 0;

	if (start > m->bytes || bytes > m->bytes - start)
		return err_set(e, -ERANGE, "not all of it is there");
	for (size_t i = 0; r == 0 && bytes && i < m->n; at += m->v[i++].bytes) {
		struct map_piece one = m->v[i];
		uint64_t skip = start > at ? start - at : 0;

		if (skip >= one.bytes)
			continue;
		if (one.bytes - skip > bytes)
			one.bytes = bytes + skip;
		if (one.stripes_n > 1 && (skip || one.bytes != m->v[i].bytes))
			return err_set(e, -ENOTSUP, "a part of a striped piece");
		one.bytes -= skip;
		if (one.stripes_n == 1)
			one.stripes[0].start_bytes += skip;
		r = map_add(ret, &one, e);
		bytes -= one.bytes;
		start += one.bytes;
	}
	return r;
}

/* Where ${off} of ${p} lies, and how many bytes from there are together. */
static uint64_t locate(
	const struct map_piece *p, uint64_t off, struct map_stripe *ret)
{
	uint64_t chunk, in;

	if (p->stripes_n == 1) {
		*ret = p->stripes[0];
		ret->start_bytes += off;
		return p->bytes - off;
	}
	chunk = off / p->chunk_bytes;
	in = off % p->chunk_bytes;
	*ret = p->stripes[chunk % p->stripes_n];
	ret->start_bytes += chunk / p->stripes_n * p->chunk_bytes + in;
	return p->chunk_bytes - in;
}

int map_read(const struct map *m, const int *fds, void *buf, size_t len,
	uint64_t off, struct err *e)
{
	uint8_t *to = buf;

	for (size_t i = 0; len && i < m->n; i++) {
		for (; len && off < m->v[i].bytes;) {
			struct map_stripe s;
			uint64_t have = locate(&m->v[i], off, &s);
			size_t want = have < len ? (size_t)have : len;
			ssize_t got;

			if (want > m->v[i].bytes - off)
				want = (size_t)(m->v[i].bytes - off);
			got = io_pread(fds[s.device], to, want, s.start_bytes, e);
			if (got < 0)
				return (int)got;
			if ((size_t)got < want)
				return err_set(e, -ENODATA,
					"the device ends before it");
			to += want;
			off += want;
			len -= want;
		}
		off -= m->v[i].bytes;
	}
	return len ? err_set(e, -ERANGE, "not all of it is there") : 0;
}
