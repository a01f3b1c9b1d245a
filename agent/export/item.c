// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "export/export.h"
#include "export/item.h"
#include "lab/escape.h"
#include "lab/reader.h"
#include "lab/records.h"

enum { NS = 1000000000 };

static int give(struct items *g, struct item *it, struct err *e)
{
	it->host = &g->host;
	it->segment = g->segment;
	if (!it->time_ns) {
		it->time_ns = g->host.captured_ns;
		it->time_means = "captured";
	}
	return g->see(g->arg, it, e);
}

static uint64_t since_boot(const struct items *g, int has, uint64_t ns)
{
	return has && g->host.boot_realtime_ns ? g->host.boot_realtime_ns + ns
					       : 0;
}

static uint64_t past(int has, int64_t ns)
{
	return has && ns > 0 ? (uint64_t)ns : 0;
}

static int give_process(
	struct items *g, const Icecore__V1__Process *p, struct err *e)
{
	struct item it = { .kind = ITEM_PROCESS,
		.process = p,
		.time_ns = since_boot(g, p->has_start_boot_ns, p->start_boot_ns),
		.time_means = "process started" };

	if (p->continued || (g->own_pid && p->pid == g->own_pid))
		return 0;
	return give(g, &it, e);
}

static int give_sockets(
	struct items *g, const Icecore__V1__Sockets *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_sockets; i++) {
		struct item it = { .kind = ITEM_SOCKET,
			.socket = m->sockets[i],
			.netns = m->netns };

		if (!m->sockets[i]->own)
			r = give(g, &it, e);
	}
	return r;
}

static int give_events(
	struct items *g, const Icecore__V1__Events *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_events; i++) {
		const Icecore__V1__Event *v = m->events[i];
		struct item it = { .kind = ITEM_EVENT,
			.event = v,
			.time_ns = since_boot(g, v->has_boot_ns, v->boot_ns),
			.time_means = item_event_name(v) };

		if (!g->own_pid || v->pid != g->own_pid)
			r = give(g, &it, e);
	}
	return r;
}

static int give_files(
	struct items *g, const Icecore__V1__DiskFiles *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_files; i++) {
		const Icecore__V1__DiskFile *f = m->files[i];
		struct item it = { .kind = ITEM_FILE,
			.file = f,
			.time_ns = past(f->has_mtime_ns, f->mtime_ns),
			.time_means = "content modified" };

		r = give(g, &it, e);
	}
	return r;
}

static int give_logged(
	struct items *g, const Icecore__V1__DiskEvents *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_events; i++) {
		const Icecore__V1__DiskEvent *v = m->events[i];
		struct item it = { .kind = ITEM_LOGGED,
			.logged = v,
			.time_ns = past(v->has_time_ns, v->time_ns),
			.time_means =
				v->certainty == ICECORE__V1__DISK_TIME__DISK_TIME_FILE
					? "log modified"
					: "logged" };

		r = give(g, &it, e);
	}
	return r;
}

static int give_binary(
	struct items *g, const Icecore__V1__Binary *b, struct err *e)
{
	struct item it = { .kind = ITEM_BINARY,
		.binary = b,
		.time_ns = past(b->has_mtime_ns, b->mtime_ns),
		.time_means = "content modified" };

	return give(g, &it, e);
}

static int give_other(
	struct items *g, const Icecore__V1__Record *m, struct err *e)
{
	struct item it = { 0 };

	switch (m->body_case) {
	case ICECORE__V1__RECORD__BODY_FINDING:
		it.kind = ITEM_FINDING;
		it.finding = m->finding;
		break;
	case ICECORE__V1__RECORD__BODY_DISK_PERSISTENCE:
		it.kind = ITEM_PERSISTENCE;
		it.persistence = m->disk_persistence;
		break;
	case ICECORE__V1__RECORD__BODY_DISK_VERDICT:
		it.kind = ITEM_VERDICT;
		it.verdict = m->disk_verdict;
		break;
	case ICECORE__V1__RECORD__BODY_KERNEL_MODULE:
		it.kind = ITEM_MODULE;
		it.module = m->kernel_module;
		break;
	case ICECORE__V1__RECORD__BODY_GAP:
		it.kind = ITEM_GAP;
		it.gap = m->gap;
		break;
	case ICECORE__V1__RECORD__BODY_USER_SESSION:
		it.kind = ITEM_SESSION;
		it.session = m->user_session;
		it.time_ns = m->user_session->time_ns;
		it.time_means = "logged in";
		break;
	default:
		return 0;
	}
	return give(g, &it, e);
}

int items_of(struct items *g, const Icecore__V1__Record *m, struct err *e)
{
	switch (m->body_case) {
	case ICECORE__V1__RECORD__BODY_LIVE_VIEW:
		g->own_pid = m->live_view->own_pid;
		return 0;
	case ICECORE__V1__RECORD__BODY_PROCESS:
		return give_process(g, m->process, e);
	case ICECORE__V1__RECORD__BODY_SOCKETS:
		return give_sockets(g, m->sockets, e);
	case ICECORE__V1__RECORD__BODY_EVENTS:
		return give_events(g, m->events, e);
	case ICECORE__V1__RECORD__BODY_DISK_FILES:
		return give_files(g, m->disk_files, e);
	case ICECORE__V1__RECORD__BODY_DISK_EVENTS:
		return give_logged(g, m->disk_events, e);
	case ICECORE__V1__RECORD__BODY_BINARY:
		return give_binary(g, m->binary, e);
	default:
		return give_other(g, m, e);
	}
}

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct items *g = arg;

	g->segment = s->number;
	return items_of(g, m, e);
}

