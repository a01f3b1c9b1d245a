// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "bpf/recorder.h"
#include "collect/event_record.h"
#include "collect/set.h"
#include "live/container.h"
#include "recorder/dns.h"
#include "recorder/recorder.h"

/* One event, and all that it points at. */
struct slot {
	Icecore__V1__Event m;
	union {
		Icecore__V1__EventExec exec;
		Icecore__V1__EventProcess process;
		Icecore__V1__EventMemory memory;
		Icecore__V1__EventCode code;
		Icecore__V1__EventCreds creds;
		Icecore__V1__EventPath path;
		Icecore__V1__EventNet net;
		Icecore__V1__EventNamespaces namespaces;
	} u;
	Icecore__V1__Namespaces before, after;
	Icecore__V1__Container container_m;
	struct container container;
	char cgroup[RECORDER_CGROUP_CHARS];
	Icecore__V1__Ancestor ancestors[RECORDER_ANCESTORS];
	Icecore__V1__Ancestor *ancestors_p[RECORDER_ANCESTORS];
	ProtobufCBinaryData args[EVENT_ARGS_MAX];
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	struct dns_question question;
	char path[RECORDER_PATH_BYTES + 2];
};

struct event_batch {
	struct recorder *recorder;
	Icecore__V1__Events m;
	Icecore__V1__Event *events[EVENT_BATCH];
	struct slot slots[EVENT_BATCH];
};

int event_batch_new(struct event_batch **ret, struct recorder *r, struct err *e)
{
	struct event_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(e, -ENOMEM, "no memory for events");
	b->recorder = r;
	icecore__v1__events__init(&b->m);
	b->m.events = b->events;
	*ret = b;
	return 0;
}

void event_batch_free(struct event_batch *b)
{
	free(b);
}

Icecore__V1__Events *event_batch_message(struct event_batch *b)
{
	return &b->m;
}

/* Text of a fixed field, which is there when it is not empty. */
#define SET_TEXT(m, field, text, cap)                                          \
	do {                                                                   \
		(m)->field.len = strnlen((text), (cap));                       \
		(m)->field.data = (uint8_t *)(uintptr_t)(text);                \
		(m)->has_##field = (m)->field.len > 0;                         \
	} while (0)

static void put_args(
	Icecore__V1__EventExec *m, struct slot *s, const char *args, size_t len)
{
	m->argv = s->args;
	while (len) {
		const char *nul = m->n_argv + 1 < EVENT_ARGS_MAX
					  ? memchr(args, 0, len)
					  : NULL;
		size_t n = nul ? (size_t)(nul - args) : len;

		s->args[m->n_argv].data = (uint8_t *)(uintptr_t)args;
		s->args[m->n_argv++].len = n;
		n += nul ? 1 : 0;
		args += n;
		len -= n;
	}
}

static int put_exec(struct slot *s, const void *record, size_t len)
{
	const struct recorder_exec *r = record;
	Icecore__V1__EventExec *m = &s->u.exec;
	size_t text = offsetof(struct recorder_exec, text);

	if (text + r->filename_bytes + r->args_bytes > len ||
		r->ancestors_n > RECORDER_ANCESTORS)
		return -EBADMSG;
	icecore__v1__event_exec__init(m);
	SET_TEXT(m, filename, r->text, r->filename_bytes);
	put_args(m, s, r->text + r->filename_bytes, r->args_bytes);
	SET(m, argv_bytes, r->args_all_bytes);
	SET(m, major, r->major);
	SET(m, minor, r->minor);
	SET(m, inode, r->inode);
	SET(m, size, r->size);
	SET(m, ctime_s, r->ctime_s);
	SET(m, links, r->nlink);
	SET(m, mode, r->mode);
	SET(m, file_system, r->magic);
	SET(m, exe, r->exe);
	SET(m, mount_namespace, r->mntns);
	m->ancestors = s->ancestors_p;
	for (; m->n_ancestors < r->ancestors_n; m->n_ancestors++) {
		Icecore__V1__Ancestor *a = &s->ancestors[m->n_ancestors];
		const struct recorder_ancestor *from =
			&r->ancestors[m->n_ancestors];

		icecore__v1__ancestor__init(a);
		SET(a, pid, from->pid);
		SET_TEXT(a, comm, from->comm, sizeof(from->comm));
		s->ancestors_p[m->n_ancestors] = a;
	}
	s->m.what_case = ICECORE__V1__EVENT__WHAT_EXEC;
	s->m.exec = m;
	return 0;
}

