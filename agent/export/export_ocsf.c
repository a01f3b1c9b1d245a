// SPDX-License-Identifier: Apache-2.0
/*
 * Open Cybersecurity Schema Framework 1.3.0: an event a line.  What was found
 * as it is becomes query results (category 5, Discovery), what the recorder
 * saw becomes activity (categories 1 and 4), findings become Detection
 * Findings (2004).  What has no class of its own is a Base Event (0).
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "export/summary.h"

enum {
	NS_IN_MS = 1000000,
	CLASS_BASE = 0,
	CLASS_PROCESS_ACTIVITY = 1007,
	CLASS_DETECTION_FINDING = 2004,
	CLASS_NETWORK_ACTIVITY = 4001,
	CLASS_FILE_QUERY = 5007,
	CLASS_MODULE_QUERY = 5011,
	CLASS_CONNECTION_QUERY = 5012,
	CLASS_PROCESS_QUERY = 5015,
	SHA256_ID = 3, /* of fingerprint.algorithm_id */
	MD5_ID = 1,
};

/* What every event begins with. */
static void put_class(json_t **j, const struct item *it, unsigned class,
	unsigned activity, unsigned severity)
{
	json_t *device = json_object();

	item_put(j, "category_uid", json_integer(class / 1000));
	item_put(j, "class_uid", json_integer(class));
	item_put(j, "activity_id", json_integer(activity));
	item_put(j, "type_uid", json_integer(class * 100 + activity));
	item_put(j, "severity_id", json_integer(severity ? severity : 1));
	item_put(j, "time", json_integer((json_int_t)(it->time_ns / NS_IN_MS)));
	item_put(j, "message", summary(it));
	item_put(j, "metadata",
		json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:o}", "version",
			"1.3.0", "product", "name", "icecore", "vendor_name",
			"icecore", "version", ICECORE_VERSION, "log_name",
			json_text(it->host->capture), "correlation_uid",
			json_text(it->host->case_name)));
	item_put(&device, "type_id", json_integer(1));
	item_put_string(&device, "hostname", it->host->name);
	item_put_string(&device, "uid", it->host->machine_id);
	item_put(j, "device", device);
	if (class / 1000 == 5)
		item_put(j, "query_result_id", json_integer(1));
}

static json_t *file_of(const ProtobufCBinaryData *path, unsigned type)
{
	json_t *o = json_object();

	item_put(&o, "name", item_base_name(path));
	item_put(&o, "path", item_text(path));
	item_put(&o, "type_id", json_integer(type));
	return o;
}

static void put_user(json_t **o, int has, uint64_t uid)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, uid);
	if (has)
		item_put(o, "user", json_pack("{s:s}", "uid", text));
}

static void put_container(json_t **o, const Icecore__V1__Container *c)
{
	json_t *k = json_object();

	item_put_string(&k, "uid", c->id);
	item_put_string(&k, "name", c->container_name);
	item_put_string(&k, "runtime", c->runtime);
	item_put_string(&k, "pod_uuid", c->pod_uid);
	item_put(o, "container", k);
}

static json_t *process_of(const struct item *it)
{
	const Icecore__V1__Process *p = it->process;
	const Icecore__V1__Thread *t = p->n_threads ? p->threads[0] : NULL;
	json_t *o = json_object();

	item_put(&o, "pid", json_integer(p->pid));
	if (t)
		item_put_text(&o, "name", t->has_comm, &t->comm);
	if (p->n_argv)
		item_put(&o, "cmd_line", item_join(p->argv, p->n_argv));
	item_put(&o, "created_time",
		json_integer((json_int_t)(it->time_ns / NS_IN_MS)));
	if (p->exe && p->exe->has_path)
		item_put(&o, "file", file_of(&p->exe->path, 1));
	if (p->has_ppid)
		item_put(&o, "parent_process",
			json_pack("{s:I}", "pid", (json_int_t)p->ppid));
	if (t && t->credentials)
		put_user(&o, t->credentials->has_uid, t->credentials->uid);
	if (p->container)
		put_container(&o, p->container);
	return o;
}

