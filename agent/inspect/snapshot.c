// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "inspect/snapshot_internal.h"
#include "lab/records.h"

struct loading {
	struct snapshot *s;
	uint64_t first_ns; /* CLOCK_MONOTONIC */
	uint64_t last_ns;
};

/* Room for one more: 1 = there is, 0 = no more are kept. */
static int grow(struct loading *l, void *v, size_t n, size_t max, size_t size,
	struct err *e)
{
	void **list = v;
	void *more;

	if (n >= max) {
		l->s->lost++;
		return 0;
	}
	if (n && (n & (n - 1)))
		return 1;
	more = reallocarray(*list, n ? 2 * n : 1, size);
	if (!more)
		return err_set(e, -ENOMEM, "no memory for the live picture");
	*list = more;
	return 1;
}

static void set_text(char *ret, size_t cap, const ProtobufCBinaryData *b)
{
	size_t len = b->len < cap - 1 ? b->len : cap - 1;

	memset(ret, 0, cap);
	if (len)
		memcpy(ret, b->data, len);
}

static void see_view(struct loading *l, const Icecore__V1__LiveView *v)
{
	struct snapshot *s = l->s;

	if (v->has_own_pid)
		s->own_pid = v->own_pid;
	s->boot_minus_monotonic_ns =
		(int64_t)(v->clock_boottime_ns - v->clock_monotonic_ns);
	for (size_t i = 0; i < v->n_witnesses; i++) {
		const Icecore__V1__WitnessTried *w = v->witnesses[i];

		if (!w->worked || !w->first_ns)
			continue;
		if (!l->first_ns || w->first_ns < l->first_ns)
			l->first_ns = w->first_ns;
		if (w->last_ns > l->last_ns)
			l->last_ns = w->last_ns;
	}
}

static int see_process(
	struct loading *l, const Icecore__V1__Process *p, struct err *e)
{
	struct snapshot *s = l->s;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < p->n_threads; i++) {
		const Icecore__V1__Thread *t = p->threads[i];

		r = grow(l, &s->tasks, s->tasks_n, SNAPSHOT_ENTRIES_MAX,
			sizeof(*s->tasks), e);
		if (r <= 0)
			continue;
		s->tasks[s->tasks_n] = (struct snapshot_task){
			.tid = t->tid,
			.pid = p->pid,
			.start_boot_ns = t->start_boot_ns,
		};
		set_text(s->tasks[s->tasks_n++].comm, SNAPSHOT_COMM_CHARS,
			&t->comm);
	}
	return r < 0 ? r : 0;
}

static int see_module(
	struct loading *l, const Icecore__V1__KernelModule *m, struct err *e)
{
	struct snapshot *s = l->s;
	int r = grow(l, &s->modules, s->modules_n, SNAPSHOT_MODULES_MAX,
		sizeof(*s->modules), e);

	if (r <= 0)
		return r;
	s->modules[s->modules_n].at = m->has_address ? m->address : 0;
	set_text(s->modules[s->modules_n++].name, SNAPSHOT_NAME_CHARS, &m->name);
	return 0;
}

static int see_hook(
	struct loading *l, const Icecore__V1__KernelHook *h, struct err *e)
{
	struct snapshot *s = l->s;
	int r = grow(l, &s->hooks, s->hooks_n, SNAPSHOT_HOOKS_MAX,
		sizeof(*s->hooks), e);
	struct snapshot_hook *v;

	if (r <= 0)
		return r;
	v = &s->hooks[s->hooks_n++];
	*v = (struct snapshot_hook){
		.at = h->at, .target = h->target, .region = h->region
	};
	(void)snprintf(
		v->place, sizeof(v->place), "%s", h->place ? h->place : "");
	return 0;
}

static int see_object(
	struct loading *l, const Icecore__V1__BpfObject *o, struct err *e)
{
	struct snapshot *s = l->s;
	int r;

	if (!(o->seen_by & ICECORE__V1__BPF_OBJECT_VIEW__BPF_OBJECT_VIEW_SYSCALL))
		return 0;
	r = grow(l, &s->objects, s->objects_n, SNAPSHOT_OBJECTS_MAX,
		sizeof(*s->objects), e);
	if (r > 0)
		s->objects[s->objects_n++] =
			(struct snapshot_object){ o->kind, o->id };
	return r < 0 ? r : 0;
}

static int see_sockets(
	struct loading *l, const Icecore__V1__Sockets *m, struct err *e)
{
	struct snapshot *s = l->s;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->n_sockets; i++) {
		const Icecore__V1__Socket *k = m->sockets[i];

		r = grow(l, &s->sockets, s->sockets_n, SNAPSHOT_ENTRIES_MAX,
			sizeof(*s->sockets), e);
		if (r <= 0)
			continue;
		s->sockets[s->sockets_n++] = (struct snapshot_socket){
			.inode = k->inode,
			.netns = m->netns,
			.family = k->family,
			.type = k->type,
			.local_port = (uint16_t)k->local_port,
			.remote_port = (uint16_t)k->remote_port,
			.own = k->has_own && k->own,
		};
	}
	return r < 0 ? r : 0;
}

