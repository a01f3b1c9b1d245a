// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "base/bytes.h"
#include "collect/extent.h"

_Static_assert((int)PAGE_INTERRUPTED ==
		       (int)ICECORE__V1__PAGE_STATUS__PAGE_STATUS_INTERRUPTED,
	"page status numbers are those of the format");
_Static_assert((int)SOURCE_DEVMEM ==
		       (int)ICECORE__V1__MEMORY_SOURCE__MEMORY_SOURCE_DEVMEM,
	"source numbers are those of the format");

/* An extent as it grows: the runs of one batch, and where their bytes are. */
struct growing {
	uint64_t start, end;
	Icecore__V1__PageRun run[SOURCE_BATCH_PAGES];
	Icecore__V1__PageRun *runs[SOURCE_BATCH_PAGES];
	size_t n;
	struct iovec bulk[SOURCE_BATCH_PAGES];
	size_t bulk_n;
};

static int flush_extent(struct extents *x, struct growing *g, int source,
	const struct source_batch *batch, struct err *e)
{
	Icecore__V1__MemoryExtent m = ICECORE__V1__MEMORY_EXTENT__INIT;
	Icecore__V1__Record rec = ICECORE__V1__RECORD__INIT;
	struct record out = { &rec, g->bulk, g->bulk_n };

	if (!g->n)
		return 0;
	for (size_t i = 0; i < g->n; i++)
		g->runs[i] = &g->run[i];
	m.start = g->start;
	m.source = (Icecore__V1__MemorySource)source;
	m.read_start_ns = batch->start_ns;
	m.read_end_ns = batch->end_ns;
	m.runs = g->runs;
	m.n_runs = g->n;
	rec.body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	rec.memory_extent = &m;
	g->n = g->bulk_n = 0;
	return writer_put(x->w, &out, e);
}

static void grow(struct growing *g, uint64_t at, const uint8_t *data,
	size_t len, uint8_t status)
{
	Icecore__V1__PageRun *last = g->n ? &g->run[g->n - 1] : NULL;
	bool same = last && (uint8_t)last->status == status;

	if (!g->n)
		g->start = at;
	g->end = at + len;
	if (!same) {
		last = &g->run[g->n++];
		icecore__v1__page_run__init(last);
		last->status = (Icecore__V1__PageStatus)status;
	}
	last->bytes += len;
	if (status != PAGE_DATA && status != PAGE_PRIVATE_MAP)
		return;
	if (same && g->bulk_n)
		g->bulk[g->bulk_n - 1].iov_len += len;
	else
		g->bulk[g->bulk_n++] =
			(struct iovec){ (void *)(uintptr_t)data, len };
}

int extents_put(struct extents *x, int source, const struct source_batch *batch,
	uint64_t paddr, size_t len, struct err *e)
{
	uint64_t base = paddr & ~(uint64_t)(SOURCE_PAGE_BYTES - 1);
	uint64_t at = paddr, end = paddr + len;
	struct growing g;
	int r = 0;

	g.n = g.bulk_n = 0;
	for (size_t i = 0; r == 0 && i < batch->pages && at < end; i++) {
		uint64_t next = base + (i + 1) * SOURCE_PAGE_BYTES;
		size_t n = (size_t)((next < end ? next : end) - at);
		const uint8_t *data = batch->data + (at - base);
		uint8_t status = batch->status[i];

		if (status == PAGE_DATA && bytes_are_zero(data, n))
			status = PAGE_ZERO;
		if (page_is_known(status)) {
			grow(&g, at, data, n, status);
		} else {
			struct open_gap gap = { .start = at,
				.end = at + n,
				.status = status,
				.source = source };

			r = flush_extent(x, &g, source, batch, e);
			if (r == 0)
				r = extents_gap(x, &gap, e);
		}
		at += n;
	}
	return r < 0 ? r : flush_extent(x, &g, source, batch, e);
}

int extents_gap(struct extents *x, const struct open_gap *gap, struct err *e)
{
	struct open_gap *o = &x->gap;
	int r;

	if (o->end > o->start && o->end == gap->start &&
		o->status == gap->status && o->source == gap->source &&
		strcmp(o->reason.msg, gap->reason.msg) == 0) {
		o->end = gap->end;
		return 0;
	}
	r = extents_flush(x, e);
	if (r == 0)
		*o = *gap;
	return r;
}

int extents_flush(struct extents *x, struct err *e)
{
	Icecore__V1__Range range = ICECORE__V1__RANGE__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	struct open_gap *o = &x->gap;

	if (o->end == o->start)
		return 0;
	range.start = o->start;
	range.end = o->end;
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY;
	gap.range = &range;
	gap.page_status = (Icecore__V1__PageStatus)o->status;
	gap.source = (Icecore__V1__MemorySource)o->source;
	gap.reason = o->reason.msg;
	o->end = o->start;
	return writer_gap(x->w, &gap, e);
}