static void set_process(struct slot *s, uint32_t pid, uint64_t start)
{
	Icecore__V1__EventProcess *m = &s->u.process;

	icecore__v1__event_process__init(m);
	SET(m, pid, pid);
	SET(m, start_boot_ns, start);
	s->m.what_case = ICECORE__V1__EVENT__WHAT_PROCESS;
	s->m.process = m;
}

static int put_fork(struct slot *s, const void *record, size_t len)
{
	const struct recorder_fork *r = record;

	(void)len;
	set_process(s, r->child_pid, r->child_start_boot_ns);
	return 0;
}

static int put_exit(struct slot *s, const void *record, size_t len)
{
	const struct recorder_exit *r = record;

	(void)len;
	SET(&s->m, number, r->code);
	return 0;
}

static int put_target(struct slot *s, const void *record, size_t len)
{
	const struct recorder_target *r = record;

	(void)len;
	set_process(s, r->pid, r->start_boot_ns);
	SET_TEXT(&s->u.process, comm, r->comm, sizeof(r->comm));
	SET(&s->m, number, r->number);
	return 0;
}

static int put_memory(struct slot *s, const void *record, size_t len)
{
	const struct recorder_memory *r = record;
	Icecore__V1__EventMemory *m = &s->u.memory;

	(void)len;
	icecore__v1__event_memory__init(m);
	SET_TEXT(m, name, r->name, sizeof(r->name));
	SET(m, start, r->start);
	SET(m, end, r->end);
	SET(m, protection, r->protection);
	SET(m, flags, r->flags);
	SET(m, inode, r->inode);
	m->has_inode = r->inode != 0;
	s->m.what_case = ICECORE__V1__EVENT__WHAT_MEMORY;
	s->m.memory = m;
	return 0;
}

static int put_code(struct slot *s, const void *record, size_t len)
{
	const struct recorder_code *r = record;
	Icecore__V1__EventCode *m = &s->u.code;

	(void)len;
	icecore__v1__event_code__init(m);
	SET_TEXT(m, name, r->name, sizeof(r->name));
	SET(m, type, r->type);
	SET(m, id, r->id);
	m->has_id = r->id != 0;
	SET(m, instructions, r->instructions);
	SET(m, taints, r->taints);
	s->m.what_case = ICECORE__V1__EVENT__WHAT_CODE;
	s->m.code = m;
	return 0;
}

static int put_creds(struct slot *s, const void *record, size_t len)
{
	const struct recorder_creds *r = record;
	Icecore__V1__EventCreds *m = &s->u.creds;

	(void)len;
	icecore__v1__event_creds__init(m);
	SET(m, uid, r->uid);
	SET(m, euid, r->euid);
	SET(m, gid_before, r->gid_before);
	SET(m, gid, r->gid);
	SET(m, egid_before, r->egid_before);
	SET(m, egid, r->egid);
	SET(m, caps_before, r->caps_before);
	SET(m, caps, r->caps);
	SET(m, user_namespace_before, r->userns_before);
	SET(m, user_namespace, r->userns);
	s->m.what_case = ICECORE__V1__EVENT__WHAT_CREDS;
	s->m.creds = m;
	return 0;
}

/* "c\0b\0a\0" is "/a/b/c". */
static void join(struct slot *s, const char *parts, size_t len)
{
	char *out = s->path + sizeof(s->path) - 1;

	*out = 0;
	while (len) {
		size_t n = strnlen(parts, len);

		out -= n;
		memcpy(out, parts, n);
		*--out = '/';
		n += n < len ? 1 : 0;
		parts += n;
		len -= n;
	}
	if (!*out)
		*--out = '/';
	memmove(s->path, out, strlen(out) + 1);
}

