// SPDX-License-Identifier: Apache-2.0
/* Processes, threads and mappings as rows. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "lab/escape.h"
#include "lab/show_cell.h"
#include "lab/show_process.h"
#include "lab/show_table.h"

enum {
	COMMAND_BYTES = 256, /* of a command line in a table */
	ID_CHARS = 12, /* of a container, as its tools print it */
	FLAGS_CHARS = 20,
};

const Icecore__V1__Thread *show_leader(const Icecore__V1__Process *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i]->has_tid && p->threads[i]->tid == p->pid)
			return p->threads[i];
	return p->n_threads ? p->threads[0] : NULL;
}

ProtobufCBinaryData show_container_id(const Icecore__V1__Process *p)
{
	const char *id = p->container ? p->container->id : NULL;

	return id ? (ProtobufCBinaryData){ strnlen(id, ID_CHARS),
		(uint8_t *)(uintptr_t)id }
		  : (ProtobufCBinaryData){ 0, NULL };
}

int show_command(struct buf *ret, const Icecore__V1__Process *p, struct err *e)
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

static const char *state_of(const Icecore__V1__Thread *t)
{
	return t && t->state && t->state[0] ? t->state : "-";
}

/* What goes on from a record before is in --kind thread. */
static size_t process_rows(const Icecore__V1__Record *m)
{
	return !m->process->continued;
}

static int process_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Process *p = m->process;
	const Icecore__V1__Thread *t = show_leader(p);
	const Icecore__V1__Credentials *c = t ? t->credentials : NULL;
	ProtobufCBinaryData id = show_container_id(p);
	int r;

	(void)i;
	r = cell_u32(ret, 7, p->has_pid, p->pid, e);
	if (r == 0)
		r = cell_u32(ret, 7, p->has_ppid, p->ppid, e);
	if (r == 0)
		r = cell_u32(ret, 7, c && c->has_uid, c ? c->uid : 0, e);
	if (r == 0)
		r = buf_text(ret, e, "%.1s %4zu ", state_of(t), p->n_threads);
	if (r == 0)
		r = cell_seconds(ret, p->has_start_boot_ns, p->start_boot_ns, e);
	if (r == 0)
		r = cell_seen(ret, p->seen_by, e);
	if (r == 0)
		r = cell_bytes(ret, &id, ID_CHARS, e);
	if (r == 0)
		r = t ? cell_bytes(ret, &t->comm, 16, e)
		      : cell_string(ret, NULL, 16, e);
	return r < 0 ? r : show_command(ret, p, e);
}

static size_t thread_rows(const Icecore__V1__Record *m)
{
	return m->process->n_threads;
}

static const ProtobufCMessage *thread_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->process->threads[i]->base;
}

static int thread_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__Process *p = m->process;
	const Icecore__V1__Thread *t = p->threads[i];
	const Icecore__V1__Credentials *c = t->credentials;
	const Icecore__V1__Namespaces *n = t->namespaces;
	int r = cell_u32(ret, 7, p->has_pid, p->pid, e);

	if (r == 0)
		r = cell_u32(ret, 7, t->has_tid, t->tid, e);
	if (r == 0)
		r = cell_u32(ret, 7, c && c->has_uid, c ? c->uid : 0, e);
	if (r == 0)
		r = buf_text(ret, e, "%.1s ", state_of(t));
	if (r == 0)
		r = cell_seconds(ret, t->has_start_boot_ns, t->start_boot_ns, e);
	if (r == 0)
		r = cell_seen(ret, t->seen_by, e);
	if (r == 0 && c && c->has_cap_effective)
		r = buf_text(ret, e, "%016" PRIx64 " ", c->cap_effective);
	else if (r == 0)
		r = cell_string(ret, NULL, 16, e);
	if (r == 0)
		r = cell_u32(ret, 7, c && c->has_seccomp, c ? c->seccomp : 0, e);
	if (r == 0)
		r = cell_u32(ret, 10, n && n->has_net, n ? n->net : 0, e);
	return r < 0 ? r : escape(ret, t->comm.data, t->comm.len, e);
}

static size_t mapping_rows(const Icecore__V1__Record *m)
{
	return m->process_maps->n_mappings;
}

static const ProtobufCMessage *mapping_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->process_maps->mappings[i]->base;
}

static int mapping_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	static const char *const names[] = { "anon-exec", "rwx", "exec-stack",
		"exec-heap", "memfd", "deleted", "changed" };
	const Icecore__V1__ProcessMaps *p = m->process_maps;
	const Icecore__V1__Mapping *v = p->mappings[i];
	int r = cell_u32(ret, 7, p->has_pid, p->pid, e);

	if (r == 0)
		r = buf_text(ret, e, "%016" PRIx64 "-%016" PRIx64 " %-4.4s ",
			v->start, v->end, v->protection ? v->protection : "-");
	if (r == 0)
		r = cell_flags(
			ret, v->flags, names, ARRAY_LEN(names), FLAGS_CHARS, e);
	return r < 0 ? r : escape(ret, v->path.data, v->path.len, e);
}

const struct show_table show_live_tables[] = {
	{ "process", ICECORE__V1__RECORD__BODY_PROCESS,
		"    PID    PPID     UID S  THR      START SEEN CONTAINER    COMM             COMMAND",
		process_rows, NULL, process_row },
	{ "thread", ICECORE__V1__RECORD__BODY_PROCESS,
		"    PID     TID     UID S      START SEEN CAPEFF           SECCOMP NETNS      COMM",
		thread_rows, thread_item, thread_row },
	{ "mapping", ICECORE__V1__RECORD__BODY_PROCESS_MAPS,
		"    PID START            END               PROT FLAGS                PATH",
		mapping_rows, mapping_item, mapping_row },
	{ 0 },
};
