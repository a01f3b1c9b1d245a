// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>

#include "base/buf.h"
#include "lab/escape.h"
#include "lab/message_json.h"
#include "lab/show_live.h"

enum {
	COMMAND_BYTES = 256, /* of a command line in a table */
	ID_CHARS = 12, /* of a container, as its tools print it */
	FLAGS_CHARS = 20,
};

const char *show_live_header(enum show_view view)
{
	if (view == SHOW_PROCESSES)
		return "    PID    PPID     UID S  THR      START SEEN CONTAINER    COMM             COMMAND";
	if (view == SHOW_MAPPINGS)
		return "    PID START            END               PROT FLAGS                PATH";
	return "    PID     TID     UID S      START SEEN CAPEFF           SECCOMP NETNS      COMM";
}

static const Icecore__V1__Thread *leader_of(const Icecore__V1__Process *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i]->has_tid && p->threads[i]->tid == p->pid)
			return p->threads[i];
	return p->n_threads ? p->threads[0] : NULL;
}

/* A number, or "-" where it is not told. */
static int put_u32(struct buf *ret, int width, int has, uint32_t v, struct err *e)
{
	return has ? buf_text(ret, e, "%*" PRIu32 " ", width, v)
		   : buf_text(ret, e, "%*s ", width, "-");
}

/* i = by an iterator, p = by /proc */
static int put_seen(struct buf *ret, uint32_t seen_by, struct err *e)
{
	return buf_text(ret, e, "%c%c   ",
		seen_by & ICECORE__V1__WITNESS__WITNESS_ITERATOR ? 'i' : '-',
		seen_by & ICECORE__V1__WITNESS__WITNESS_PROC ? 'p' : '-');
}

/* Escaped, and padded to ${width}. */
static int put_text(struct buf *ret, const ProtobufCBinaryData *b, size_t width,
	struct err *e)
{
	size_t from = ret->len;
	int r = escape(ret, b->data, b->len, e);

	if (r == 0 && ret->len - from < width)
		r = buf_text(ret, e, "%*s", (int)(width - (ret->len - from)), "");
	return r < 0 ? r : buf_text(ret, e, " ");
}

/* The arguments with blanks between them, or the file that runs. */
static int put_command(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	size_t left = COMMAND_BYTES;
	int r = 0;

	if (!p->n_argv && p->exe && p->exe->has_path)
		return escape(ret, p->exe->path.data, p->exe->path.len, e);
	for (size_t i = 0; r == 0 && i < p->n_argv; i++) {
		size_t n = p->argv[i].len < left ? p->argv[i].len : left;

		if (i)
			r = buf_text(ret, e, " ");
		if (r == 0)
			r = escape(ret, p->argv[i].data, n, e);
		left -= n;
		if (r == 0 && left == 0)
			return buf_text(ret, e, "...");
	}
	return r;
}

static int put_start(struct buf *ret, int has, uint64_t ns, struct err *e)
{
	return has ? buf_text(ret, e, "%10.2f ", (double)ns / 1e9)
		   : buf_text(ret, e, "%10s ", "-");
}

int show_process_row(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	const Icecore__V1__Thread *t = leader_of(p);
	const Icecore__V1__Credentials *c = t ? t->credentials : NULL;
	ProtobufCBinaryData id = { 0, NULL };
	int r;

	if (p->container && p->container->id)
		id = (ProtobufCBinaryData){ strnlen(p->container->id, ID_CHARS),
			(uint8_t *)p->container->id };
	r = put_u32(ret, 7, p->has_pid, p->pid, e);
	if (r == 0)
		r = put_u32(ret, 7, p->has_ppid, p->ppid, e);
	if (r == 0)
		r = put_u32(ret, 7, c && c->has_uid, c ? c->uid : 0, e);
	if (r == 0)
		r = buf_text(ret, e, "%.1s %4zu ",
			t && t->state && t->state[0] ? t->state : "-",
			p->n_threads);
	if (r == 0)
		r = put_start(ret, p->has_start_boot_ns, p->start_boot_ns, e);
	if (r == 0)
		r = put_seen(ret, p->seen_by, e);
	if (r == 0)
		r = put_text(ret, &id, ID_CHARS, e);
	if (r == 0)
		r = t ? put_text(ret, &t->comm, 16, e)
		      : buf_text(ret, e, "%-16s ", "-");
	return r < 0 ? r : put_command(ret, p, e);
}

