// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/range.h"
#include "collect/collector.h"
#include "collect/core_pages.h"
#include "collect/set.h"
#include "collect/sources.h"
#include "coredump/space.h"
#include "live/task.h"
#include "stream/writer.h"

_Static_assert(
	(int)SPACE_IN_FILE ==
		(int)ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_IN_FILE,
	"page status numbers are those of the format");
_Static_assert(
	(int)SPACE_BY_PHYSICAL == (int)ICECORE__V1__PAGES_BY__PAGES_BY_PHYSICAL,
	"numbers are those of the format");

/* Runs that follow one another in a process, as they grow into a record. */
struct growing {
	uint64_t start, end;
	uint64_t from_ns, to_ns;
	Icecore__V1__CorePages run[SPACE_BATCH_PAGES];
	Icecore__V1__CorePages *runs[SPACE_BATCH_PAGES];
	size_t n;
	struct iovec bulk[SPACE_BATCH_PAGES];
	size_t bulk_n;
};

/* What could not be read, as it grows. */
struct missing {
	uint64_t start, end;
	int status;
};

struct core_pages {
	const struct collect_env *env;
	struct writer *w;
	struct source_reader *physical; /* NULL: not opened, or refused */
	bool physical_tried;
	size_t page_bytes;
	const struct live_task *leader;
	struct growing g;
	struct missing gap;
};

int core_pages_new(struct core_pages **ret, const struct collect_env *env,
	struct writer *w, struct err *e)
{
	struct core_pages *p = calloc(1, sizeof(*p));

	if (!p)
		return err_set(e, -ENOMEM, "no memory for pages");
	p->env = env;
	p->w = w;
	p->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	*ret = p;
	return 0;
}

void core_pages_free(struct core_pages *p)
{
	if (!p)
		return;
	source_reader_close(p->physical);
	free(p);
}

static int flush_runs(struct core_pages *p, struct err *e)
{
	Icecore__V1__ProcessPages m = ICECORE__V1__PROCESS_PAGES__INIT;
	Icecore__V1__Record rec = ICECORE__V1__RECORD__INIT;
	struct growing *g = &p->g;
	struct record out = { &rec, g->bulk, g->bulk_n };

	if (!g->n)
		return 0;
	for (size_t i = 0; i < g->n; i++)
		g->runs[i] = &g->run[i];
	SET(&m, pid, p->leader->pid);
	SET(&m, start_boot_ns, p->leader->start_boot_ns);
	SET(&m, start, g->start);
	SET(&m, read_start_ns, g->from_ns);
	SET(&m, read_end_ns, g->to_ns);
	m.runs = g->runs;
	m.n_runs = g->n;
	rec.body_case = ICECORE__V1__RECORD__BODY_PROCESS_PAGES;
	rec.process_pages = &m;
	g->n = g->bulk_n = 0;
	return writer_put(p->w, &out, e);
}

static const char *reason_of(int status)
{
	switch (status) {
	case SPACE_TIMEOUT:
		return "does not answer";
	case SPACE_DEVICE:
		return "memory of a device, which a read may act on";
	case SPACE_UNSCANNED:
		return "more pages than are looked at";
	default:
		return "cannot be read, or went meanwhile";
	}
}

static int flush_gap(struct core_pages *p, struct err *e)
{
	Icecore__V1__Range range = ICECORE__V1__RANGE__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	struct missing *m = &p->gap;
	char what[32];

	if (m->end == m->start)
		return 0;
	(void)snprintf(
		what, sizeof(what), "memory of process %u", p->leader->pid);
	range.start = m->start;
	range.end = m->end;
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_PROCESS;
	gap.what = what;
	gap.range = &range;
	gap.reason = (char *)(uintptr_t)reason_of(m->status);
	m->end = m->start;
	return writer_gap(p->w, &gap, e);
}

static int add_gap(struct core_pages *p, uint64_t start, uint64_t end,
	int status, struct err *e)
{
	struct missing *m = &p->gap;
	int r = 0;

	if (m->end == start && m->end != m->start && m->status == status) {
		m->end = end;
		return 0;
	}
	r = flush_gap(p, e);
	*m = (struct missing){ start, end, status };
	return r;
}

/* [${start}, ${end}) is known; ${data} are its bytes, or NULL. */
static int add_run(struct core_pages *p, uint64_t start, uint64_t end,
	const struct space_page *page, const uint8_t *data, struct err *e)
{
	struct growing *g = &p->g;
	Icecore__V1__CorePages *last;
	size_t len = (size_t)(end - start);
	bool same;
	int r = 0;

	if (g->n && (g->end != start || g->n == ARRAY_LEN(g->run)))
		r = flush_runs(p, e);
	last = g->n ? &g->run[g->n - 1] : NULL;
	same = last && (int)last->status == page->status &&
	       (!data || (int)last->by == page->by);
	if (!g->n)
		g->start = start;
	if (!same) {
		last = &g->run[g->n++];
		icecore__v1__core_pages__init(last);
		SET(last, status, (Icecore__V1__CorePageStatus)page->status);
		SET(last, bytes, 0);
		if (data)
			SET(last, by, (Icecore__V1__PagesBy)page->by);
	}
	g->end = end;
	last->bytes += end - start;
	if (!data)
		return r;
	if (same && g->bulk_n)
		g->bulk[g->bulk_n - 1].iov_len += len;
	else
		g->bulk[g->bulk_n++] =
			(struct iovec){ (void *)(uintptr_t)data, len };
	return r;
}

