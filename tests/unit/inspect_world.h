/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks in a made-up kernel: init_task (0), a process "good" with a thread, a
 * process "evil" that no list has, and one that ended; all in one slab.
 */
#ifndef UNIT_INSPECT_WORLD_H
#define UNIT_INSPECT_WORLD_H

#include <string.h>

#include "inspect/snapshot.h"
#include "inspect/task.h"
#include "unit/fake_image.h"
#include "unit/unit.h"

/* Where what lies, physically. */
enum {
	W_SLAB = 0x4000, /* one page: page 4 of the table */
	W_INIT = 0x8000,
	W_SIGNAL = 0x9000, /* of each task one of 0x40 bytes */
	W_CRED = 0x9800,
	W_STACK = 0x9900,
	W_PIDS = 0xa000, /* init_pid_ns, a node, two struct pid */
	W_CSS = 0xb000, /* the table, a css_set */
	W_CPU = 0xb800, /* nr_cpu_ids, offsets, a queue */
	W_CACHE = 0xc000, /* the pointer, the cache */
	W_PAGES = 0xe000, /* vmemmap: a page of 64 entries */
	W_BASES = 0xc800,
};

#define VA(paddr) (FAKE_IMAGE_BASE + (paddr))

struct world {
	struct fake_image image;
	uint8_t data[FAKE_IMAGE_BYTES];
	uint64_t good, thread, evil, ended; /* physical */
	uint32_t tasks, children, sibling, links, thread_node, cg;
};

static void put_member(struct world *w, uint64_t at, const char *type,
	const char *path, uint64_t v)
{
	fake_image_put(&w->image, at + fake_image_at(&w->image, type, path), v);
}

/* An empty list of its own. */
static void put_list(struct world *w, uint64_t at)
{
	fake_image_put(&w->image, at, VA(at));
	fake_image_put(&w->image, at + 8, VA(at));
}

/* ${link} behind ${head}. */
static void add_list(struct world *w, uint64_t head, uint64_t link)
{
	uint64_t next;

	memcpy(&next, w->data + head, 8);
	fake_image_put(&w->image, link, next);
	fake_image_put(&w->image, link + 8, VA(head));
	fake_image_put(&w->image, next - FAKE_IMAGE_BASE + 8, VA(link));
	fake_image_put(&w->image, head, VA(link));
}

static void put_task(struct world *w, uint64_t at, const char *comm,
	uint32_t pid, uint32_t tid, unsigned number)
{
	const uint64_t signal = W_SIGNAL + 0x40 * (pid ? (uint64_t)pid % 8 : 0);
	const struct {
		const char *path;
		uint64_t v;
	} members[] = { { "stack", VA(W_STACK) }, { "usage", 2 },
		{ "thread_pid", VA(W_PIDS + 0x800) }, { "pid", tid },
		{ "tgid", pid }, { "real_parent", VA(W_INIT) },
		{ "start_boottime", 1000000000ULL * number },
		{ "real_cred", VA(W_CRED) }, { "signal", VA(signal) },
		{ "sighand", VA(W_CRED) } };

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		put_member(w, at, "task_struct", members[i].path, members[i].v);
	memcpy(w->data + at + fake_image_at(&w->image, "task_struct", "comm"),
		comm, strlen(comm));
	put_list(w, at + w->tasks);
	put_list(w, at + w->children);
	put_list(w, at + w->sibling);
	put_list(w, at + w->cg);
	if (pid == tid) {
		put_list(w, signal + 8);
		put_member(w, at, "task_struct", "group_leader", VA(at));
	}
	add_list(w, signal + 8, at + w->thread_node);
}

/* A task whose id is in the table; ${slot} of it. */
static void put_id(struct world *w, uint64_t task, unsigned slot)
{
	uint64_t pid = W_PIDS + 0x800 + 0x40 * (uint64_t)slot;

	put_member(w, pid, "pid", "tasks", VA(task + w->links));
	fake_image_put(&w->image,
		W_PIDS + 0x200 + FAKE_NODE_SLOTS + 8 * (uint64_t)slot, VA(pid));
}

