// SPDX-License-Identifier: Apache-2.0
/* What the flight recorder saw, as rows. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

static size_t event_rows(const Icecore__V1__Record *m)
{
	return m->events->n_events;
}

static const ProtobufCMessage *event_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->events->events[i]->base;
}

static int exec_text(struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	static const char *const bits[] = { "memfd", "deleted", "tmpfs",
		"writable-place", "upper-layer", "setid" };
	const Icecore__V1__EventExec *x = ev->exec;
	int r = cell_bytes(ret, &x->filename, 0, e);

	for (size_t i = 0; r == 0 && i < x->n_argv; i++)
		r = cell_bytes(ret, &x->argv[i], 0, e);
	if (r == 0 && x->exe)
		r = buf_text(ret, e, "[");
	if (r == 0 && x->exe)
		r = cell_flags(ret, x->exe, bits, ARRAY_LEN(bits), 0, e);
	if (r == 0 && x->exe)
		r = buf_text(ret, e, "] ");
	for (size_t i = 0; r == 0 && i < x->n_ancestors; i++) {
		r = buf_text(ret, e, "< %" PRIu32 " ", x->ancestors[i]->pid);
		if (r == 0)
			r = cell_bytes(ret, &x->ancestors[i]->comm, 0, e);
	}
	return r;
}

static int process_text(
	struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__EventProcess *p = ev->process;
	int r = buf_text(ret, e, "%" PRIu32 " ", p->pid);

	if (r == 0 && p->has_comm)
		r = cell_bytes(ret, &p->comm, 0, e);
	if (r == 0 && ev->has_number)
		r = buf_text(ret, e, "%s %" PRIu32,
			ev->kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_KILL
				? "signal"
				: "request",
			ev->number);
	return r;
}

static int memory_text(
	struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__EventMemory *m = ev->memory;

	if (m->has_name)
		return cell_bytes(ret, &m->name, 0, e);
	return buf_text(ret, e, "%" PRIx64 "-%" PRIx64 " protection %" PRIu32,
		m->start, m->end, m->protection);
}

static int code_text(struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__EventCode *c = ev->code;
	int r = cell_bytes(ret, &c->name, 0, e);

	if (r == 0 && c->has_id)
		r = buf_text(ret, e, "id %" PRIu32 " ", c->id);
	return r < 0 || !c->has_type
		       ? r
		       : buf_text(ret, e, "type %" PRIu32, c->type);
}

static int creds_text(
	struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__EventCreds *c = ev->creds;

	return buf_text(ret, e,
		"uid %" PRIu32 " -> %" PRIu32 " euid %" PRIu32 " -> %" PRIu32
		" gid %" PRIu32 " -> %" PRIu32 " caps %" PRIx64 " -> %" PRIx64,
		ev->uid, c->uid, ev->euid, c->euid, c->gid_before, c->gid,
		c->caps_before, c->caps);
}

static int path_text(struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__EventPath *p = ev->path;
	int r = cell_bytes(ret, &p->path, 0, e);

	if (r == 0 && p->has_type)
		r = cell_bytes(ret, &p->type, 0, e);
	if (r == 0 && p->has_source)
		r = cell_bytes(ret, &p->source, 0, e);
	return r < 0 ? r : buf_text(ret, e, "flags %" PRIx64, p->flags);
}

static int net_text(struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__EventNet *n = ev->net;
	int r = cell_string(ret, n->local, 0, e);

	if (r == 0)
		r = buf_text(ret, e, "%" PRIu32 " -> ", n->local_port);
	if (r == 0)
		r = cell_string(ret, n->remote, 0, e);
	if (r == 0)
		r = buf_text(ret, e, "%" PRIu32 " ", n->remote_port);
	if (r == 0 && ev->kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_CLOSE)
		r = buf_text(ret, e,
			"sent %" PRIu64 " received %" PRIu64 " open %.3f s",
			n->sent_bytes, n->received_bytes,
			(double)n->open_ns / 1e9);
	return r < 0 || !n->question ? r : cell_string(ret, n->question, 0, e);
}

static int namespaces_text(
	struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	const Icecore__V1__Namespaces *a = ev->namespaces->before;
	const Icecore__V1__Namespaces *b = ev->namespaces->after;
	const struct {
		const char *name;
		uint32_t before, after;
	} v[] = {
		{ "mnt", a->mnt, b->mnt },
		{ "pid", a->pid, b->pid },
		{ "net", a->net, b->net },
		{ "uts", a->uts, b->uts },
		{ "ipc", a->ipc, b->ipc },
		{ "cgroup", a->cgroup, b->cgroup },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(v); i++)
		if (v[i].before != v[i].after)
			r = buf_text(ret, e, "%s %" PRIu32 " -> %" PRIu32 " ",
				v[i].name, v[i].before, v[i].after);
	return r;
}

static const struct {
	Icecore__V1__Event__WhatCase what;
	int (*text)(struct buf *ret, const Icecore__V1__Event *ev, struct err *e);
} texts[] = {
	{ ICECORE__V1__EVENT__WHAT_EXEC, exec_text },
	{ ICECORE__V1__EVENT__WHAT_PROCESS, process_text },
	{ ICECORE__V1__EVENT__WHAT_MEMORY, memory_text },
	{ ICECORE__V1__EVENT__WHAT_CODE, code_text },
	{ ICECORE__V1__EVENT__WHAT_CREDS, creds_text },
	{ ICECORE__V1__EVENT__WHAT_PATH, path_text },
	{ ICECORE__V1__EVENT__WHAT_NET, net_text },
};

const char *show_event_name(const Icecore__V1__Event *ev)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
		&icecore__v1__event_kind__descriptor, (int)ev->kind);

	return v && ev->has_kind ? v->name + strlen("EVENT_KIND_") : "-";
}

int show_event_what(struct buf *ret, const Icecore__V1__Event *ev, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].what == ev->what_case)
			return texts[i].text(ret, ev, e);
	/* What lies has a message without its two parts. */
	if (ev->what_case == ICECORE__V1__EVENT__WHAT_NAMESPACES &&
		ev->namespaces->before && ev->namespaces->after)
		return namespaces_text(ret, ev, e);
	return ev->has_number ? buf_text(ret, e, "status %" PRIu32, ev->number)
			      : 0;
}