static void learn_host(struct item_host *h, const struct reader *r)
{
	const Icecore__V1__Beginning *b = r->beginning;

	*h = (struct item_host){ "", r->capture_id, "", "", "", "", 0, 0 };
	if (!b)
		return;
	h->case_name = b->case_name;
	if (b->host) {
		h->name = b->host->name;
		h->machine_id = b->host->machine_id;
		h->kernel = b->host->kernel_release;
		h->architecture = b->host->architecture;
	}
	if (!b->clock)
		return;
	h->captured_ns = b->clock->realtime_ns;
	if (b->clock->realtime_ns > b->clock->boottime_ns)
		h->boot_realtime_ns =
			b->clock->realtime_ns - b->clock->boottime_ns;
}

int items_each(struct export_job *job, item_see *fn, void *arg, struct err *e)
{
	struct items g = { .see = fn, .arg = arg };
	const struct records_pass pass = {
		.kinds = RECORDS_KIND(LIVE_VIEW) | RECORDS_KIND(PROCESS) |
			 RECORDS_KIND(SOCKETS) | RECORDS_KIND(EVENTS) |
			 RECORDS_KIND(FINDING) | RECORDS_KIND(BINARY) |
			 RECORDS_KIND(DISK_FILES) | RECORDS_KIND(GAP) |
			 RECORDS_KIND(DISK_EVENTS) |
			 RECORDS_KIND(DISK_PERSISTENCE) |
			 RECORDS_KIND(DISK_VERDICT) |
			 RECORDS_KIND(KERNEL_MODULE) | RECORDS_KIND(USER_SESSION),
		.keys = job->keys,
		.see = see,
		.arg = &g,
	};
	struct item began = { .kind = ITEM_CAPTURE,
		.time_means = "capture began" };
	int r;

	learn_host(&g.host, job->r);
	began.time_ns = g.host.captured_ns;
	r = began.time_ns ? give(&g, &began, e) : 0;
	return r < 0 ? r : records_each(job->r, &pass, e);
}

/* --- text, numbers, times --- */

static json_t *joined(const ProtobufCBinaryData *v, size_t n)
{
	AUTO_BUF struct buf text = { 0 };
	const char *s = NULL;
	size_t used = 0;
	int r = 0;

	/* Each byte is four characters at most. */
	buf_init(&text, 4 * ITEM_TEXT_BYTES + 16);
	for (size_t i = 0; r == 0 && i < n && used < ITEM_TEXT_BYTES; i++) {
		size_t left = ITEM_TEXT_BYTES - used;
		size_t len = v[i].len < left ? v[i].len : left;

		if (i)
			r = buf_text(&text, NULL, " ");
		if (r == 0)
			r = escape(&text, v[i].data, len, NULL);
		if (r == 0 && (len < v[i].len || (len == left && i + 1 < n)))
			r = buf_text(&text, NULL, "...");
		used += len;
	}
	if (r == 0)
		s = buf_string(&text, NULL);
	return s ? json_string(s) : NULL;
}

json_t *item_text(const ProtobufCBinaryData *b)
{
	return joined(b, 1);
}

json_t *item_join(const ProtobufCBinaryData *v, size_t n)
{
	return joined(v, n);
}

json_t *item_base_name(const ProtobufCBinaryData *path)
{
	ProtobufCBinaryData name = *path;

	for (size_t i = 0; i + 1 < path->len; i++)
		if (path->data[i] == '/') {
			name.data = path->data + i + 1;
			name.len = path->len - i - 1;
		}
	return item_text(&name);
}

json_t *item_hex(const ProtobufCBinaryData *b)
{
	char text[2 * ITEM_HASH_BYTES + 1] = "";

	for (size_t i = 0; i < b->len && i < ITEM_HASH_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", b->data[i]);
	return json_string(text);
}

void item_time(char ret[ITEM_TIME_CHARS], uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS);
	struct tm tm = { 0 };
	size_t len;

	/* 2^64 ns are the year 2554, so that it always fits. */
	(void)gmtime_r(&seconds, &tm);
	len = strftime(ret, ITEM_TIME_CHARS, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(
		ret + len, ITEM_TIME_CHARS - len, ".%09" PRIu64 "Z", ns % NS);
}

void item_put(json_t **o, const char *key, json_t *v)
{
	if (*o && v && json_object_set_new(*o, key, v) == 0)
		return;
	if (!*o || !v)
		json_decref(v);
	json_decref(*o);
	*o = NULL;
}

void item_put_text(
	json_t **o, const char *key, int has, const ProtobufCBinaryData *b)
{
	if (has && b->len)
		item_put(o, key, item_text(b));
}

void item_put_u64(json_t **o, const char *key, int has, uint64_t v)
{
	if (has)
		item_put(o, key, json_integer((json_int_t)v));
}

void item_put_string(json_t **o, const char *key, const char *s)
{
	if (s && *s)
		item_put(o, key, json_text(s));
}

const char *item_event_name(const Icecore__V1__Event *e)
{
	static const char *const names[] = { "event", "exec", "fork", "exit",
		"memfd", "mprotect", "mmap", "ptrace", "module", "bpf-load",
		"bpf-attach", "credentials", "unlink", "tcp-connect",
		"tcp-accept", "tcp-close", "udp-flow", "dns", "mount",
		"namespace", "kill" };

	return e->has_kind && (size_t)e->kind < ARRAY_LEN(names) ? names[e->kind]
								 : names[0];
}
