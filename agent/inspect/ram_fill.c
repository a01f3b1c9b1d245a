// SPDX-License-Identifier: Apache-2.0
/* The pass over the segments that puts memory into the scratch file. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "inspect/ram_internal.h"
#include "lab/extent.h"
#include "lab/reader.h"
#include "lab/records.h"

/* One pass, and what its threads share. */
struct fill {
	struct ram *s;
	const struct ram_options *options;
	bool look; /* only for where memory is */
	bool vouched;
	struct ram_writer writer;
	pthread_mutex_t lock;
};

static int add_room(struct ram *s, struct range r, struct err *e)
{
	r.start &= ~PAGE_MASK;
	if (__builtin_add_overflow(r.end, PAGE_MASK, &r.end))
		r.end = UINT64_MAX;
	r.end &= ~PAGE_MASK;
	return r.start < r.end ? ranges_add(&s->room, r, e) : 0;
}

static int lay_out(struct ram *s, struct err *e)
{
	uint64_t at = 0;

	s->offsets = calloc(s->room.n + 1, sizeof(*s->offsets));
	if (!s->offsets)
		return err_set(e, -ENOMEM, "no memory for ranges");
	for (size_t i = 0; i < s->room.n; i++) {
		s->offsets[i] = at;
		if (__builtin_add_overflow(
			    at, s->room.v[i].end - s->room.v[i].start, &at) ||
			at > INT64_MAX)
			return err_set(e, -EFBIG,
				"the capture claims more memory than there can be");
	}
	if (ftruncate(s->fd, (off_t)at) < 0)
		return err_sys(e, "room for %llu bytes of memory",
			(unsigned long long)at);
	return 0;
}

static int look_at(void *arg, struct range at, Icecore__V1__PageStatus status,
	const uint8_t *data, struct err *e)
{
	(void)arg;
	(void)at;
	(void)status;
	(void)data;
	(void)e;
	return 0;
}