static bool open_physical(struct core_pages *p)
{
	struct source *source = NULL;

	if (p->physical_tried)
		return p->physical;
	p->physical_tried = true;
	return p->env->sources &&
	       sources_get(p->env->sources, 0, &source, NULL) == 0 &&
	       source_reader_open(&p->physical, source, 0, NULL) == 0;
}

/* A page that the process's own ways do not give, by where it really lies. */
static void try_physical(
	struct core_pages *p, struct space_page *page, uint8_t *data)
{
	uint64_t at = page->frame * p->page_bytes;
	struct source_batch batch;
	const struct range *ram = ranges_find(p->env->ram, at);

	if (!page->frame || !ram || ram->start > at ||
		ram->end < at + p->page_bytes || !open_physical(p))
		return;
	if (source_read(p->physical, &batch, at, p->page_bytes, NULL) < 0)
		return;
	for (size_t i = 0; i < batch.pages; i++)
		if (batch.status[i] != PAGE_DATA &&
			batch.status[i] != PAGE_PRIVATE_MAP)
			return;
	memcpy(data, batch.data, p->page_bytes);
	page->status = SPACE_DATA;
	page->by = SPACE_BY_PHYSICAL;
}

static void note_time(struct core_pages *p, uint64_t from_ns, uint64_t to_ns)
{
	if (!p->g.n)
		p->g.from_ns = from_ns;
	p->g.to_ns = to_ns;
}

static int put_batch(struct core_pages *p, const struct space_batch *b,
	uint64_t address, struct err *e)
{
	size_t bytes = p->page_bytes;
	int r = 0;

	note_time(p, b->start_ns, b->end_ns);
	for (size_t i = 0; r == 0 && i < b->pages; i++) {
		uint64_t at = address + i * bytes;
		uint8_t *data = b->data + i * bytes;

		if (b->v[i].status == SPACE_FAULT)
			try_physical(p, &b->v[i], data);
		if (b->v[i].status >= SPACE_FAULT)
			r = add_gap(p, at, at + bytes, b->v[i].status, e);
		else
			r = add_run(p, at, at + bytes, &b->v[i],
				b->v[i].status == SPACE_DATA ? data : NULL, e);
	}
	/* Its bytes are overwritten by the next one. */
	return r < 0 ? r : flush_runs(p, e);
}

static int read_run(struct core_pages *p, struct space *s, uint64_t start,
	uint64_t end, struct err *e)
{
	int r = 0;

	while (r == 0 && start < end) {
		size_t len = end - start < SPACE_BATCH_BYTES
				     ? (size_t)(end - start)
				     : SPACE_BATCH_BYTES;
		struct space_batch b;

		r = space_read(s, &b, start, len, e);
		if (r == 0)
			r = put_batch(p, &b, start, e);
		start += len;
	}
	return r;
}

static int put_mapping(struct core_pages *p, struct space *s,
	const struct mapping *m, struct err *e)
{
	uint64_t at = m->start;
	int r = 0;

	while (r == 0 && at < m->end && !*p->env->interrupted) {
		struct space_run run;

		r = space_scan(s, &run, m, at, e);
		if (r < 0)
			break;
		if (run.status == 0) {
			r = read_run(p, s, at, run.end, e);
		} else if (run.status >= SPACE_FAULT) {
			r = add_gap(p, at, run.end, run.status, e);
		} else {
			struct space_page page = { .status = (uint8_t)run.status };
			uint64_t now = clock_ns(CLOCK_MONOTONIC);

			note_time(p, now, now);
			r = add_run(p, at, run.end, &page, NULL, e);
		}
		at = run.end;
	}
	return r;
}

static int gone(struct core_pages *p, const char *why, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	char what[32];

	(void)snprintf(
		what, sizeof(what), "memory of process %u", p->leader->pid);
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_PROCESS;
	gap.what = what;
	gap.reason = (char *)(uintptr_t)why;
	return writer_gap(p->w, &gap, e);
}

int core_pages_put(struct core_pages *p, int proc,
	const struct live_task *leader, const struct maps *maps, struct err *e)
{
	struct space *s = NULL;
	struct err why = { 0 };
	int r;

	p->leader = leader;
	r = space_open(&s, proc, leader->pid, &why);
	if (r < 0)
		return r == -ENOMEM ? err_set(e, r, "%s", why.msg)
				    : gone(p, why.msg, e);
	for (size_t i = 0; r == 0 && i < maps->n; i++)
		if (!space_is_left_out(&maps->v[i]))
			r = put_mapping(p, s, &maps->v[i], &why);
	if (r == -ESRCH)
		r = gone(p, why.msg, e);
	else if (r < 0)
		r = err_set(e, r, "%s", why.msg);
	if (r == 0)
		r = flush_runs(p, e);
	if (r == 0)
		r = flush_gap(p, e);
	if (r == 0 && *p->env->interrupted) {
		r = gone(p, "interrupted", e);
		r = r < 0 ? r : 1;
	}
	space_close(s);
	return r;
}