static int put_path(struct slot *s, const void *record, size_t len)
{
	const struct recorder_path *r = record;
	Icecore__V1__EventPath *m = &s->u.path;

	(void)len;
	if (r->path_bytes > sizeof(r->path))
		return -EBADMSG;
	icecore__v1__event_path__init(m);
	join(s, r->path, r->path_bytes);
	SET_TEXT(m, path, s->path, sizeof(s->path));
	SET(m, path_cut, 1);
	m->has_path_cut =
		r->parts == RECORDER_PATH_PARTS ||
		r->path_bytes > sizeof(r->path) - RECORDER_PATH_PART_BYTES;
	SET(m, major, r->major);
	SET(m, minor, r->minor);
	SET(m, inode, r->inode);
	SET(m, flags, r->flags);
	SET_TEXT(m, type, r->type, sizeof(r->type));
	SET_TEXT(m, source, r->source, sizeof(r->source));
	s->m.what_case = ICECORE__V1__EVENT__WHAT_PATH;
	s->m.path = m;
	return 0;
}

static int put_net(struct slot *s, const void *record, size_t len)
{
	const struct recorder_net *r = record;
	Icecore__V1__EventNet *m = &s->u.net;

	(void)len;
	icecore__v1__event_net__init(m);
	if (r->family != AF_INET && r->family != AF_INET6)
		return -EBADMSG;
	if (inet_ntop(r->family, r->local, s->local, sizeof(s->local)))
		m->local = s->local;
	if (inet_ntop(r->family, r->remote, s->remote, sizeof(s->remote)))
		m->remote = s->remote;
	SET(m, local_port, r->local_port);
	SET(m, remote_port, r->remote_port);
	SET(m, socket, r->socket);
	SET(m, netns, r->netns);
	SET(m, sent_bytes, r->sent_bytes);
	SET(m, received_bytes, r->received_bytes);
	SET(m, open_ns, r->open_ns);
	m->has_open_ns = r->open_ns != 0;
	s->m.what_case = ICECORE__V1__EVENT__WHAT_NET;
	s->m.net = m;
	return 0;
}

static int put_dns(struct slot *s, const void *record, size_t len)
{
	const struct recorder_dns *r = record;
	int done = put_net(s, record, len);

	if (done < 0 || r->net.message_bytes > sizeof(r->message))
		return -EBADMSG;
	if (dns_question(&s->question, r->message, r->net.message_bytes) == 0) {
		s->u.net.question = s->question.name;
		SET(&s->u.net, question_type, s->question.type);
	}
	return 0;
}

static void put_namespaces(Icecore__V1__Namespaces *m, const uint32_t *v)
{
	icecore__v1__namespaces__init(m);
	SET(m, mnt, v[RECORDER_NS_MNT]);
	SET(m, pid, v[RECORDER_NS_PID]);
	SET(m, net, v[RECORDER_NS_NET]);
	SET(m, uts, v[RECORDER_NS_UTS]);
	SET(m, ipc, v[RECORDER_NS_IPC]);
	SET(m, cgroup, v[RECORDER_NS_CGROUP]);
}

static int put_namespace(struct slot *s, const void *record, size_t len)
{
	const struct recorder_namespace *r = record;
	Icecore__V1__EventNamespaces *m = &s->u.namespaces;

	(void)len;
	icecore__v1__event_namespaces__init(m);
	put_namespaces(&s->before, r->before);
	put_namespaces(&s->after, r->after);
	m->before = &s->before;
	m->after = &s->after;
	s->m.what_case = ICECORE__V1__EVENT__WHAT_NAMESPACES;
	s->m.namespaces = m;
	return 0;
}

