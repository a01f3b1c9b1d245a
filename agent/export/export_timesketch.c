// SPDX-License-Identifier: Apache-2.0
/*
 * Timesketch's JSON lines: each has message, datetime (ISO 8601) and
 * timestamp_desc; what else is in it becomes attributes.  timestamp is in
 * microseconds since 1970.
 */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "export/summary.h"

enum { NS_IN_US = 1000 };

static const char *const kind_names[ITEM_KINDS] = {
	[ITEM_CAPTURE] = "icecore:capture",
	[ITEM_PROCESS] = "icecore:process",
	[ITEM_SOCKET] = "icecore:socket",
	[ITEM_EVENT] = "icecore:event",
	[ITEM_FINDING] = "icecore:finding",
	[ITEM_BINARY] = "icecore:binary",
	[ITEM_FILE] = "icecore:file",
	[ITEM_PERSISTENCE] = "icecore:persistence",
	[ITEM_VERDICT] = "icecore:verdict",
	[ITEM_MODULE] = "icecore:module",
	[ITEM_SESSION] = "icecore:session",
	[ITEM_LOGGED] = "icecore:logged",
	[ITEM_GAP] = "icecore:gap",
};

static void put_who(json_t **j, const struct item *it)
{
	const Icecore__V1__Process *p = it->process;
	const Icecore__V1__Event *v = it->event;
	const Icecore__V1__Socket *s = it->socket;
	const Icecore__V1__DiskEvent *g = it->logged;

	if (p) {
		item_put_u64(j, "pid", p->has_pid, p->pid);
		item_put_u64(j, "ppid", p->has_ppid, p->ppid);
		if (p->n_argv)
			item_put(j, "command_line",
				item_join(p->argv, p->n_argv));
		if (p->exe)
			item_put_text(j, "exe", p->exe->has_path, &p->exe->path);
		if (p->container)
			item_put_string(j, "container_id", p->container->id);
	}
	if (v) {
		item_put_u64(j, "pid", v->has_pid, v->pid);
		item_put_u64(j, "ppid", v->has_ppid, v->ppid);
		item_put_u64(j, "uid", v->has_uid, v->uid);
		item_put_text(j, "comm", v->has_comm, &v->comm);
		if (v->container)
			item_put_string(j, "container_id", v->container->id);
	}
	if (g) {
		item_put_u64(j, "pid", g->has_pid, g->pid);
		item_put_u64(j, "uid", g->has_uid, g->uid);
		item_put_text(j, "username", g->has_user, &g->user);
		item_put_text(j, "src_ip", g->has_address, &g->address);
		item_put_string(j, "log_source", g->source);
		item_put_text(j, "path", g->has_path, &g->path);
		item_put_u64(j, "log_number", g->has_number, g->number);
	}
	if (s && s->n_owners)
		item_put_u64(j, "pid", 1, s->owners[0]->pid);
}

static void put_what(json_t **j, const struct item *it)
{
	const Icecore__V1__Finding *f = it->finding;
	const Icecore__V1__Socket *s = it->socket;
	const Icecore__V1__EventNet *n =
		it->event && it->event->what_case == ICECORE__V1__EVENT__WHAT_NET
			? it->event->net
			: NULL;

	if (f) {
		item_put_string(j, "rule", f->rule);
		item_put_string(j, "technique", f->technique);
		item_put_u64(j, "severity", f->has_severity, f->severity);
	}
	if (s || n) {
		item_put_string(j, "src_ip", s ? s->local_address : n->local);
		item_put_u64(j, "src_port", 1, s ? s->local_port : n->local_port);
		item_put_string(j, "dst_ip", s ? s->remote_address : n->remote);
		item_put_u64(
			j, "dst_port", 1, s ? s->remote_port : n->remote_port);
	}
	if (it->file)
		item_put_text(j, "path", it->file->has_path, &it->file->path);
	if (it->persistence)
		item_put_string(j, "technique", it->persistence->technique);
}

static int put(struct lines *l, const struct item *it, uint64_t ns,
	const char *means, struct err *e)
{
	json_t *j = json_object();
	char time[ITEM_TIME_CHARS];

	item_time(time, ns);
	item_put(&j, "message", summary(it));
	item_put(&j, "datetime", json_string(time));
	item_put(&j, "timestamp", json_integer((json_int_t)(ns / NS_IN_US)));
	item_put(&j, "timestamp_desc", json_string(means));
	item_put(&j, "data_type", json_string(kind_names[it->kind]));
	item_put_string(&j, "hostname", it->host->name);
	item_put_string(&j, "capture", it->host->capture);
	put_who(&j, it);
	put_what(&j, it);
	return lines_json(l, j, e);
}

/* Each of its times is a line. */
static int put_file(struct lines *l, const struct item *it, struct err *e)
{
	const Icecore__V1__DiskFile *f = it->file;
	const struct {
		const char *means;
		int has;
		int64_t ns;
	} times[] = {
		{ "content modified", f->has_mtime_ns, f->mtime_ns },
		{ "accessed", f->has_atime_ns, f->atime_ns },
		{ "metadata changed", f->has_ctime_ns, f->ctime_ns },
		{ "created", f->has_btime_ns, f->btime_ns },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(times); i++)
		if (times[i].has && times[i].ns > 0)
			r = put(l, it, (uint64_t)times[i].ns, times[i].means, e);
	return r;
}

int timesketch_map(struct lines *l, const struct item *it, struct err *e)
{
	if (it->kind == ITEM_FILE)
		return put_file(l, it, e);
	/* A line without a time is none in a timeline. */
	return it->time_ns ? put(l, it, it->time_ns, it->time_means, e) : 0;
}