static int see_maps(
	struct loading *l, const Icecore__V1__ProcessMaps *m, struct err *e)
{
	struct snapshot *s = l->s;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->n_mappings; i++) {
		const Icecore__V1__Mapping *k = m->mappings[i];

		if (!k->protection || !strchr(k->protection, 'x'))
			continue;
		r = grow(l, &s->mappings, s->mappings_n, SNAPSHOT_ENTRIES_MAX,
			sizeof(*s->mappings), e);
		if (r > 0)
			s->mappings[s->mappings_n++] =
				(struct snapshot_mapping){ m->pid, k->start,
					k->end };
	}
	return r < 0 ? r : 0;
}

static int see(void *arg, const struct reader_segment *segment,
	const Icecore__V1__Record *m, struct err *e)
{
	(void)segment;
	switch (m->body_case) {
	case ICECORE__V1__RECORD__BODY_LIVE_VIEW:
		see_view(arg, m->live_view);
		return 0;
	case ICECORE__V1__RECORD__BODY_PROCESS:
		return see_process(arg, m->process, e);
	case ICECORE__V1__RECORD__BODY_KERNEL_MODULE:
		return see_module(arg, m->kernel_module, e);
	case ICECORE__V1__RECORD__BODY_KERNEL_HOOK:
		return see_hook(arg, m->kernel_hook, e);
	case ICECORE__V1__RECORD__BODY_BPF_OBJECT:
		return see_object(arg, m->bpf_object, e);
	case ICECORE__V1__RECORD__BODY_SOCKETS:
		return see_sockets(arg, m->sockets, e);
	case ICECORE__V1__RECORD__BODY_PROCESS_MAPS:
		return see_maps(arg, m->process_maps, e);
	default:
		return 0;
	}
}

static void sort(
	void *v, size_t n, size_t size, int (*by)(const void *, const void *))
{
	if (n)
		qsort(v, n, size, by);
}

static int list_netns(struct snapshot *s, struct err *e)
{
	s->netns = calloc(s->sockets_n + 1, sizeof(*s->netns));
	if (!s->netns)
		return err_set(e, -ENOMEM, "no memory for namespaces");
	for (size_t i = 0; i < s->sockets_n; i++)
		s->netns[i] = s->sockets[i].netns;
	sort(s->netns, s->sockets_n, sizeof(*s->netns), snapshot_by_number);
	return 0;
}

int snapshot_load(struct snapshot *s, struct reader *r,
	const struct lab_keys *keys, struct err *e)
{
	struct loading l = { .s = s };
	const struct records_pass pass = {
		.kinds = RECORDS_KIND(LIVE_VIEW) | RECORDS_KIND(PROCESS) |
			 RECORDS_KIND(KERNEL_MODULE) |
			 RECORDS_KIND(KERNEL_HOOK) | RECORDS_KIND(BPF_OBJECT) |
			 RECORDS_KIND(SOCKETS) | RECORDS_KIND(PROCESS_MAPS),
		.keys = keys,
		.see = see,
		.arg = &l,
	};
	int rc;

	*s = (struct snapshot){ 0 };
	rc = records_each(r, &pass, e);
	if (rc == 0)
		rc = list_netns(s, e);
	if (rc < 0) {
		snapshot_done(s);
		return rc;
	}
	if (l.first_ns) {
		s->first_boot_ns =
			l.first_ns + (uint64_t)s->boot_minus_monotonic_ns;
		s->last_boot_ns =
			l.last_ns + (uint64_t)s->boot_minus_monotonic_ns;
	}
	for (size_t i = 0; i < s->tasks_n; i++)
		s->tasks[i].own = s->own_pid && s->tasks[i].pid == s->own_pid;
	sort(s->tasks, s->tasks_n, sizeof(*s->tasks), snapshot_by_tid);
	sort(s->hooks, s->hooks_n, sizeof(*s->hooks), snapshot_by_at);
	sort(s->sockets, s->sockets_n, sizeof(*s->sockets), snapshot_by_inode);
	sort(s->mappings, s->mappings_n, sizeof(*s->mappings), snapshot_by_pid);
	return 0;
}

void snapshot_done(struct snapshot *s)
{
	free(s->tasks);
	free(s->modules);
	free(s->hooks);
	free(s->objects);
	free(s->sockets);
	free(s->netns);
	free(s->mappings);
	*s = (struct snapshot){ 0 };
}
