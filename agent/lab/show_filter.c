// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "lab/show_filter.h"

void show_filter_init(struct show_filter *f)
{
	*f = (struct show_filter){ .pid = UINT64_MAX, .netns = UINT64_MAX };
}

void show_filter_done(struct show_filter *f)
{
	free(f->pids);
	f->pids = NULL;
}

static bool is_pod(const Icecore__V1__Container *c, const char *pod)
{
	const char *slash = strchr(pod, '/');

	if (!slash)
		return c->pod_uid && strcmp(c->pod_uid, pod) == 0;
	return c->pod_name && c->pod_namespace &&
	       strcmp(c->pod_name, slash + 1) == 0 &&
	       strncmp(c->pod_namespace, pod, (size_t)(slash - pod)) == 0 &&
	       !c->pod_namespace[slash - pod];
}

static bool is_meant(const struct show_filter *f, const Icecore__V1__Container *c)
{
	if (f->container && (!c->id || strncmp(c->id, f->container,
					       strlen(f->container)) != 0))
		return false;
	return !f->pod || is_pod(c, f->pod);
}

int show_filter_see(
	struct show_filter *f, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__Process *p = m->process;

	if (m->body_case != ICECORE__V1__RECORD__BODY_PROCESS ||
		(!f->container && !f->pod) || p->continued || p->pid >= SHOW_PIDS)
		return 0;
	if (!f->pids)
		f->pids = calloc(1, SHOW_PIDS / 8);
	if (!f->pids)
		return err_set(e, -ENOMEM, "no memory for a filter");
	if (p->container && is_meant(f, p->container))
		f->pids[p->pid / 8] |= (uint8_t)(1u << p->pid % 8);
	return 0;
}

static bool is_in_set(const struct show_filter *f, uint32_t pid)
{
	return f->pids && pid < SHOW_PIDS && f->pids[pid / 8] >> pid % 8 & 1;
}

static bool pid_passes(const struct show_filter *f, uint32_t pid)
{
	return (f->pid == UINT64_MAX || f->pid == pid) &&
	       ((!f->container && !f->pod) || is_in_set(f, pid));
}

/* The messages in the repeated field ${name} of ${m}. */
static size_t repeated(const ProtobufCMessage *const **ret,
	const ProtobufCMessage *m, const char *name)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(
			m->descriptor, name);

	if (!f || f->label != PROTOBUF_C_LABEL_REPEATED ||
		f->type != PROTOBUF_C_TYPE_MESSAGE)
		return 0;
	*ret = *(const ProtobufCMessage *const *const *)show_member(m, f->offset);
	return *(const size_t *)show_member(m, f->quantifier_offset);
}

/* Events come before the processes, and say themselves what they are of. */
static bool event_passes(const struct show_filter *f, const Icecore__V1__Event *ev)
{
	if (f->pid != UINT64_MAX && f->pid != ev->pid)
		return false;
	return (!f->container && !f->pod) ||
	       (ev->container && is_meant(f, ev->container));
}

/* The pids that an item names: its own, its record's, its owners', or those
 * of the records that a finding rests upon. */
static bool any_pid_passes(const struct show_filter *f,
	const ProtobufCMessage *body, const ProtobufCMessage *item)
{
	static const char *const lists[] = { "owners", "evidence", "uses" };
	uint32_t pid;

	if (item->descriptor == &icecore__v1__event__descriptor)
		return event_passes(f, (const Icecore__V1__Event *)item);
	if (show_u32(&pid, item, "pid") || show_u32(&pid, body, "pid"))
		return pid_passes(f, pid);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const ProtobufCMessage *const *v;
		size_t n = repeated(&v, item, lists[i]);

		for (size_t k = 0; k < n; k++)
			if (show_u32(&pid, v[k], "pid") && pid_passes(f, pid))
				return true;
	}
	return false;
}

static bool netns_passes(const struct show_filter *f,
	const ProtobufCMessage *body, const ProtobufCMessage *item)
{
	const Icecore__V1__Process *p = (const Icecore__V1__Process *)body;
	const Icecore__V1__Thread *t = (const Icecore__V1__Thread *)item;
	uint32_t netns;

	if (show_u32(&netns, item, "netns") || show_u32(&netns, body, "netns"))
		return netns == f->netns;
	if (item->descriptor == &icecore__v1__thread__descriptor)
		return t->namespaces && t->namespaces->net == f->netns;
	if (body->descriptor != &icecore__v1__process__descriptor)
		return false;
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i]->namespaces &&
			p->threads[i]->namespaces->net == f->netns)
			return true;
	return false;
}

bool show_filter_passes(const struct show_filter *f,
	const ProtobufCMessage *body, const ProtobufCMessage *item)
{
	bool by_pid = f->pid != UINT64_MAX || f->container || f->pod;

	return (!by_pid || any_pid_passes(f, body, item)) &&
	       (f->netns == UINT64_MAX || netns_passes(f, body, item));
}
