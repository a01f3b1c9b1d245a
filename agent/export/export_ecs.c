// SPDX-License-Identifier: Apache-2.0
/*
 * Elastic Common Schema, version 9: a document a line.  Processes, sockets,
 * binaries, files, modules and sessions are states (event.kind "state"), what
 * the recorder saw are events, findings are alerts.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "export/summary.h"

static const char ecs_version[] = "9.4.0";

static json_t *number_text(uint64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, v);
	return json_string(text);
}

/* "event": kind, category, type, action */
static void put_event(json_t **j, const char *kind, const char *category,
	const char *type, const char *action)
{
	json_t *o = json_pack("{s:s, s:[s], s:[s], s:s, s:s}", "kind", kind,
		"category", category, "type", type, "action", action, "module",
		"icecore");

	item_put(j, "event", o);
}

static void put_container(json_t **j, const Icecore__V1__Container *c)
{
	json_t *o = json_object(), *k;

	item_put_string(&o, "id", c->id);
	item_put_string(&o, "name", c->container_name);
	item_put_string(&o, "runtime", c->runtime);
	item_put(j, "container", o);
	if (!c->pod_uid && !c->pod_name)
		return;
	k = json_object();
	item_put_string(&k, "type", "pod");
	item_put_string(&k, "name", c->pod_name);
	item_put_string(&k, "id", c->pod_uid);
	o = json_object();
	item_put_string(&o, "type", "kubernetes");
	item_put_string(&o, "namespace", c->pod_namespace);
	item_put(&o, "resource", k);
	item_put(j, "orchestrator", o);
}

static void put_user(json_t **j, uint64_t uid)
{
	json_t *o = json_object();

	item_put(&o, "id", number_text(uid));
	item_put(j, "user", o);
}

/* --- what each kind is --- */

static json_t *process_of(const Icecore__V1__Process *p)
{
	const Icecore__V1__Thread *t = p->n_threads ? p->threads[0] : NULL;
	json_t *o = json_object();

	item_put_u64(&o, "pid", p->has_pid, p->pid);
	if (t)
		item_put_text(&o, "name", t->has_comm, &t->comm);
	if (p->n_argv) {
		json_t *args = json_array();

		for (size_t i = 0; i < p->n_argv && i < 256; i++)
			args = json_append(args, item_text(&p->argv[i]));
		item_put(&o, "args", args);
		item_put(&o, "args_count", json_integer((json_int_t)p->n_argv));
		item_put(&o, "command_line", item_join(p->argv, p->n_argv));
	}
	if (p->exe)
		item_put_text(&o, "executable", p->exe->has_path, &p->exe->path);
	item_put_text(&o, "working_directory", p->has_cwd, &p->cwd);
	if (p->has_ppid)
		item_put(&o, "parent",
			json_pack("{s:I}", "pid", (json_int_t)p->ppid));
	return o;
}

static void put_process(json_t **j, const struct item *it)
{
	const Icecore__V1__Process *p = it->process;
	const Icecore__V1__Thread *t = p->n_threads ? p->threads[0] : NULL;
	json_t *o = process_of(p);
	char time[ITEM_TIME_CHARS];

	item_time(time, it->time_ns);
	item_put(&o, "start", json_string(time));
	put_event(j, "state", "process", "info", "process-snapshot");
	item_put(j, "process", o);
	if (t && t->credentials && t->credentials->has_uid)
		put_user(j, t->credentials->uid);
	if (p->container)
		put_container(j, p->container);
}

static void put_endpoint(json_t **j, const char *key, const char *address,
	uint32_t port, uint64_t bytes)
{
	json_t *o;

	if (!address || !*address)
		return;
	o = json_object();
	item_put_string(&o, "ip", address);
	item_put_string(&o, "address", address);
	item_put(&o, "port", json_integer(port));
	if (bytes)
		item_put(&o, "bytes", json_integer((json_int_t)bytes));
	item_put(j, key, o);
}