static void put_process(json_t **j, const struct item *it)
{
	put_class(j, it, CLASS_PROCESS_QUERY, 1, 0);
	item_put(j, "process", process_of(it));
}

static json_t *endpoint(const char *address, uint32_t port)
{
	json_t *o = json_object();

	item_put_string(&o, "ip", address);
	item_put(&o, "port", json_integer(port));
	return o;
}

/* state_id of Network Connection Query. */
static unsigned state_id(const char *state)
{
	static const char *const names[] = { "", "ESTABLISHED", "SYN_SENT",
		"SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING" };

	for (unsigned i = 1; state && i < ARRAY_LEN(names); i++)
		if (strcmp(state, names[i]) == 0)
			return i;
	return 0;
}

static json_t *connection(uint32_t family, uint32_t protocol, unsigned way)
{
	json_t *o = json_pack("{s:i, s:i}", "direction_id", (int)way,
		"protocol_num", (int)protocol);

	if (family == 2 || family == 10)
		item_put(&o, "protocol_ver_id",
			json_integer(family == 2 ? 4 : 6));
	return o;
}

static void put_socket(json_t **j, const struct item *it)
{
	const Icecore__V1__Socket *s = it->socket;
	json_t *process = json_object();

	put_class(j, it, CLASS_CONNECTION_QUERY, 1, 0);
	item_put(j, "connection_info", connection(s->family, s->protocol, 0));
	item_put(j, "state_id", json_integer(state_id(s->state)));
	item_put_string(j, "state", s->state);
	/* The class demands one; of a socket that nobody holds that is said. */
	if (s->n_owners)
		item_put(&process, "pid", json_integer(s->owners[0]->pid));
	else
		item_put_string(&process, "uid", "nobody");
	item_put(j, "process", process);
	if (s->local_address || s->remote_address)
		item_put(j, "unmapped",
			json_pack("{s:o, s:o}", "local",
				endpoint(s->local_address, s->local_port),
				"remote",
				endpoint(s->remote_address, s->remote_port)));
}

static json_t *event_process(const Icecore__V1__Event *v)
{
	json_t *o = json_object();

	item_put(&o, "pid", json_integer(v->pid));
	item_put_text(&o, "name", v->has_comm, &v->comm);
	put_user(&o, v->has_uid, v->uid);
	if (v->has_ppid)
		item_put(&o, "parent_process",
			json_pack("{s:I}", "pid", (json_int_t)v->ppid));
	if (v->what_case == ICECORE__V1__EVENT__WHAT_EXEC) {
		if (v->exec->n_argv)
			item_put(&o, "cmd_line",
				item_join(v->exec->argv, v->exec->n_argv));
		if (v->exec->has_filename)
			item_put(&o, "file", file_of(&v->exec->filename, 1));
	}
	if (v->container)
		put_container(&o, v->container);
	return o;
}

/* Launch, Terminate, Open, Inject, Set User ID; 0 = none of these. */
static unsigned process_activity(const Icecore__V1__Event *v)
{
	switch (v->kind) {
	case ICECORE__V1__EVENT_KIND__EVENT_KIND_EXEC:
	case ICECORE__V1__EVENT_KIND__EVENT_KIND_FORK:
		return 1;
	case ICECORE__V1__EVENT_KIND__EVENT_KIND_EXIT:
	case ICECORE__V1__EVENT_KIND__EVENT_KIND_KILL:
		return 2;
	case ICECORE__V1__EVENT_KIND__EVENT_KIND_PTRACE:
		return 3;
	case ICECORE__V1__EVENT_KIND__EVENT_KIND_CREDS:
		return 5;
	default:
		return 0;
	}
}