static int event_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Event *ev = m->events->events[i];
	int r = buf_text(ret, e, "%14.6f ", (double)ev->boot_ns / 1e9);

	if (r == 0)
		r = cell_string(ret, show_event_name(ev), 11, e);
	if (r == 0)
		r = cell_u32(ret, 7, ev->has_pid, ev->pid, e);
	if (r == 0)
		r = cell_u32(ret, 7, ev->has_ppid, ev->ppid, e);
	if (r == 0)
		r = cell_u32(ret, 6, ev->has_uid, ev->uid, e);
	if (r == 0)
		r = cell_bytes(ret, &ev->comm, 15, e);
	if (r == 0)
		r = cell_string(ret,
			ev->container && ev->container->id ? ev->container->id
							   : "-",
			12, e);
	return r < 0 ? r : show_event_what(ret, ev, e);
}

static size_t count_rows(const Icecore__V1__Record *m)
{
	return m->recorder->n_counts;
}

static const ProtobufCMessage *count_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->recorder->counts[i]->base;
}

static int count_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__RecorderCount *c = m->recorder->counts[i];
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
		&icecore__v1__event_kind__descriptor, (int)c->kind);
	const uint64_t counts[] = { c->happened, c->recorded, c->lost,
		c->overwritten, c->expired, c->written };
	int r = cell_string(
		ret, v ? v->name + strlen("EVENT_KIND_") : "-", 11, e);

	for (size_t n = 0; r == 0 && n < ARRAY_LEN(counts); n++)
		r = cell_u64(ret, 11, 1, counts[n], e);
	return r;
}

static int trigger_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Trigger *t = m->trigger;
	int r;

	(void)i;
	r = cell_u64(ret, 20, t->has_seen_realtime_ns, t->seen_realtime_ns, e);
	if (r == 0)
		r = cell_string(ret, t->source, 12, e);
	if (r == 0)
		r = cell_string(ret, t->order ? "signed" : "-", 7, e);
	if (r == 0)
		r = cell_string(ret, t->pod, 0, e);
	return r < 0 ? r : cell_string(ret, t->reason, 0, e);
}

const struct show_table show_event_tables[] = {
	{ "event", ICECORE__V1__RECORD__BODY_EVENTS,
		"          TIME KIND            PID    PPID    UID COMM            CONTAINER    WHAT",
		event_rows, event_item, event_row },
	{ "recorded", ICECORE__V1__RECORD__BODY_RECORDER,
		"KIND           HAPPENED    RECORDED        LOST OVERWRITTEN     EXPIRED     WRITTEN",
		count_rows, count_item, count_row },
	{ "trigger", ICECORE__V1__RECORD__BODY_TRIGGER,
		"    SEEN, NS SINCE 1970 SOURCE       ORDER   POD REASON", NULL,
		NULL, trigger_row },
	{ 0 },
};