static const char *transport(uint32_t protocol)
{
	return protocol == 6 ? "tcp" : protocol == 17 ? "udp" : NULL;
}

static void put_network(json_t **j, uint32_t family, uint32_t protocol)
{
	json_t *o = json_object();

	if (family == 2 || family == 10)
		item_put_string(&o, "type", family == 2 ? "ipv4" : "ipv6");
	item_put_string(&o, "transport", transport(protocol));
	item_put(j, "network", o);
}

static void put_socket(json_t **j, const struct item *it)
{
	const Icecore__V1__Socket *s = it->socket;
	const Icecore__V1__TcpInfo *t = s->tcp;

	put_event(j, "state", "network", s->listening ? "start" : "connection",
		"socket-snapshot");
	put_network(j, s->family, s->protocol);
	put_endpoint(j, "source", s->local_address, s->local_port,
		t ? t->bytes_sent : 0);
	put_endpoint(j, "destination", s->remote_address, s->remote_port,
		t ? t->bytes_received : 0);
	if (s->n_owners)
		item_put(j, "process",
			json_pack("{s:I}", "pid", (json_int_t)s->owners[0]->pid));
	if (s->has_uid)
		put_user(j, s->uid);
}

static const struct {
	const char *category;
	const char *type;
} event_words[] = {
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_EXEC] = { "process", "start" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_FORK] = { "process", "start" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_EXIT] = { "process", "end" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_MODULE] = { "driver", "start" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_UNLINK] = { "file", "deletion" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_CONNECT] = { "network", "start" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_ACCEPT] = { "network", "start" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_CLOSE] = { "network", "end" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_UDP_FLOW] = { "network",
		"connection" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_DNS] = { "network", "protocol" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_CREDS] = { "iam", "change" },
	[ICECORE__V1__EVENT_KIND__EVENT_KIND_KILL] = { "process", "change" },
};

static void put_event_net(
	json_t **j, const Icecore__V1__EventNet *n, unsigned kind)
{
	bool udp = kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_UDP_FLOW ||
		   kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_DNS;

	put_network(j, 0, udp ? 17 : 6);
	put_endpoint(j, "source", n->local, n->local_port, n->sent_bytes);
	put_endpoint(
		j, "destination", n->remote, n->remote_port, n->received_bytes);
	if (n->question)
		item_put(j, "dns",
			json_pack("{s:{s:o}}", "question", "name",
				json_text(n->question)));
}

static void put_recorded(json_t **j, const struct item *it)
{
	const Icecore__V1__Event *v = it->event;
	size_t kind = (size_t)v->kind;
	bool known = kind < ARRAY_LEN(event_words) && event_words[kind].category;
	json_t *o = json_object();

	put_event(j, "event", known ? event_words[kind].category : "host",
		known ? event_words[kind].type : "info", item_event_name(v));
	item_put_u64(&o, "pid", v->has_pid, v->pid);
	item_put_text(&o, "name", v->has_comm, &v->comm);
	if (v->has_ppid)
		item_put(&o, "parent",
			json_pack("{s:I}", "pid", (json_int_t)v->ppid));
	if (v->what_case == ICECORE__V1__EVENT__WHAT_EXEC) {
		item_put_text(&o, "executable", v->exec->has_filename,
			&v->exec->filename);
		if (v->exec->n_argv)
			item_put(&o, "command_line",
				item_join(v->exec->argv, v->exec->n_argv));
	}
	item_put(j, "process", o);
	if (v->what_case == ICECORE__V1__EVENT__WHAT_NET)
		put_event_net(j, v->net, (unsigned)kind);
	if (v->what_case == ICECORE__V1__EVENT__WHAT_PATH && v->path->has_path) {
		o = json_object();
		item_put(&o, "path", item_text(&v->path->path));
		item_put(j, "file", o);
	}
	if (v->has_uid)
		put_user(j, v->uid);
	if (v->container)
		put_container(j, v->container);
}

