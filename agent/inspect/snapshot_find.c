// SPDX-License-Identifier: Apache-2.0
/* Looking into the live picture: each list has an order. */
#include <string.h>

#include "inspect/snapshot_internal.h"

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int snapshot_by_tid(const void *a, const void *b)
{
	const struct snapshot_task *x = a, *y = b;

	return x->tid == y->tid ? compare(x->start_boot_ns, y->start_boot_ns)
				: compare(x->tid, y->tid);
}

int snapshot_by_at(const void *a, const void *b)
{
	return compare(((const struct snapshot_hook *)a)->at,
		((const struct snapshot_hook *)b)->at);
}

int snapshot_by_inode(const void *a, const void *b)
{
	return compare(((const struct snapshot_socket *)a)->inode,
		((const struct snapshot_socket *)b)->inode);
}

int snapshot_by_pid(const void *a, const void *b)
{
	const struct snapshot_mapping *x = a, *y = b;

	return x->pid == y->pid ? compare(x->start, y->start)
				: compare(x->pid, y->pid);
}

int snapshot_by_number(const void *a, const void *b)
{
	return compare(*(const uint32_t *)a, *(const uint32_t *)b);
}

/* The first that is not before ${key}. */
static size_t find_task(const struct snapshot *s, const struct snapshot_task *key)
{
	size_t low = 0, high = s->tasks_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (snapshot_by_tid(&s->tasks[mid], key) < 0)
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
				     sizeof(*s->hooks), snapshot_by_at)
			   : NULL;

	/* One structure may be told at more than one place. */
	while (h && h > s->hooks && h[-1].at == at)
		h--;
	for (; h && h < s->hooks + s->hooks_n && h->at == at; h++)
		if (h->target == target)
			return h;
	return NULL;
}

const struct snapshot_object *snapshot_object(
	const struct snapshot *s, unsigned kind, uint32_t id)
{
	for (size_t i = 0; i < s->objects_n; i++)
		if (s->objects[i].kind == kind && s->objects[i].id == id)
			return &s->objects[i];
	return NULL;
}

const struct snapshot_socket *snapshot_inode(
	const struct snapshot *s, uint64_t inode)
{
	const struct snapshot_socket key = { .inode = inode };

	return s->sockets_n ? bsearch(&key, s->sockets, s->sockets_n,
				      sizeof(*s->sockets), snapshot_by_inode)
			    : NULL;
}

const struct snapshot_socket *snapshot_inode_after(
	const struct snapshot *s, uint64_t inode)
{
	size_t low = 0, high = s->sockets_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->sockets[mid].inode <= inode)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->sockets_n ? &s->sockets[low] : NULL;
}

bool snapshot_has_netns(const struct snapshot *s, uint32_t netns)
{
	return s->sockets_n && bsearch(&netns, s->netns, s->sockets_n,
				       sizeof(*s->netns), snapshot_by_number);
}

/* The first of the process that begins behind it. */
static size_t find_mapping(const struct snapshot *s, uint32_t pid, uint64_t at)
{
	const struct snapshot_mapping key = { .pid = pid, .start = at };
	size_t low = 0, high = s->mappings_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (snapshot_by_pid(&s->mappings[mid], &key) <= 0)
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