static const struct {
	size_t bytes; /* at least */
	int (*put)(struct slot *s, const void *record, size_t len);
} kinds[RECORDER_KINDS] = {
	[RECORDER_EXEC] = { offsetof(struct recorder_exec, text), put_exec },
	[RECORDER_FORK] = { sizeof(struct recorder_fork), put_fork },
	[RECORDER_EXIT] = { sizeof(struct recorder_exit), put_exit },
	[RECORDER_MEMFD] = { sizeof(struct recorder_memory), put_memory },
	[RECORDER_MPROTECT] = { sizeof(struct recorder_memory), put_memory },
	[RECORDER_MMAP] = { sizeof(struct recorder_memory), put_memory },
	[RECORDER_PTRACE] = { sizeof(struct recorder_target), put_target },
	[RECORDER_MODULE] = { sizeof(struct recorder_code), put_code },
	[RECORDER_BPF_LOAD] = { sizeof(struct recorder_code), put_code },
	[RECORDER_BPF_ATTACH] = { sizeof(struct recorder_code), put_code },
	[RECORDER_CREDS] = { sizeof(struct recorder_creds), put_creds },
	[RECORDER_UNLINK] = { sizeof(struct recorder_path), put_path },
	[RECORDER_TCP_CONNECT] = { sizeof(struct recorder_net), put_net },
	[RECORDER_TCP_ACCEPT] = { sizeof(struct recorder_net), put_net },
	[RECORDER_TCP_CLOSE] = { sizeof(struct recorder_net), put_net },
	[RECORDER_UDP_FLOW] = { sizeof(struct recorder_net), put_net },
	[RECORDER_DNS] = { sizeof(struct recorder_dns), put_dns },
	[RECORDER_MOUNT] = { sizeof(struct recorder_path), put_path },
	[RECORDER_NAMESPACE] = { sizeof(struct recorder_namespace),
		put_namespace },
	[RECORDER_KILL] = { sizeof(struct recorder_target), put_target },
};

static void put_container(struct event_batch *b, struct slot *s, uint64_t id)
{
	Icecore__V1__Container *c = &s->container_m;

	if (!b->recorder)
		return;
	recorder_cgroup(b->recorder, s->cgroup, id);
	SET_TEXT(&s->m, cgroup, s->cgroup, sizeof(s->cgroup));
	container_find(&s->container, s->cgroup, strlen(s->cgroup));
	if (!s->container.id[0])
		return;
	icecore__v1__container__init(c);
	c->id = s->container.id;
	c->runtime = s->container.runtime[0] ? s->container.runtime : NULL;
	c->pod_uid = s->container.pod_uid[0] ? s->container.pod_uid : NULL;
	s->m.container = c;
}

static int put_event(struct event_batch *b, struct slot *s, const void *record,
	const struct recorder_head *h)
{
	icecore__v1__event__init(&s->m);
	if (h->kind >= RECORDER_KINDS || !kinds[h->kind].put ||
		h->bytes < kinds[h->kind].bytes)
		return -EBADMSG;
	SET(&s->m, boot_ns, h->boot_ns);
	SET(&s->m, kind, (Icecore__V1__EventKind)h->kind);
	SET(&s->m, pid, h->pid);
	SET(&s->m, tid, h->tid);
	SET(&s->m, ppid, h->ppid);
	SET(&s->m, start_boot_ns, h->start_boot_ns);
	/* Of an accepted or closed socket nobody may know whose it was. */
	if (h->pid) {
		SET(&s->m, uid, h->uid);
		SET(&s->m, euid, h->euid);
	}
	SET(&s->m, cgroup_id, h->cgroup_id);
	SET_TEXT(&s->m, comm,
		(const char *)record + offsetof(struct recorder_head, comm),
		RECORDER_COMM_BYTES);
	put_container(b, s, h->cgroup_id);
	return kinds[h->kind].put(s, record, h->bytes);
}

size_t event_batch_fill(struct event_batch *b, const uint8_t *bytes, size_t len)
{
	size_t at = 0;

	b->m.n_events = 0;
	while (b->m.n_events < EVENT_BATCH &&
		len - at >= sizeof(struct recorder_head)) {
		struct slot *s = &b->slots[b->m.n_events];
		struct recorder_head h;
		size_t whole;

		memcpy(&h, bytes + at, sizeof(h));
		whole = ((size_t)h.bytes + 7) & ~(size_t)7;
		if (h.bytes < sizeof(h) || whole > len - at)
			break;
		if (put_event(b, s, bytes + at, &h) == 0)
			b->events[b->m.n_events++] = &s->m;
		at += whole;
	}
	return at;
}