static void put_finding(json_t **j, const struct item *it)
{
	const Icecore__V1__Finding *f = it->finding;
	json_t *o = json_object(), *t;

	put_event(j, "alert", "intrusion_detection", "info", "finding");
	t = json_object_get(*j, "event");
	if (json_object_set_new(t, "severity", json_integer(f->severity)) < 0)
		item_put(j, "event", NULL);
	item_put_string(&o, "id", f->rule);
	item_put_string(&o, "name", f->rule);
	item_put_string(&o, "description", f->sentence);
	item_put(j, "rule", o);
	if (f->technique) {
		t = json_object();
		item_put(&t, "id",
			json_append(json_array(), json_text(f->technique)));
		o = json_object();
		item_put_string(&o, "framework", "MITRE ATT&CK");
		item_put(&o, "technique", t);
		item_put(j, "threat", o);
	}
	if (f->n_evidence && f->evidence[0]->has_pid)
		item_put(j, "process",
			json_pack("{s:I}", "pid",
				(json_int_t)f->evidence[0]->pid));
}

static void put_hashes(json_t **o, int has_sha256,
	const ProtobufCBinaryData *sha256, int has_md5,
	const ProtobufCBinaryData *md5)
{
	json_t *h;

	if (!has_sha256 && !has_md5)
		return;
	h = json_object();
	if (has_sha256)
		item_put(&h, "sha256", item_hex(sha256));
	if (has_md5)
		item_put(&h, "md5", item_hex(md5));
	item_put(o, "hash", h);
}

static void put_times(json_t **o, int64_t mtime_ns, int64_t ctime_ns)
{
	char time[ITEM_TIME_CHARS];

	if (mtime_ns > 0) {
		item_time(time, (uint64_t)mtime_ns);
		item_put(o, "mtime", json_string(time));
	}
	if (ctime_ns > 0) {
		item_time(time, (uint64_t)ctime_ns);
		item_put(o, "ctime", json_string(time));
	}
}

static void put_mode(json_t **o, uint32_t mode, uint32_t uid, uint32_t gid)
{
	char text[8];

	(void)snprintf(text, sizeof(text), "%04o", mode & 07777);
	item_put(o, "mode", json_string(text));
	item_put(o, "uid", number_text(uid));
	item_put(o, "gid", number_text(gid));
}

static void put_binary(json_t **j, const struct item *it)
{
	const Icecore__V1__Binary *b = it->binary;
	json_t *o = json_object();

	put_event(j, "state", "file", "info", "binary");
	if (b->n_paths) {
		item_put(&o, "path", item_text(&b->paths[0]));
		item_put(&o, "name", item_base_name(&b->paths[0]));
	}
	item_put(&o, "inode", number_text(b->inode));
	item_put_u64(&o, "size", b->has_size_bytes, b->size_bytes);
	put_mode(&o, b->mode, b->uid, b->gid);
	put_hashes(&o, b->has_sha256, &b->sha256, b->has_md5, &b->md5);
	put_times(&o, b->mtime_ns, b->ctime_ns);
	item_put(j, "file", o);
}

static void put_file(json_t **j, const struct item *it)
{
	const Icecore__V1__DiskFile *f = it->file;
	json_t *o = json_object();

	put_event(j, "state", "file", "info", "file");
	item_put(&o, "path", item_text(&f->path));
	item_put(&o, "name", item_base_name(&f->path));
	item_put(&o, "inode", number_text(f->inode));
	item_put_u64(&o, "size", f->has_size_bytes, f->size_bytes);
	item_put_text(&o, "target_path", f->has_target, &f->target);
	put_mode(&o, f->mode, f->uid, f->gid);
	put_hashes(&o, f->has_sha256, &f->sha256, f->has_md5, &f->md5);
	put_times(&o, f->mtime_ns, f->ctime_ns);
	item_put(j, "file", o);
}