static int add_extent(struct ram *s, struct extent x, struct err *e)
{
	size_t n = s->extents_n;

	if (n == RAM_EXTENTS_MAX)
		return err_set(e, -E2BIG, "more than %d extents of memory",
			RAM_EXTENTS_MAX);
	if ((n & (n - 1)) == 0) {
		struct extent *v =
			reallocarray(s->extents, n ? 2 * n : 1, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory for extents");
		s->extents = v;
	}
	s->extents[s->extents_n++] = x;
	return 0;
}

/* After its pages were written; with the lock held. */
static int note_extent(
	struct fill *f, const Icecore__V1__MemoryExtent *x, struct err *e)
{
	struct ram *s = f->s;
	uint64_t end = x->start, data = x->data.len;
	int r;

	for (size_t i = 0; i < x->n_runs; i++) {
		end += x->runs[i]->bytes; /* extent_each() has checked it */
		if (x->runs[i]->status ==
			ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO_DOUBTFUL)
			s->totals.doubtful_bytes += x->runs[i]->bytes;
	}
	if (end == x->start)
		return 0;
	if (f->look)
		return add_room(s, (struct range){ x->start, end }, e);
	r = ranges_add(&s->known, (struct range){ x->start, end }, e);
	if (r == 0)
		r = add_extent(s,
			(struct extent){ x->start, end, x->read_start_ns,
				x->read_end_ns },
			e);
	s->totals.data_bytes += data;
	s->totals.by_module |=
		x->source == ICECORE__V1__MEMORY_SOURCE__MEMORY_SOURCE_KMOD;
	if (!f->vouched)
		s->totals.unvouched_bytes += end - x->start;
	if (f->options->progress)
		f->options->progress(f->options->arg, end - x->start);
	return r;
}

static int see(void *arg, const struct reader_segment *segment,
	const Icecore__V1__Record *m, struct err *e)
{
	struct fill *f = arg;
	int r;

	(void)segment;
	if (m->body_case != ICECORE__V1__RECORD__BODY_MEMORY_EXTENT)
		return 0;
	r = f->look ? extent_each(m->memory_extent, look_at, NULL, e)
		    : ram_write_extent(&f->writer, m->memory_extent, e);
	if (r < 0)
		return r;
	pthread_mutex_lock(&f->lock);
	r = note_extent(f, m->memory_extent, e);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int pass(struct fill *f, struct reader *r, struct err *e)
{
	const struct records_pass p = {
		.kinds = RECORDS_KIND(MEMORY_EXTENT),
		.of = f->vouched ? RECORDS_OF_VOUCHED : RECORDS_OF_UNVOUCHED,
		.keys = f->options->keys,
		.threads = f->options->threads,
		.see = see,
		.arg = f,
	};

	return records_each(r, &p, e);
}

static bool has_unvouched(const struct reader *r)
{
	for (size_t i = 0; i < r->segments_n; i++)
		if (r->segments[i].state == SEGMENT_GOOD &&
			!r->segments[i].vouched)
			return true;
	return false;
}

/* What the manifests list, and what segments hold that nobody vouches for. */
static int plan(struct fill *f, struct reader *r, struct err *e)
{
	AUTO_RANGES struct ranges listed = { 0 };
	int rc = reader_coverage(r, &listed, NULL, e);

	for (size_t i = 0; rc == 0 && i < listed.n; i++)
		rc = add_room(f->s, listed.v[i], e);
	if (rc == 0 && f->writer.over) {
		f->look = true;
		rc = pass(f, r, e);
		f->look = false;
	}
	f->s->totals.doubtful_bytes = 0;
	return rc == 0 ? lay_out(f->s, e) : rc;
}

static int fill(struct ram *s, struct reader *r,
	const struct ram_options *options, struct err *e)
{
	struct fill f = { .s = s,
		.options = options,
		.writer = { .ram = s,
			.scratch = options->scratch,
			.over = has_unvouched(r),
			.lock = PTHREAD_MUTEX_INITIALIZER },
		.lock = PTHREAD_MUTEX_INITIALIZER };
	int rc = plan(&f, r, e);

	/* Vouched segments last: where both speak of a page, theirs stands. */
	if (rc == 0 && f.writer.over)
		rc = pass(&f, r, e);
	f.vouched = true;
	if (rc == 0)
		rc = pass(&f, r, e);
	ram_writer_done(&f.writer);
	/* What is read from now on is read again. */
	if (rc == 0)
		(void)fcntl(s->fd, F_SETFL, 0);
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->read_start_ns < y->read_start_ns   ? -1
	       : x->read_start_ns > y->read_start_ns ? 1
						     : 0;
}

static int sum_up(struct ram *s, struct reader *r, struct err *e)
{
	AUTO_RANGES struct ranges ram = { 0 }, missing = { 0 };
	struct ram_totals *t = &s->totals;
	int rc = reader_system_ram(r, &ram, e);

	if (rc == 0)
		rc = ranges_subtract(&missing, &ram, &s->known, e);
	if (rc < 0)
		return rc;
	if (s->extents_n)
		qsort(s->extents, s->extents_n, sizeof(*s->extents), by_start);
	t->extents = s->extents_n;
	t->known_bytes = ranges_bytes(&s->known);
	t->missing_bytes = ranges_bytes(&missing);
	for (size_t i = 0; i < s->extents_n; i++) {
		const struct extent *x = &s->extents[i];

		if (i == 0 || x->read_start_ns < t->first_ns)
			t->first_ns = x->read_start_ns;
		if (x->read_end_ns > t->last_ns)
			t->last_ns = x->read_end_ns;
		t->twice_bytes += x->end - x->start;
	}
	t->twice_bytes -= t->known_bytes;
	return 0;
}

int ram_fill(struct ram *s, struct reader *r, const struct ram_options *options,
	struct err *e)
{
	int rc = fill(s, r, options, e);

	return rc < 0 ? rc : sum_up(s, r, e);
}
