// SPDX-License-Identifier: Apache-2.0
/* What moved while memory was read, and what could not be looked at. */
#include <inttypes.h>

#include "base/buf.h"
#include "icecore/v1/inspect.pb-c.h"
#include "inspect/inspection.h"
#include "inspect/print.h"
#include "kernel/state.h"

enum { LINE_BYTES = 4096 };

static double seconds(uint64_t first_ns, uint64_t last_ns)
{
	return last_ns > first_ns ? (double)(last_ns - first_ns) / 1e9 : 0;
}

static int print_smear_json(const struct print *p, struct err *e)
{
	const struct inspection *in = p->in;
	const struct ram_totals *ram = ram_totals(in->captured->ram);
	Icecore__V1__MemorySmear m = ICECORE__V1__MEMORY_SMEAR__INIT;
	Icecore__V1__MemorySubject subjects[SUBJECTS], *subjects_p[SUBJECTS];

	m.has_first_ns = m.has_last_ns = 1;
	m.first_ns = ram->first_ns;
	m.last_ns = ram->last_ns;
	m.subjects = subjects_p;
	for (int i = 0; i < SUBJECTS; i++) {
		const struct peek_window *w = &in->captured->peek->windows[i];
		Icecore__V1__MemorySubject *s = &subjects[m.n_subjects];

		if (!w->pages && !w->missing && !w->unmapped)
			continue;
		icecore__v1__memory_subject__init(s);
		s->subject = (char *)(uintptr_t)subject_name(i);
		s->has_pages = s->has_first_ns = s->has_last_ns = 1;
		s->has_missing = s->has_unmapped = 1;
		s->pages = w->pages;
		s->first_ns = w->first_ns;
		s->last_ns = w->last_ns;
		s->missing = w->missing;
		s->unmapped = w->unmapped;
		subjects_p[m.n_subjects++] = s;
	}
	m.has_links = m.has_torn_links = 1;
	m.links = in->smear.links;
	m.torn_links = in->smear.torn;
	m.has_began = m.has_ended = m.has_ending = 1;
	m.began = in->churn.began;
	m.ended = in->churn.ended;
	m.ending = in->churn.ending;
	m.has_sockets = 1;
	m.sockets = in->churn.sockets;
	return print_line(p, "smear", &m.base, NULL, e);
}

int print_smear(const struct print *p, struct err *e)
{
	const struct inspection *in = p->in;
	const struct ram_totals *ram = ram_totals(in->captured->ram);

	if (p->jsonl)
		return print_smear_json(p, e);
	(void)printf("smear: memory was read in %.3f s",
		seconds(ram->first_ns, ram->last_ns));
	for (int i = 0; i < SUBJECTS; i++) {
		const struct peek_window *w = &in->captured->peek->windows[i];

		if (i != SUBJECT_KERNEL && w->pages && w->last_ns)
			(void)printf(", the pages of %s in %.3f s",
				subject_name(i),
				seconds(w->first_ns, w->last_ns));
	}
	(void)printf(".\n       %" PRIu64 " of %" PRIu64
		     " links between tasks lead back to another.  %" PRIu64
		     " tasks began after the live\n       picture, %" PRIu64
		     " of it ended before their memory was read, %" PRIu64
		     " were ending; %" PRIu64
		     " sockets\n       may have come after it.\n",
		in->smear.torn, in->smear.links, in->churn.began,
		in->churn.ended, in->churn.ending, in->churn.sockets);
	return 0;
}

static int print_gap(const struct print *p, const char *subject,
	const struct peek_gap *at, const char *reason, struct err *e)
{
	Icecore__V1__MemoryGap m = ICECORE__V1__MEMORY_GAP__INIT;
	AUTO_BUF struct buf line = { 0 };
	int r;

	buf_init(&line, LINE_BYTES);
	m.subject = (char *)(uintptr_t)subject;
	m.reason = (char *)(uintptr_t)reason;
	m.has_address = at != NULL;
	m.address = at ? at->vaddr : 0;
	m.has_physical = at && at->paddr;
	m.physical = at ? at->paddr : 0;
	r = buf_text(&line, e, "gap: %s: %s", subject, reason);
	if (r == 0 && at)
		r = buf_text(&line, e, " (at %#" PRIx64 ")", at->vaddr);
	return r < 0 ? r : print_line(p, "gap", &m.base, &line, e);
}

