// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "export/item.h"
#include "export/summary.h"
#include "lab/escape.h"

enum { SUMMARY_BYTES = 256 << 10, ARGUMENT_BYTES = 4096 };

static int text(struct buf *b, const ProtobufCBinaryData *v)
{
	size_t len = v->len < ARGUMENT_BYTES ? v->len : ARGUMENT_BYTES;
	int r = escape(b, v->data, len, NULL);

	return r == 0 && len < v->len ? buf_text(b, NULL, "...") : r;
}

static int words(struct buf *b, const ProtobufCBinaryData *v, size_t n)
{
	size_t start = b->len;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (b->len - start > ARGUMENT_BYTES)
			return buf_text(b, NULL, " ...");
		r = buf_text(b, NULL, " ");
		if (r == 0)
			r = text(b, &v[i]);
	}
	return r;
}

static int say_process(struct buf *b, const struct item *it)
{
	const Icecore__V1__Process *p = it->process;
	int r = buf_text(b, NULL, "process %" PRIu32, p->pid);

	if (r == 0 && p->n_argv)
		return words(b, p->argv, p->n_argv);
	if (r == 0 && p->n_threads) {
		r = buf_text(b, NULL, " [");
		if (r == 0)
			r = text(b, &p->threads[0]->comm);
		if (r == 0)
			r = buf_text(b, NULL, "]");
	}
	return r;
}

static int say_socket(struct buf *b, const struct item *it)
{
	const Icecore__V1__Socket *s = it->socket;
	int r = buf_text(b, NULL, "socket of family %" PRIu32 " %s", s->family,
		s->state ? s->state : "");

	if (r == 0 && s->local_address)
		r = buf_text(b, NULL, " %s:%" PRIu32, s->local_address,
			s->local_port);
	if (r == 0 && s->remote_address)
		r = buf_text(b, NULL, " to %s:%" PRIu32, s->remote_address,
			s->remote_port);
	if (r == 0 && s->has_name) {
		r = buf_text(b, NULL, " ");
		if (r == 0)
			r = text(b, &s->name);
	}
	for (size_t i = 0; r == 0 && i < s->n_owners && i < 4; i++)
		r = buf_text(b, NULL, "%s%" PRIu32,
			i ? ", " : " held by process ", s->owners[i]->pid);
	return r;
}

static int say_net(struct buf *b, const Icecore__V1__EventNet *n)
{
	int r = 0;

	if (n->question)
		r = buf_text(b, NULL, " %s", n->question);
	if (r == 0 && n->remote)
		r = buf_text(b, NULL, " %s:%" PRIu32, n->remote, n->remote_port);
	if (r == 0 && n->has_sent_bytes)
		r = buf_text(b, NULL,
			", %" PRIu64 " bytes sent, %" PRIu64 " received",
			n->sent_bytes, n->received_bytes);
	return r;
}

static int say_what(struct buf *b, const Icecore__V1__Event *v)
{
	switch (v->what_case) {
	case ICECORE__V1__EVENT__WHAT_EXEC:
		return words(b, v->exec->argv, v->exec->n_argv);
	case ICECORE__V1__EVENT__WHAT_PROCESS:
		return buf_text(b, NULL, " process %" PRIu32, v->process->pid);
	case ICECORE__V1__EVENT__WHAT_NET:
		return say_net(b, v->net);
	case ICECORE__V1__EVENT__WHAT_PATH:
		return words(b, &v->path->path, 1);
	case ICECORE__V1__EVENT__WHAT_CODE:
		return words(b, &v->code->name, 1);
	case ICECORE__V1__EVENT__WHAT_MEMORY:
		return words(b, &v->memory->name, v->memory->has_name);
	default:
		return 0;
	}
}

static int say_event(struct buf *b, const struct item *it)
{
	const Icecore__V1__Event *v = it->event;
	int r = buf_text(b, NULL, "%s by process %" PRIu32 " ",
		item_event_name(v), v->pid);

	if (r == 0)
		r = text(b, &v->comm);
	if (r == 0)
		r = buf_text(b, NULL, ":");
	return r < 0 ? r : say_what(b, v);
}

static int say_finding(struct buf *b, const struct item *it)
{
	const Icecore__V1__Finding *f = it->finding;
	int r = buf_text(b, NULL, "finding %s: %s", f->rule ? f->rule : "?",
		f->sentence ? f->sentence : "");

	if (r == 0 && f->has_detail && f->detail.len) {
		r = buf_text(b, NULL, ": ");
		if (r == 0)
			r = text(b, &f->detail);
	}
	return r;
}