static void put_net(json_t **j, const struct item *it)
{
	const Icecore__V1__Event *v = it->event;
	const Icecore__V1__EventNet *n = v->net;
	unsigned kind = v->kind;
	bool udp = kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_UDP_FLOW ||
		   kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_DNS;
	bool in = kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_ACCEPT;
	bool end = kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_TCP_CLOSE;
	json_t *process = event_process(v);

	put_class(j, it, CLASS_NETWORK_ACTIVITY, end ? 2 : udp ? 6 : 1, 0);
	item_put(j, "connection_info",
		connection(0, udp ? 17 : 6,
			in    ? 1
			: end ? 0
			      : 2));
	item_put(j, in ? "dst_endpoint" : "src_endpoint",
		endpoint(n->local, n->local_port));
	item_put(j, in ? "src_endpoint" : "dst_endpoint",
		endpoint(n->remote, n->remote_port));
	if (n->has_sent_bytes)
		item_put(j, "traffic",
			json_pack("{s:I, s:I}", "bytes_out",
				(json_int_t)n->sent_bytes, "bytes_in",
				(json_int_t)n->received_bytes));
	item_put(j, "actor", json_pack("{s:o}", "process", process));
}

static void put_event(json_t **j, const struct item *it)
{
	const Icecore__V1__Event *v = it->event;
	unsigned activity = process_activity(v);
	json_t *who;

	if (v->what_case == ICECORE__V1__EVENT__WHAT_NET) {
		put_net(j, it);
		return;
	}
	put_class(j, it, activity ? CLASS_PROCESS_ACTIVITY : CLASS_BASE,
		activity ? activity : 99, 0);
	if (!activity) {
		item_put_string(j, "activity_name", item_event_name(v));
		item_put(j, "unmapped",
			json_pack("{s:o}", "process", event_process(v)));
		return;
	}
	who = event_process(v);
	item_put(j, "actor", json_pack("{s:o}", "process", who));
	/* Of a fork and the like, the other one. */
	if (v->what_case == ICECORE__V1__EVENT__WHAT_PROCESS) {
		who = json_object();
		item_put(&who, "pid", json_integer(v->process->pid));
		item_put_text(
			&who, "name", v->process->has_comm, &v->process->comm);
	} else {
		who = event_process(v);
	}
	item_put(j, "process", who);
	if (v->kind == ICECORE__V1__EVENT_KIND__EVENT_KIND_EXIT)
		item_put_u64(j, "exit_code", v->has_number, v->number);
}

static void put_finding(json_t **j, const struct item *it)
{
	const Icecore__V1__Finding *f = it->finding;
	json_t *info = json_object(), *evidence = json_array();

	put_class(j, it, CLASS_DETECTION_FINDING, 1, f->severity);
	item_put(&info, "uid", json_text(f->rule ? f->rule : "unknown"));
	item_put_string(&info, "title", f->sentence);
	item_put_text(&info, "desc", f->has_detail, &f->detail);
	if (f->technique)
		item_put(&info, "attacks",
			json_pack("[{s:s, s:{s:o}}]", "version", "15",
				"technique", "uid", json_text(f->technique)));
	item_put(j, "finding_info", info);
	for (size_t i = 0; i < f->n_evidence; i++)
		if (f->evidence[i]->has_pid)
			evidence = json_append(evidence,
				json_pack("{s:{s:I}}", "process", "pid",
					(json_int_t)f->evidence[i]->pid));
	if (evidence && !json_array_size(evidence))
		json_decref(evidence);
	else
		item_put(j, "evidences", evidence);
}

static void add_hash(json_t **list, int has, const ProtobufCBinaryData *b,
	unsigned id, const char *name)
{
	if (has)
		*list = json_append(*list,
			json_pack("{s:i, s:s, s:o}", "algorithm_id", (int)id,
				"algorithm", name, "value", item_hex(b)));
}

static void put_ms(json_t **o, const char *key, int64_t ns)
{
	if (ns > 0)
		item_put(o, key, json_integer(ns / NS_IN_MS));
}