static void put_tables(struct world *w)
{
	struct fake_image *f = &w->image;
	const uint64_t set = W_CSS + 0x100;

	put_member(w, W_PIDS, "pid_namespace", "idr.idr_rt.xa_head",
		VA(W_PIDS + 0x200) + 2);
	fake_image_symbol(f, "init_pid_ns", VA(W_PIDS), 0);
	fake_image_put(f, W_CSS + 8, VA(set));
	put_list(w, set + fake_image_at(f, "css_set", "tasks"));
	put_list(w, set + fake_image_at(f, "css_set", "mg_tasks"));
	fake_image_symbol(f, "css_set_table", VA(W_CSS), VA(W_CSS + 16));
	fake_image_put32(f, W_CPU, 1);
	fake_image_put(f, W_CPU + 8, 0x10);
	fake_image_symbol(f, "nr_cpu_ids", VA(W_CPU), 0);
	fake_image_symbol(f, "__per_cpu_offset", VA(W_CPU + 8), 0);
	fake_image_symbol(f, "runqueues", VA(W_CPU + 0x90), 0);
	fake_image_put(f, W_CPU + 0xa0, VA(w->good));
	fake_image_put(f, W_CACHE, VA(W_CACHE + 0x40));
	put_member(w, W_CACHE + 0x40, "kmem_cache", "size", FAKE_TASK_BYTES);
	put_member(w, W_CACHE + 0x40, "kmem_cache", "oo", 4);
	fake_image_symbol(f, "task_struct_cachep", VA(W_CACHE), 0);
	fake_image_put(f, W_BASES, VA(W_PAGES));
	fake_image_put(f, W_BASES + 8, FAKE_IMAGE_BASE);
	fake_image_symbol(f, "vmemmap_base", VA(W_BASES), 0);
	fake_image_symbol(f, "page_offset_base", VA(W_BASES + 8), 0);
	put_member(w, W_PAGES + W_SLAB / 4096 * FAKE_PAGE_ENTRY, "slab",
		"slab_cache", VA(W_CACHE + 0x40));
	fake_image_put32(f, W_STACK, 0x57ac6e9d);
}

static void world_init(struct world *w)
{
	struct fake_image *f = &w->image;
	const uint64_t set = W_CSS + 0x100;
	struct err e = { 0 };
	uint32_t cg_tasks;

	memset(w, 0, sizeof(*w));
	assert_ok(fake_image_init(f, w->data, sizeof(w->data), &e), &e);
	w->tasks = fake_image_at(f, "task_struct", "tasks");
	w->children = fake_image_at(f, "task_struct", "children");
	w->sibling = fake_image_at(f, "task_struct", "sibling");
	w->links = fake_image_at(f, "task_struct", "pid_links");
	w->thread_node = fake_image_at(f, "task_struct", "thread_node");
	w->cg = fake_image_at(f, "task_struct", "cg_list");
	cg_tasks = fake_image_at(f, "css_set", "tasks");
	w->good = W_SLAB;
	w->thread = W_SLAB + FAKE_TASK_BYTES;
	w->evil = W_SLAB + 2 * FAKE_TASK_BYTES;
	w->ended = W_SLAB + 3 * FAKE_TASK_BYTES;
	put_tables(w);
	put_task(w, W_INIT, "swapper", 0, 0, 0);
	put_task(w, w->good, "good", 1, 1, 1);
	put_task(w, w->thread, "thread", 1, 2, 2);
	put_task(w, w->evil, "evil", 3, 3, 3);
	put_task(w, w->ended, "ended", 4, 4, 4);
	put_member(w, w->ended, "task_struct", "stack", 0);
	fake_image_symbol(f, "init_task", VA(W_INIT), 0);
	add_list(w, W_INIT + w->tasks, w->good + w->tasks);
	add_list(w, W_INIT + w->children, w->good + w->sibling);
	put_id(w, w->good, 1);
	put_id(w, w->thread, 2);
	add_list(w, set + cg_tasks, w->good + w->cg);
	add_list(w, set + cg_tasks, w->thread + w->cg);
}

__attribute__((unused)) static void world_done(struct world *w)
{
	fake_image_done(&w->image);
}

#endif
