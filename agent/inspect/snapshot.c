// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "inspect/snapshot.h"
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
	case ICECORE__V1__RECORD__BODY_SOCKETS:
		return see_sockets(arg, m->sockets, e);
	case ICECORE__V1__RECORD__BODY_PROCESS_MAPS:
		return see_maps(arg, m->process_maps, e);
	default:
		return 0;
	}
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_tid(const void *a, const void *b)
{
	const struct snapshot_task *x = a, *y = b;

	return x->tid == y->tid ? compare(x->start_boot_ns, y->start_boot_ns)
				: compare(x->tid, y->tid);
}

static int by_at(const void *a, const void *b)
{
	return compare(((const struct snapshot_hook *)a)->at,
		((const struct snapshot_hook *)b)->at);
}

static int by_inode(const void *a, const void *b)
{
	return compare(((const struct snapshot_socket *)a)->inode,
		((const struct snapshot_socket *)b)->inode);
}

static int by_pid(const void *a, const void *b)
{
	const struct snapshot_mapping *x = a, *y = b;

	return x->pid == y->pid ? compare(x->start, y->start)
				: compare(x->pid, y->pid);
}

static void sort(
	void *v, size_t n, size_t size, int (*by)(const void *, const void *))
{
	if (n)
		qsort(v, n, size, by);
}

static int by_number(const void *a, const void *b)
{
	return compare(*(const uint32_t *)a, *(const uint32_t *)b);
}

static int list_netns(struct snapshot *s, struct err *e)
{
	s->netns = calloc(s->sockets_n + 1, sizeof(*s->netns));
	if (!s->netns)
		return err_set(e, -ENOMEM, "no memory for namespaces");
	for (size_t i = 0; i < s->sockets_n; i++)
		s->netns[i] = s->sockets[i].netns;
	sort(s->netns, s->sockets_n, sizeof(*s->netns), by_number);
	return 0;
}

int snapshot_load(struct snapshot *s, struct reader *r,
	const struct lab_keys *keys, struct err *e)
{
	struct loading l = { .s = s };
	const struct records_pass pass = {
		.kinds = RECORDS_KIND(LIVE_VIEW) | RECORDS_KIND(PROCESS) |
			 RECORDS_KIND(KERNEL_MODULE) | RECORDS_KIND(KERNEL_HOOK) |
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
	sort(s->tasks, s->tasks_n, sizeof(*s->tasks), by_tid);
	sort(s->hooks, s->hooks_n, sizeof(*s->hooks), by_at);
	sort(s->sockets, s->sockets_n, sizeof(*s->sockets), by_inode);
	sort(s->mappings, s->mappings_n, sizeof(*s->mappings), by_pid);
	return 0;
}

void snapshot_done(struct snapshot *s)
{
	free(s->tasks);
	free(s->modules);
	free(s->hooks);
	free(s->sockets);
	free(s->netns);
	free(s->mappings);
	*s = (struct snapshot){ 0 };
}

/* The first that is not before ${key}. */
static size_t find_task(const struct snapshot *s, const struct snapshot_task *key)
{
	size_t low = 0, high = s->tasks_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_tid(&s->tasks[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool snapshot_has_pid(const struct snapshot *s, uint32_t pid)
{
	const struct snapshot_task key = { .tid = pid };
	size_t i = find_task(s, &key);

	return i < s->tasks_n && s->tasks[i].tid == pid;
}

struct snapshot_task *snapshot_task(
	const struct snapshot *s, uint32_t tid, uint64_t start_boot_ns)
{
	struct snapshot_task key = { .tid = tid };
	size_t low;

	key.start_boot_ns = start_boot_ns > SNAPSHOT_TICK_NS
				    ? start_boot_ns - SNAPSHOT_TICK_NS
				    : 0;
	low = find_task(s, &key);
	if (low == s->tasks_n || s->tasks[low].tid != tid ||
		s->tasks[low].start_boot_ns > start_boot_ns + SNAPSHOT_TICK_NS)
		return NULL;
	return &s->tasks[low];
}

const struct snapshot_module *snapshot_module(
	const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->modules_n; i++)
		if (strcmp(s->modules[i].name, name) == 0)
			return &s->modules[i];
	return NULL;
}

const struct snapshot_hook *snapshot_hook(
	const struct snapshot *s, uint64_t at, uint64_t target)
{
	const struct snapshot_hook key = { .at = at };
	const struct snapshot_hook *h =
		s->hooks_n ? bsearch(&key, s->hooks, s->hooks_n,
				     sizeof(*s->hooks), by_at)
			   : NULL;

	/* One structure may be told at more than one place. */
	while (h && h > s->hooks && h[-1].at == at)
		h--;
	for (; h && h < s->hooks + s->hooks_n && h->at == at; h++)
		if (h->target == target)
			return h;
	return NULL;
}

const struct snapshot_socket *snapshot_inode(
	const struct snapshot *s, uint64_t inode)
{
	const struct snapshot_socket key = { .inode = inode };

	return s->sockets_n ? bsearch(&key, s->sockets, s->sockets_n,
				      sizeof(*s->sockets), by_inode)
			    : NULL;
}

bool snapshot_has_netns(const struct snapshot *s, uint32_t netns)
{
	return s->sockets_n && bsearch(&netns, s->netns, s->sockets_n,
				       sizeof(*s->netns), by_number);
}

/* The first of the process that begins behind it. */
static size_t find_mapping(const struct snapshot *s, uint32_t pid, uint64_t at)
{
	const struct snapshot_mapping key = { .pid = pid, .start = at };
	size_t low = 0, high = s->mappings_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_pid(&s->mappings[mid], &key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct snapshot_mapping *snapshot_mapping(
	const struct snapshot *s, uint32_t pid, uint64_t at)
{
	size_t i = find_mapping(s, pid, at);

	if (!i || s->mappings[i - 1].pid != pid || s->mappings[i - 1].end <= at)
		return NULL;
	return &s->mappings[i - 1];
}

bool snapshot_has_mappings(const struct snapshot *s, uint32_t pid)
{
	size_t i = find_mapping(s, pid, UINT64_MAX);

	return i && s->mappings[i - 1].pid == pid;
}