static void put_binary(json_t **j, const struct item *it)
{
	static const ProtobufCBinaryData none = { 1, (uint8_t *)"?" };
	const Icecore__V1__Binary *b = it->binary;
	json_t *o = file_of(b->n_paths ? &b->paths[0] : &none, 1);
	json_t *hashes = json_array();

	put_class(j, it, CLASS_FILE_QUERY, 1, 0);
	item_put_u64(&o, "size", b->has_size_bytes, b->size_bytes);
	put_ms(&o, "modified_time", b->mtime_ns);
	add_hash(&hashes, b->has_sha256, &b->sha256, SHA256_ID, "SHA-256");
	add_hash(&hashes, b->has_md5, &b->md5, MD5_ID, "MD5");
	item_put(&o, "hashes", hashes);
	item_put(j, "file", o);
}

/* file.type_id: Regular, Folder, Character, Block, Socket, Pipe, Link. */
static unsigned file_type(uint32_t mode)
{
	static const uint8_t types[16] = {
		[8] = 1, [4] = 2, [2] = 3, [6] = 4, [12] = 5, [1] = 6, [10] = 7
	};

	return types[mode >> 12 & 15];
}

static void put_file(json_t **j, const struct item *it)
{
	const Icecore__V1__DiskFile *f = it->file;
	json_t *o = file_of(&f->path, file_type(f->mode));
	json_t *hashes = json_array();

	put_class(j, it, CLASS_FILE_QUERY, 1, 0);
	item_put_u64(&o, "size", f->has_size_bytes, f->size_bytes);
	put_ms(&o, "modified_time", f->mtime_ns);
	put_ms(&o, "accessed_time", f->atime_ns);
	put_ms(&o, "created_time", f->btime_ns);
	add_hash(&hashes, f->has_sha256, &f->sha256, SHA256_ID, "SHA-256");
	add_hash(&hashes, f->has_md5, &f->md5, MD5_ID, "MD5");
	item_put(&o, "hashes", hashes);
	item_put(j, "file", o);
}

static void put_module(json_t **j, const struct item *it)
{
	json_t *o = json_object();

	put_class(j, it, CLASS_MODULE_QUERY, 1, 0);
	item_put(&o, "file", file_of(&it->module->name, 0));
	item_put_string(&o, "type", "kernel module");
	item_put(j, "module", o);
	/* The class demands a process: that which all share is the kernel. */
	item_put(j, "process",
		json_pack("{s:i, s:s}", "pid", 0, "name", "kernel"));
}

/* What the framework has no class for, told by its message. */
static void put_base(json_t **j, const struct item *it)
{
	static const char *const names[ITEM_KINDS] = {
		[ITEM_CAPTURE] = "Capture began",
		[ITEM_PERSISTENCE] = "Persistence",
		[ITEM_VERDICT] = "Package verification",
		[ITEM_SESSION] = "User session",
		[ITEM_LOGGED] = "Logged",
		[ITEM_GAP] = "Gap",
	};

	put_class(j, it, CLASS_BASE, 99, it->kind == ITEM_VERDICT ? 3 : 1);
	item_put_string(j, "activity_name", names[it->kind]);
}

int ocsf_map(struct lines *l, const struct item *it, struct err *e)
{
	static void (*const put[ITEM_KINDS])(
		json_t * *j, const struct item *it) = {
		[ITEM_CAPTURE] = put_base,
		[ITEM_PROCESS] = put_process,
		[ITEM_SOCKET] = put_socket,
		[ITEM_EVENT] = put_event,
		[ITEM_FINDING] = put_finding,
		[ITEM_BINARY] = put_binary,
		[ITEM_FILE] = put_file,
		[ITEM_PERSISTENCE] = put_base,
		[ITEM_VERDICT] = put_base,
		[ITEM_MODULE] = put_module,
		[ITEM_SESSION] = put_base,
		[ITEM_LOGGED] = put_base,
		[ITEM_GAP] = put_base,
	};
	json_t *j = json_object();

	put[it->kind](&j, it);
	return lines_json(l, j, e);
}
