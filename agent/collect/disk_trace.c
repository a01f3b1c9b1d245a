// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "collect/disk_trace.h"
#include "collect/finding.h"
#include "stream/writer.h"
#include "trace/trace.h"

/* Events until they are a record. */
struct batch {
	const struct disk_trace_config *config;
	Icecore__V1__DiskEvent events[DISK_BATCH_EVENTS];
	Icecore__V1__DiskEvent *events_p[DISK_BATCH_EVENTS];
	size_t n;
	uint8_t bytes[DISK_BATCH_EVENT_BYTES];
	size_t used;
};

static int flush(struct batch *b, struct err *e)
{
	Icecore__V1__DiskEvents events = ICECORE__V1__DISK_EVENTS__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	if (!b->n)
		return 0;
	events.events = b->events_p;
	events.n_events = b->n;
	m.body_case = ICECORE__V1__RECORD__BODY_DISK_EVENTS;
	m.disk_events = &events;
	b->n = b->used = 0;
	return writer_put(
		b->config->writer, &(struct record){ .message = &m }, e);
}

/* A copy in the batch, which has room for it. */
static void set(struct batch *b, protobuf_c_boolean *has,
	ProtobufCBinaryData *ret, const void *p, size_t len)
{
	*has = len != 0;
	if (!len)
		return;
	ret->data = memcpy(b->bytes + b->used, p, len);
	ret->len = len;
	b->used += len;
}

static void set_texts(
	struct batch *b, Icecore__V1__DiskEvent *m, const struct trace_event *v)
{
	set(b, &m->has_path, &m->path, v->path, strlen(v->path));
	set(b, &m->has_host, &m->host, v->host.p, v->host.len);
	set(b, &m->has_program, &m->program, v->program.p, v->program.len);
	set(b, &m->has_user, &m->user, v->user.p, v->user.len);
	set(b, &m->has_terminal, &m->terminal, v->terminal.p, v->terminal.len);
	set(b, &m->has_address, &m->address, v->address.p, v->address.len);
	set(b, &m->has_text, &m->text, v->text.p, v->text.len);
	set(b, &m->has_boot_id, &m->boot_id, v->boot,
		v->has_boot ? sizeof(v->boot) : 0);
}

static int see_event(void *arg, const struct trace_event *v, struct err *e)
{
	struct batch *b = arg;
	size_t most = WALK_PATH_BYTES + 6 * TRACE_SHOWN_BYTES + sizeof(v->boot);
	Icecore__V1__DiskEvent *m;
	int r = 0;

	if (b->n == DISK_BATCH_EVENTS || sizeof(b->bytes) - b->used < most)
		r = flush(b, e);
	m = &b->events[b->n];
	icecore__v1__disk_event__init(m);
	m->has_time_ns = m->has_certainty = m->has_number = 1;
	m->time_ns = v->time_ns;
	m->certainty = (Icecore__V1__DiskTime)v->certainty;
	m->source = (char *)(uintptr_t)v->source;
	m->number = v->number;
	m->has_pid = v->has_pid;
	m->pid = v->pid;
	m->has_uid = v->has_uid;
	m->uid = v->uid;
	set_texts(b, m, v);
	b->events_p[b->n++] = m;
	return r;
}

static int see_odd(void *arg, enum trace_oddity what, const char *path,
	const char *detail, struct err *e)
{
	static const enum rule_id ids[TRACE_ODDITIES] = {
		[TRACE_CUT] = RULE_TRACE_CUT,
		[TRACE_WIPED] = RULE_TRACE_WIPED,
		[TRACE_REWIND] = RULE_TRACE_REWIND,
		[TRACE_HOLE] = RULE_TRACE_HOLE,
		[TRACE_LOGIN_MISSING] = RULE_TRACE_LOGIN_MISSING,
		[TRACE_BOOT_MISSING] = RULE_TRACE_BOOT_MISSING,
		[TRACE_TO_NOWHERE] = RULE_TRACE_TO_NOWHERE,
		[TRACE_WIPES] = RULE_TRACE_WIPES,
		[TRACE_FETCHES] = RULE_TRACE_FETCHES,
		[TRACE_GUESSED] = RULE_TRACE_GUESSED,
	};
	struct batch *b = arg;
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_DISK_EVENTS,
		.name = path,
	};

	return finding_put(b->config->writer, ids[what], &ref, 1, detail, e);
}

static int see_miss(
	void *arg, const char *path, const char *reason, struct err *e)
{
	struct batch *b = arg;

	return b->config->miss(b->config->arg, path, reason, e);
}

int disk_put_trace(const struct disk_trace_config *config, struct err *e)
{
	AUTO_FREE struct batch *b = calloc(1, sizeof(*b));
	const struct trace_config trace = { .picture = config->picture,
		.miss = see_miss,
		.event = see_event,
		.odd = see_odd,
		.arg = b,
		.interrupted = config->interrupted };
	int r;

	if (!b)
		return err_set(e, -ENOMEM, "no memory for events");
	b->config = config;
	r = trace_run(&trace, e);
	return r < 0 ? r : flush(b, e);
}
