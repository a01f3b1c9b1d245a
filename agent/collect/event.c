// SPDX-License-Identifier: Apache-2.0
/*
 * What the flight recorder has, as it is now: the events up to the start of
 * this collector, what was lost on the way to them, and how it was seen.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "bpf/recorder.h"
#include "collect/collector_internal.h"
#include "collect/event_record.h"
#include "collect/set.h"
#include "recorder/recorder.h"
#include "stream/writer.h"

enum { PIECE_BYTES = 128 << 10, GAP_NAMES_CHARS = 512 };

struct sealing {
	struct recorder *recorder;
	struct writer *w;
	struct event_batch *batch;
	uint8_t *piece;
	struct recorder_state state;
	uint64_t written[RECORDER_KINDS];
	uint64_t skipped; /* overwritten before they were written */
};

static int put_gap(
	struct writer *w, const char *what, const char *reason, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = (char *)(uintptr_t)what;
	gap.reason = (char *)(uintptr_t)reason;
	return writer_gap(w, &gap, e);
}

static int put_batch(struct sealing *s, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Events *events = event_batch_message(s->batch);
	struct record out = { &m, NULL, 0 };

	if (!events->n_events)
		return 0;
	for (size_t i = 0; i < events->n_events; i++)
		s->written[events->events[i]->kind]++;
	m.body_case = ICECORE__V1__RECORD__BODY_EVENTS;
	m.events = events;
	return writer_put(s->w, &out, e);
}

static int put_piece(struct sealing *s, size_t len, struct err *e)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < len) {
		size_t n = event_batch_fill(s->batch, s->piece + at, len - at);

		r = put_batch(s, e);
		if (r == 0 && n == 0)
			return err_set(
				e, -EBADMSG, "the recorder's ring is broken");
		at += n;
	}
	return r;
}

/* What comes while this is written is for the next one. */
static int put_events(
	const struct collect_env *env, struct sealing *s, struct err *e)
{
	uint64_t at, end;
	int r = 0;

	recorder_span(s->recorder, &at, &end);
	while (r == 0 && at < end && !*env->interrupted) {
		size_t n = recorder_read(
			s->recorder, &at, s->piece, PIECE_BYTES, &s->skipped);

		if (!n)
			break;
		r = put_piece(s, n, e);
	}
	return r == 0 && at < end ? 1 : r;
}

static int put_losses(struct sealing *s, struct err *e)
{
	struct err why = { 0 };
	int r = 0;

	for (unsigned k = 1; r == 0 && k < RECORDER_PAGE; k++) {
		const struct recorder_count *c = &s->state.counts[k];

		if (!c->lost)
			continue;
		(void)err_set(&why, -ENOBUFS,
			"%" PRIu64 " of %" PRIu64
			" events %s were lost: no room on their way",
			c->lost, c->happened, recorder_kind_name(k));
		r = put_gap(s->w, "events", why.msg, e);
	}
	if (r == 0 && s->state.missed) {
		(void)err_set(&why, -EBUSY,
			"%" PRIu64 " times a program was not run, since it ran "
			"already",
			s->state.missed);
		r = put_gap(s->w, "events", why.msg, e);
	}
	if (r == 0 && s->skipped) {
		(void)err_set(&why, -ENOBUFS,
			"%" PRIu64 " events were overwritten before they could "
			"be written",
			s->skipped);
		r = put_gap(s->w, "events", why.msg, e);
	}
	return r;
}

/* One gap for all that cannot be seen on this kernel. */
static int put_blindness(struct sealing *s, struct err *e)
{
	char names[GAP_NAMES_CHARS] = "";
	const char *reason = NULL;
	struct err why = { 0 };
	size_t used = 0;

	for (size_t i = 0; i < s->state.programs_n; i++) {
		const struct recorder_program *p = &s->state.programs[i];

		if (!p->is_missing)
			continue;
		reason = reason ? reason : p->reason;
		if (used + strlen(p->name) + 3 < sizeof(names))
			used += (size_t)snprintf(names + used,
				sizeof(names) - used, "%s%s", used ? ", " : "",
				p->name);
	}
	if (!reason)
		return 0;
	(void)err_set(&why, -EOPNOTSUPP, "not watched: %s: %s", names, reason);
	return put_gap(s->w, "events", why.msg, e);
}

