// SPDX-License-Identifier: Apache-2.0
/* What the flight recorder saw, and how much of it. */
#include <errno.h>

#include "lab/show_table.h"
#include "report/model.h"

enum { WHAT_BYTES = 64 << 10, WHAT_SHOWN = 2048 };

/* What was escaped is cut before an escape, or between two characters. */
static void cut(struct buf *text)
{
	size_t at = WHAT_SHOWN;

	if (text->len <= WHAT_SHOWN)
		return;
	while (at > WHAT_SHOWN - 4 &&
		(text->data[at] >> 6 == 2 || text->data[at - 1] == '\\' ||
			text->data[at - 2] == '\\' || text->data[at - 3] == '\\'))
		at--;
	text->len = at;
}

static int add_event(struct row *t, const Icecore__V1__Event *ev, struct err *e)
{
	AUTO_BUF struct buf what = { 0 };
	size_t all;

	if (!row_begin(t, e))
		return 0;
	buf_init(&what, WHAT_BYTES);
	t->r = show_event_what(&what, ev, e);
	if (t->r == -EFBIG)
		t->r = 0;
	all = what.len;
	cut(&what);
	if (t->r == 0 && what.len < all)
		t->r = buf_text(&what, e, "\\+%zu", all - what.len);
	row_us(t, ev->has_boot_ns, ev->boot_ns);
	row_string(t, show_event_name(ev));
	row_u64(t, ev->has_pid, ev->pid);
	row_u64(t, ev->has_ppid, ev->ppid);
	row_us(t, ev->has_start_boot_ns, ev->start_boot_ns);
	row_u64(t, ev->has_uid, ev->uid);
	row_text(t, &ev->comm);
	row_string(t, ev->container ? ev->container->id : NULL);
	row_shown(t, &what);
	return row_end(t);
}

static int add_events(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->events->n_events; i++)
		r = add_event(t, m->events->events[i], e);
	return r;
}

static int add_recorder(
	struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__Recorder *x = m->recorder;

	if (!row_begin(t, e))
		return 0;
	row_us(t, x->has_began_boot_ns, x->began_boot_ns);
	row_us(t, x->has_oldest_boot_ns, x->oldest_boot_ns);
	row_us(t, x->has_ended_boot_ns, x->ended_boot_ns);
	row_us(t, x->has_last_loss_boot_ns, x->last_loss_boot_ns);
	row_u64(t, x->has_missed, x->missed);
	row_u64(t, x->has_malformed, x->malformed);
	return row_end(t);
}

static int add_counts(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->recorder->n_counts; i++) {
		const Icecore__V1__RecorderCount *c = m->recorder->counts[i];
		const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
			&icecore__v1__event_kind__descriptor, (int)c->kind);

		if (!row_begin(t, e))
			continue;
		row_string(t, v ? v->name + strlen("EVENT_KIND_") : NULL);
		row_u64(t, c->has_happened, c->happened);
		row_u64(t, c->has_recorded, c->recorded);
		row_u64(t, c->has_lost, c->lost);
		row_u64(t, c->has_overwritten, c->overwritten);
		row_u64(t, c->has_expired, c->expired);
		row_u64(t, c->has_written, c->written);
		r = row_end(t);
	}
	return r;
}

/* Those that could not be attached: what was not watched. */
static int add_programs(
	struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->recorder->n_programs; i++) {
		const Icecore__V1__RecorderProgram *p = m->recorder->programs[i];

		if (!p->reason || !row_begin(t, e))
			continue;
		row_string(t, p->name);
		row_string(t, p->reason);
		r = row_end(t);
	}
	return r;
}

static int add_logged_one(
	struct row *t, const Icecore__V1__DiskEvent *v, struct err *e)
{
	if (!row_begin(t, e))
		return 0;
	row_us(t, v->has_time_ns && v->time_ns > 0, (uint64_t)v->time_ns);
	row_u64(t, v->has_certainty, (uint64_t)v->certainty);
	row_string(t, v->source);
	row_text(t, &v->program);
	row_u64(t, v->has_pid, v->pid);
	row_text(t, &v->user);
	row_text(t, &v->terminal);
	row_text(t, &v->address);
	row_text(t, &v->path);
	row_u64(t, v->has_number, v->number);
	row_text(t, &v->text);
	return row_end(t);
}

static int add_logged(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->disk_events->n_events; i++)
		r = add_logged_one(t, m->disk_events->events[i], e);
	return r;
}

const struct model_table model_event_tables[] = {
	{ "event", "at kind pid ppid start uid comm container what",
		ICECORE__V1__RECORD__BODY_EVENTS, 300000, 48 << 20, add_events },
	{ "recorder", "began oldest ended lastLoss missed malformed",
		ICECORE__V1__RECORD__BODY_RECORDER, 100, 64 << 10, add_recorder },
	{ "recorded", "kind happened recorded lost overwritten expired written",
		ICECORE__V1__RECORD__BODY_RECORDER, 1000, 256 << 10, add_counts },
	{ "unwatched", "name reason", ICECORE__V1__RECORD__BODY_RECORDER, 1000,
		256 << 10, add_programs },
	{ "logged",
		"at sure source program pid user terminal address path number text",
		ICECORE__V1__RECORD__BODY_DISK_EVENTS, 200000, 32 << 20,
		add_logged },
	{ 0 },
};
