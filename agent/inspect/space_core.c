// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "inspect/captured.h"
#include "inspect/file_path.h"
#include "inspect/physical.h"
#include "inspect/space.h"
#include "inspect/space_core.h"
#include "inspect/task.h"

enum { PATH_CHARS = 512, PROTECTION_CHARS = 5, MAPPINGS_AT_ONCE = 1024 };

/* --- what it is --- */

struct mapping {
	Icecore__V1__Mapping m;
	char path[PATH_CHARS];
	char protection[PROTECTION_CHARS];
};

static void describe_area(const struct captured *c, struct mapping *to,
	const struct space_area *a)
{
	icecore__v1__mapping__init(&to->m);
	to->m.has_start = to->m.has_end = to->m.has_offset = 1;
	to->m.start = a->start;
	to->m.end = a->end;
	to->m.offset = a->offset;
	to->protection[0] = a->flags & AREA_READ ? 'r' : '-';
	to->protection[1] = a->flags & AREA_WRITE ? 'w' : '-';
	to->protection[2] = a->flags & AREA_EXEC ? 'x' : '-';
	to->protection[3] = a->flags & AREA_SHARED ? 's' : 'p';
	to->protection[4] = 0;
	to->m.protection = to->protection;
	if (!a->file || file_path(to->path, sizeof(to->path), c, a->file) < 0)
		return;
	to->m.has_path = 1;
	to->m.path.data = (uint8_t *)to->path;
	to->m.path.len = strlen(to->path);
}

static void describe_task(Icecore__V1__ProcessCore *p, const struct captured *c,
	const struct task *t)
{
	p->has_pid = p->has_start_boot_ns = p->has_machine = 1;
	p->has_page_bytes = p->has_ppid = p->has_uid = p->has_comm = 1;
	p->pid = t->pid;
	p->start_boot_ns = t->start_boot_ns;
	p->machine =
		c->translate.kind == TRANSLATE_X86_64 ? EM_X86_64 : EM_AARCH64;
	p->page_bytes = 1U << c->translate.page_shift;
	p->ppid = t->ppid;
	p->uid = t->uid;
	p->comm.data = (uint8_t *)(uintptr_t)t->comm;
	p->comm.len = strnlen(t->comm, sizeof(t->comm));
}

int space_core_describe(const struct captured *c, const struct space *s,
	space_core_put *put, void *arg, struct err *e)
{
	AUTO_FREE struct mapping *v = calloc(MAPPINGS_AT_ONCE, sizeof(*v));
	Icecore__V1__Mapping *list[MAPPINGS_AT_ONCE];
	char state[2] = { task_state(s->task), 0 };
	size_t at = 0;
	int r;

	if (!v)
		return err_set(e, -ENOMEM, "no memory for mappings");
	do {
		Icecore__V1__ProcessCore p = ICECORE__V1__PROCESS_CORE__INIT;
		Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
		size_t n = 0;

		describe_task(&p, c, s->task);
		p.state = state;
		p.has_continued = at > 0;
		p.continued = at > 0;
		for (; n < MAPPINGS_AT_ONCE && at < s->areas_n; n++, at++) {
			describe_area(c, &v[n], &s->areas[at]);
			list[n] = &v[n].m;
		}
		p.mappings = list;
		p.n_mappings = n;
		m.body_case = ICECORE__V1__RECORD__BODY_PROCESS_CORE;
		m.process_core = &p;
		r = put(arg, &m, e);
	} while (r == 0 && at < s->areas_n);
	return r;
}

/* --- its pages --- */

struct paging {
	const struct captured *c;
	const struct space *s;
	space_core_put *put;
	void *arg;
	size_t at; /* the area that the last page was in, or was before */
	uint64_t start; /* of the piece that waits */
	size_t len;
	uint8_t *piece;
};

static int give(struct paging *g, struct err *e)
{
	Icecore__V1__CorePages run = ICECORE__V1__CORE_PAGES__INIT;
	Icecore__V1__CorePages *runs[] = { &run };
	Icecore__V1__ProcessPages p = ICECORE__V1__PROCESS_PAGES__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	size_t len = g->len;

	g->len = 0;
	if (!len)
		return 0;
	run.has_status = run.has_bytes = run.has_by = 1;
	run.status = ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA;
	run.by = ICECORE__V1__PAGES_BY__PAGES_BY_PHYSICAL;
	run.bytes = len;
	p.has_pid = p.has_start_boot_ns = p.has_start = p.has_data = 1;
	p.pid = g->s->task->pid;
	p.start_boot_ns = g->s->task->start_boot_ns;
	p.start = g->start;
	p.runs = runs;
	p.n_runs = 1;
	p.data.data = g->piece;
	p.data.len = len;
	m.body_case = ICECORE__V1__RECORD__BODY_PROCESS_PAGES;
	m.process_pages = &p;
	return g->put(g->arg, &m, e);
}

/* A page, or a piece of a large one, that lies in a mapping. */
static int add(struct paging *g, uint64_t vaddr, uint64_t paddr, size_t len,
	struct err *e)
{
	struct physical *m = g->c->translate.memory;
	int r = 0;

	if (g->len && (g->start + g->len != vaddr ||
			      g->len + len > SPACE_CORE_PIECE_BYTES))
		r = give(g, e);
	if (r < 0)
		return r;
	/* What the capture lacks stays out. */
	if (m->read(m, g->piece + g->len, paddr, len) < 0)
		return give(g, e);
	if (!g->len)
		g->start = vaddr;
	g->len += len;
	return 0;
}

static int see_page(
	void *arg, uint64_t vaddr, const struct translated *at, struct err *e)
{
	struct paging *g = arg;
	const struct space *s = g->s;
	uint64_t step = 1ULL << g->c->translate.page_shift;
	int r = 0;

	for (uint64_t off = 0; r == 0 && off < at->page_bytes; off += step) {
		uint64_t address = vaddr + off;

		while (g->at < s->areas_n && s->areas[g->at].end <= address)
			g->at++;
		if (g->at == s->areas_n || address < s->areas[g->at].start ||
			!at->user)
			continue;
		r = add(g, address, at->paddr + off, (size_t)step, e);
	}
	return r;
}

int space_core_pages(const struct captured *c, const struct space *s,
	space_core_put *put, void *arg, struct err *e)
{
	uint64_t left = SPACE_ENTRIES_MAX;
	struct paging g = { .c = c, .s = s, .put = put, .arg = arg };
	int r;

	if (!s->root)
		return 0;
	g.piece = malloc(SPACE_CORE_PIECE_BYTES);
	if (!g.piece)
		return err_set(e, -ENOMEM, "no memory for pages");
	r = translate_each(&c->translate, s->root, &left, see_page, &g, e);
	if (r >= 0)
		r = give(&g, e);
	free(g.piece);
	return r < 0 ? r : 0;
}