static int print_why(const struct print *p, const char *subject,
	const char *part, const struct err *why, struct err *e)
{
	char text[64];

	if (!why->msg[0])
		return 0;
	(void)snprintf(text, sizeof(text), "%s by %s", subject, part);
	return print_gap(p, text, NULL, why->msg, e);
}

static int print_lost(const struct print *p, const char *subject, uint64_t lost,
	struct err *e)
{
	char text[64];

	if (!lost)
		return 0;
	(void)snprintf(
		text, sizeof(text), "%" PRIu64 " more than are kept", lost);
	return print_gap(p, subject, NULL, text, e);
}

static int print_spaces(const struct print *p, struct err *e)
{
	const struct space_gaps *g = &p->in->spaces;
	char text[ERR_MSG_BYTES + 64];
	int r = 0;

	if (g->why.msg[0]) {
		(void)snprintf(text, sizeof(text),
			"%" PRIu64 " processes break off; pid %u: %s",
			g->processes, g->pid, g->why.msg);
		r = print_gap(p, "maps", NULL, text, e);
	}
	if (r == 0 && g->tables) {
		(void)snprintf(text, sizeof(text),
			"%" PRIu64 " page tables are not in the capture",
			g->tables);
		r = print_gap(p, "maps", NULL, text, e);
	}
	return r < 0 ? r : print_lost(p, "maps", g->areas, e);
}

static int print_missing(const struct print *p, struct err *e)
{
	const struct peek_image *image = p->in->captured->peek;
	size_t told = image->gaps_n < PEEK_IMAGE_GAPS_MAX ? image->gaps_n
							  : PEEK_IMAGE_GAPS_MAX;
	int r = 0;

	for (size_t i = 0; r == 0 && i < told; i++) {
		const struct peek_gap *g = &image->gaps[i];

		r = print_gap(p, subject_name(g->subject), g,
			g->paddr ? "the page is not in the capture"
				 : "a page table is not in the capture",
			e);
	}
	return r < 0 ? r
		     : print_lost(p, "missing pages", image->gaps_n - told, e);
}

int print_gaps(const struct print *p, struct err *e)
{
	const struct inspection *in = p->in;
	const struct kmodules *ms = &in->captured->state->modules;
	int r = 0;

	for (int i = 0; r == 0 && i < TASK_VIEWS; i++)
		r = print_why(p, "tasks", task_view_name(1U << i),
			&in->tasks.why[i], e);
	/* The first three are not in memory. */
	for (int i = 3; r == 0 && i < KMODULE_VIEWS; i++)
		r = print_why(p, "modules", kmodule_view_name(1U << i),
			&ms->why[i], e);
	for (int i = 0; r == 0 && i < HOOK_PLACES; i++)
		r = print_why(
			p, "hooks", hook_place_name(i), &in->hooks.why[i], e);
	if (r == 0)
		r = print_why(p, "bpf", "ids", &in->objects.why[1], e);
	for (int i = 0; r == 0 && i < SOCKET_TABLES; i++)
		r = print_why(p, "sockets", socket_table_name(i),
			&in->sockets.why[i], e);
	if (r == 0)
		r = print_spaces(p, e);
	for (int i = 0; r == 0 && i < SUBJECTS; i++)
		if (in->captured->peek->windows[i].reads > PEEK_IMAGE_READS_MAX)
			r = print_gap(p, subject_name(i), NULL,
				"more is linked than is looked at", e);
	if (r == 0)
		r = print_missing(p, e);
	if (r == 0)
		r = print_lost(p, "tasks", in->tasks.lost, e);
	if (r == 0)
		r = print_lost(p, "hooks", in->hooks.lost, e);
	if (r == 0)
		r = print_lost(p, "bpf", in->objects.lost, e);
	if (r == 0)
		r = print_lost(p, "sockets", in->sockets.lost, e);
	if (r == 0)
		r = print_lost(p, "findings", in->verdicts.lost, e);
	return r < 0 ? r : print_lost(p, "live picture", in->snapshot.lost, e);
}