static void put_path(json_t **j, const ProtobufCBinaryData *path)
{
	json_t *o = json_object();

	item_put(&o, "path", item_text(path));
	item_put(j, "file", o);
}

static void put_persistence(json_t **j, const struct item *it)
{
	put_event(j, it->persistence->reason ? "alert" : "state",
		"configuration", "info", "persistence");
	put_path(j, &it->persistence->path);
}

static void put_verdict(json_t **j, const struct item *it)
{
	put_event(j, "alert", "file", "change", "package-verification");
	put_path(j, &it->verdict->path);
}

static void put_module(json_t **j, const struct item *it)
{
	json_t *o = json_object();

	put_event(j, "state", "driver", "info", "kernel-module");
	item_put(&o, "name", item_text(&it->module->name));
	item_put(j, "file", o);
}

static void put_session(json_t **j, const struct item *it)
{
	json_t *o = json_object();

	put_event(j, "state", "session", "info", "session");
	item_put_text(&o, "name", it->session->has_user, &it->session->user);
	item_put(j, "user", o);
}

static void put_logged(json_t **j, const struct item *it)
{
	const Icecore__V1__DiskEvent *v = it->logged;
	json_t *o = json_object(), *file = json_object();

	put_event(j, "event", "host", "info", v->source);
	item_put_text(&file, "path", v->has_path, &v->path);
	item_put(&o, "file", file);
	item_put(j, "log", o);
	o = json_object();
	item_put_text(&o, "name", v->has_program, &v->program);
	item_put_u64(&o, "pid", v->has_pid, v->pid);
	item_put(j, "process", o);
	o = json_object();
	item_put_text(&o, "name", v->has_user, &v->user);
	item_put(j, "user", o);
	o = json_object();
	item_put_text(&o, "address", v->has_address, &v->address);
	item_put(j, "source", o);
}

static void put_gap(json_t **j, const struct item *it)
{
	put_event(j, "pipeline_error", "host", "error", "gap");
	item_put(j, "error",
		json_pack("{s:o}", "message", json_text(it->gap->reason)));
}

static void put_capture(json_t **j, const struct item *it)
{
	(void)it;
	put_event(j, "event", "host", "info", "capture");
}

int ecs_map(struct lines *l, const struct item *it, struct err *e)
{
	static void (*const put[ITEM_KINDS])(
		json_t * *j, const struct item *it) = {
		[ITEM_CAPTURE] = put_capture,
		[ITEM_PROCESS] = put_process,
		[ITEM_SOCKET] = put_socket,
		[ITEM_EVENT] = put_recorded,
		[ITEM_FINDING] = put_finding,
		[ITEM_BINARY] = put_binary,
		[ITEM_FILE] = put_file,
		[ITEM_PERSISTENCE] = put_persistence,
		[ITEM_VERDICT] = put_verdict,
		[ITEM_MODULE] = put_module,
		[ITEM_SESSION] = put_session,
		[ITEM_LOGGED] = put_logged,
		[ITEM_GAP] = put_gap,
	};
	json_t *j = json_object(), *host = json_object();
	char time[ITEM_TIME_CHARS];

	item_time(time, it->time_ns);
	item_put(&j, "@timestamp", json_string(time));
	item_put(&j, "ecs", json_pack("{s:s}", "version", ecs_version));
	item_put(&j, "message", summary(it));
	item_put_string(&host, "name", it->host->name);
	item_put_string(&host, "id", it->host->machine_id);
	item_put_string(&host, "architecture", it->host->architecture);
	item_put(&j, "host", host);
	item_put(&j, "labels",
		json_pack("{s:o, s:o}", "case", json_text(it->host->case_name),
			"capture", json_text(it->host->capture)));
	put[it->kind](&j, it);
	return lines_json(l, j, e);
}