int show_thread_row(
	struct buf *ret, const Icecore__V1__Process *p, size_t i, struct err *e)
{
	const Icecore__V1__Thread *t = p->threads[i];
	const Icecore__V1__Credentials *c = t->credentials;
	const Icecore__V1__Namespaces *n = t->namespaces;
	int r = put_u32(ret, 7, p->has_pid, p->pid, e);

	if (r == 0)
		r = put_u32(ret, 7, t->has_tid, t->tid, e);
	if (r == 0)
		r = put_u32(ret, 7, c && c->has_uid, c ? c->uid : 0, e);
	if (r == 0)
		r = buf_text(ret, e, "%.1s ",
			t->state && t->state[0] ? t->state : "-");
	if (r == 0)
		r = put_start(ret, t->has_start_boot_ns, t->start_boot_ns, e);
	if (r == 0)
		r = put_seen(ret, t->seen_by, e);
	if (r == 0 && c && c->has_cap_effective)
		r = buf_text(ret, e, "%016" PRIx64 " ", c->cap_effective);
	else if (r == 0)
		r = buf_text(ret, e, "%-16s ", "-");
	if (r == 0)
		r = put_u32(ret, 7, c && c->has_seccomp, c ? c->seccomp : 0, e);
	if (r == 0)
		r = put_u32(ret, 10, n && n->has_net, n ? n->net : 0, e);
	return r < 0 ? r : escape(ret, t->comm.data, t->comm.len, e);
}

int show_mapping_row(struct buf *ret, const Icecore__V1__ProcessMaps *p,
	size_t i, struct err *e)
{
	static const char *const names[] = { "anon-exec", "rwx", "exec-stack",
		"exec-heap", "memfd", "deleted", "changed" };
	const Icecore__V1__Mapping *m = p->mappings[i];
	size_t from;
	int r = put_u32(ret, 7, p->has_pid, p->pid, e);

	if (r == 0)
		r = buf_text(ret, e, "%016" PRIx64 "-%016" PRIx64 " %-4.4s ",
			m->start, m->end, m->protection ? m->protection : "-");
	from = ret->len;
	for (size_t f = 0; r == 0 && f < ARRAY_LEN(names); f++)
		if (m->flags >> f & 1)
			r = buf_text(ret, e, "%s%s", ret->len > from ? "," : "",
				names[f]);
	if (r == 0 && ret->len - from < FLAGS_CHARS)
		r = buf_text(ret, e, "%*s",
			(int)(FLAGS_CHARS - (ret->len - from)), "");
	if (r == 0)
		r = buf_text(ret, e, " ");
	return r < 0 ? r : escape(ret, m->path.data, m->path.len, e);
}

/* ${m} with the pid of its process, under ${kind}. */
static json_t *with_pid(const char *kind, const ProtobufCMessage *m, uint32_t pid)
{
	json_t *inner = message_json(m), *j = json_object();

	if (!j || !inner ||
		json_object_set_new(inner, "pid", json_integer(pid)) < 0) {
		json_decref(inner);
		json_decref(j);
		return NULL;
	}
	if (json_object_set_new(j, kind, inner) < 0) {
		json_decref(j);
		return NULL;
	}
	return j;
}

json_t *show_thread_json(const Icecore__V1__Process *p, size_t i)
{
	return with_pid("thread", &p->threads[i]->base, p->pid);
}

json_t *show_mapping_json(const Icecore__V1__ProcessMaps *p, size_t i)
{
	return with_pid("mapping", &p->mappings[i]->base, p->pid);
}