struct account {
	Icecore__V1__Recorder m;
	Icecore__V1__RecorderProgram programs[RECORDER_PROGRAMS_MAX];
	Icecore__V1__RecorderProgram *programs_p[RECORDER_PROGRAMS_MAX];
	Icecore__V1__RecorderCount counts[RECORDER_KINDS];
	Icecore__V1__RecorderCount *counts_p[RECORDER_KINDS];
};

static void tell_programs(struct account *a, const struct recorder_state *s)
{
	a->m.programs = a->programs_p;
	for (size_t i = 0; i < s->programs_n; i++) {
		Icecore__V1__RecorderProgram *p = &a->programs[i];

		icecore__v1__recorder_program__init(p);
		p->name = (char *)(uintptr_t)s->programs[i].name;
		p->way = (char *)(uintptr_t)s->programs[i].way;
		if (!p->way)
			p->reason = (char *)(uintptr_t)s->programs[i].reason;
		a->programs_p[a->m.n_programs++] = p;
	}
}

static void tell_counts(struct account *a, const struct sealing *s)
{
	a->m.counts = a->counts_p;
	for (unsigned k = 1; k < RECORDER_PAGE; k++) {
		const struct recorder_count *from = &s->state.counts[k];
		Icecore__V1__RecorderCount *c = &a->counts[k];

		icecore__v1__recorder_count__init(c);
		SET(c, kind, (Icecore__V1__EventKind)k);
		SET(c, happened, from->happened);
		SET(c, recorded, from->recorded);
		SET(c, lost, from->lost);
		SET(c, overwritten, from->overwritten);
		SET(c, expired, from->expired);
		SET(c, written, s->written[k]);
		a->counts_p[a->m.n_counts++] = c;
	}
}

static int put_account(struct sealing *s, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	const struct recorder_state *from = &s->state;
	struct record out = { &m, NULL, 0 };
	struct account a = { 0 };

	icecore__v1__recorder__init(&a.m);
	SET(&a.m, began_boot_ns, from->began_boot_ns);
	SET(&a.m, oldest_boot_ns, from->oldest_boot_ns);
	SET(&a.m, ended_boot_ns, clock_ns(CLOCK_BOOTTIME));
	SET(&a.m, last_loss_boot_ns, from->last_loss_boot_ns);
	a.m.has_last_loss_boot_ns = from->last_loss_boot_ns != 0;
	SET(&a.m, ring_bytes, from->ring_bytes);
	SET(&a.m, ring_used_bytes, from->ring_used_bytes);
	SET(&a.m, missed, from->missed);
	SET(&a.m, malformed, from->malformed);
	SET(&a.m, taken, from->taken);
	SET(&a.m, taken_evicted, from->taken_evicted);
	SET(&a.m, taken_overflows, from->taken_overflows);
	if (from->take_why_not[0])
		a.m.take_why_not = (char *)(uintptr_t)from->take_why_not;
	tell_programs(&a, from);
	tell_counts(&a, s);
	m.body_case = ICECORE__V1__RECORD__BODY_RECORDER;
	m.recorder = &a.m;
	return writer_put(s->w, &out, e);
}

static int event_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct sealing s = { .recorder = env->recorder, .w = w };
	int r, cut;

	if (!env->recorder)
		return 0;
	recorder_state(s.recorder, &s.state);
	s.piece = malloc(PIECE_BYTES);
	r = s.piece ? event_batch_new(&s.batch, s.recorder, e)
		    : err_set(e, -ENOMEM, "no memory for events");
	if (r == 0)
		r = put_events(env, &s, e);
	cut = r > 0;
	if (cut)
		r = put_gap(w, "events", "interrupted", e);
	if (r == 0)
		r = put_losses(&s, e);
	if (r == 0)
		r = put_blindness(&s, e);
	if (r == 0)
		r = put_account(&s, e);
	event_batch_free(s.batch);
	free(s.piece);
	return r < 0 ? r : cut;
}

const struct collector collector_event = {
	.name = "event",
	.title = "what happened before, where a recorder runs",
	.run = event_run,
};