static int say_binary(struct buf *b, const struct item *it)
{
	const Icecore__V1__Binary *v = it->binary;
	int r = buf_text(b, NULL, "binary");

	if (r == 0)
		r = words(b, v->paths, v->n_paths);
	for (size_t i = 0; r == 0 && i < v->n_reasons; i++)
		r = buf_text(b, NULL, "%s%s", i ? "; " : ": ",
			v->reasons[i]->sentence ? v->reasons[i]->sentence : "");
	return r;
}

static int say_file(struct buf *b, const struct item *it)
{
	int r = buf_text(b, NULL, "file");

	return r < 0 ? r : words(b, &it->file->path, 1);
}

static int say_persistence(struct buf *b, const struct item *it)
{
	const Icecore__V1__DiskPersistence *p = it->persistence;
	int r = buf_text(b, NULL, "%s in", p->kind ? p->kind : "persistence");

	if (r == 0)
		r = words(b, &p->path, 1);
	if (r == 0 && p->has_text) {
		r = buf_text(b, NULL, ":");
		if (r == 0)
			r = words(b, &p->text, 1);
	}
	return r == 0 && p->reason ? buf_text(b, NULL, " (%s)", p->reason) : r;
}

static int say_verdict(struct buf *b, const struct item *it)
{
	static const char *const words_of[] = { "judged", "changed", "missing",
		"of no package" };
	unsigned how = it->verdict->deviation;
	int r = buf_text(
		b, NULL, "%s:", words_of[how < ARRAY_LEN(words_of) ? how : 0]);

	return r < 0 ? r : words(b, &it->verdict->path, 1);
}

static int say_module(struct buf *b, const struct item *it)
{
	int r = buf_text(b, NULL, "kernel module");

	return r < 0 ? r : words(b, &it->module->name, 1);
}

static int say_session(struct buf *b, const struct item *it)
{
	const Icecore__V1__UserSession *s = it->session;
	int r = buf_text(b, NULL, "session of");

	if (r == 0)
		r = words(b, &s->user, 1);
	if (r == 0)
		r = words(b, &s->line, s->has_line);
	return r == 0 && s->host.len ? words(b, &s->host, 1) : r;
}

/* "syslog: sshd[12]: Failed password ..." */
static int say_logged(struct buf *b, const struct item *it)
{
	const Icecore__V1__DiskEvent *v = it->logged;
	int r = buf_text(b, NULL, "%s:", v->source);

	if (r == 0)
		r = words(b, &v->program, v->has_program);
	if (r == 0 && v->has_pid)
		r = buf_text(b, NULL, "[%" PRIu32 "]", v->pid);
	if (r == 0)
		r = words(b, &v->user, v->has_user);
	if (r == 0)
		r = words(b, &v->terminal, v->has_terminal);
	if (r == 0)
		r = words(b, &v->address, v->has_address);
	return r == 0 ? words(b, &v->text, v->has_text) : r;
}

static int say_gap(struct buf *b, const struct item *it)
{
	return buf_text(b, NULL, "not in the evidence: %.200s: %.400s",
		it->gap->what, it->gap->reason);
}

static int say_capture(struct buf *b, const struct item *it)
{
	return buf_text(b, NULL, "capture %s of host %s began, case %s",
		it->host->capture, it->host->name, it->host->case_name);
}

json_t *summary(const struct item *it)
{
	static int (*const say[ITEM_KINDS])(
		struct buf * b, const struct item *it) = {
		[ITEM_CAPTURE] = say_capture,
		[ITEM_PROCESS] = say_process,
		[ITEM_SOCKET] = say_socket,
		[ITEM_EVENT] = say_event,
		[ITEM_FINDING] = say_finding,
		[ITEM_BINARY] = say_binary,
		[ITEM_FILE] = say_file,
		[ITEM_PERSISTENCE] = say_persistence,
		[ITEM_VERDICT] = say_verdict,
		[ITEM_MODULE] = say_module,
		[ITEM_SESSION] = say_session,
		[ITEM_LOGGED] = say_logged,
		[ITEM_GAP] = say_gap,
	};
	AUTO_BUF struct buf b = { 0 };
	const char *s = NULL;

	buf_init(&b, SUMMARY_BYTES);
	if (say[it->kind](&b, it) == 0)
		s = buf_string(&b, NULL);
	return s ? json_text(s) : NULL;
}
