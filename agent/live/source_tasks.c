// SPDX-License-Identifier: Apache-2.0
/* Witnesses of tasks that no table of ids need tell: the kernel's list of
 * tasks, and the processors. */
#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "base/err.h"
#include "live/iterate.h"
#include "live/room.h"
#include "live/source_internal.h"
#include "tasks.skel.h"

enum {
	WINDOW_NS = 100000000, /* of the clocks, at least */
	PERIOD_NS = 1000000,
	NS_PER_MS = 1000000,
};

struct tasks_live {
	struct live_source base;
	struct tasks_bpf *skel;
	struct bpf_link **links; /* a clock of each processor, while they run */
	int links_n;
	const struct live_task *tasks;
	uint32_t room;
	uint64_t since_ns;
};

static size_t map_bytes(const struct tasks_live *b)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (b->room * sizeof(*b->tasks) + page - 1) / page * page;
}

/* Load no more than the one program that is wanted. */
static int load(struct tasks_live *b, int watch, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	b->room = live_room();
	b->skel = tasks_bpf__open_opts(&it.opts);
	r = -ENOMEM;
	if (b->skel)
		r = bpf_map__set_max_entries(b->skel->maps.tasks_array, b->room);
	if (r == 0)
		r = bpf_map__set_max_entries(
			b->skel->maps.tasks_known, watch ? b->room : 1);
	if (r == 0)
		r = bpf_program__set_autoload(
			b->skel->progs.tasks_iter_list, !watch);
	if (r == 0)
		r = bpf_program__set_autoload(
			b->skel->progs.tasks_iter_level, watch);
	if (r == 0)
		r = bpf_program__set_autoload(
			b->skel->progs.tasks_on_clock, watch);
	if (r == 0)
		r = tasks_bpf__load(b->skel);
	return r < 0 ? iterate_refusal(&it, r, e) : 0;
}

static int open_array(struct tasks_live *b, int watch, struct err *e)
{
	int r = load(b, watch, e);
	void *p;

	if (r < 0)
		return r;
	p = mmap(NULL, map_bytes(b), PROT_READ, MAP_SHARED,
		bpf_map__fd(b->skel->maps.tasks_array), 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the BPF array");
	b->tasks = p;
	return 0;
}

static int list_open(struct live_source *s, struct err *e)
{
	return open_array((struct tasks_live *)s, 0, e);
}

static void stop_clocks(struct tasks_live *b)
{
	while (b->links_n)
		(void)bpf_link__destroy(b->links[--b->links_n]);
	free(b->links);
	b->links = NULL;
}

static void tasks_close(struct live_source *s)
{
	struct tasks_live *b = (struct tasks_live *)s;

	stop_clocks(b);
	if (b->tasks)
		(void)munmap((void *)(uintptr_t)b->tasks, map_bytes(b));
	tasks_bpf__destroy(b->skel);
}

/* Those that are called something here, and that are wanted. */
static int take(struct tasks_live *b, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	uint64_t lost = into->lost;
	uint32_t n = b->skel->bss->tasks_n;
	int r = 0;

	if (n > b->room)
		n = b->room;
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		struct live_task t = b->tasks[i];

		if (!t.pid || !live_wants(&b->base.config, t.pid))
			continue;
		t.comm[sizeof(t.comm) - 1] = 0;
		if (!seen->tasks++)
			seen->first_ns = t.seen_ns;
		seen->last_ns = t.seen_ns;
		r = live_tasks_see(into, &t, e);
	}
	into->lost += b->skel->bss->tasks_lost;
	seen->lost = into->lost - lost;
	return r;
}

static int list_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	struct tasks_live *b = (struct tasks_live *)s;
	int r;

	b->skel->bss->tasks_n = 0;
	b->skel->bss->tasks_lost = 0;
	b->skel->bss->tasks_walked = 0;
	r = iterate_run(b->skel->progs.tasks_iter_list, e);
	if (r == 0 && b->skel->bss->tasks_broken)
		r = err_set(e, -ELOOP, "the kernel's list of tasks has no end");
	return r < 0 ? r : take(b, into, seen, e);
}

/* 0 when there is no such processor at the moment. */
static int start_clock(struct tasks_live *b, int cpu, struct err *e)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = PERIOD_NS };
	struct bpf_link *link;
	int fd = (int)syscall(
		SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == ENODEV)
		return 0;
	if (fd < 0)
		return err_sys(e, "a clock of processor %d", cpu);
	link = bpf_program__attach_perf_event(b->skel->progs.tasks_on_clock, fd);
	if (!link) {
		int r = err_sys(e, "watch processor %d", cpu);

		(void)close(fd);
		return r;
	}
	b->links[b->links_n++] = link;
	return 0;
}

static int start_clocks(struct tasks_live *b, struct err *e)
{
	int cpus = libbpf_num_possible_cpus(), r = 0;

	if (cpus < 0)
		return err_set(e, cpus, "count the processors");
	b->links = calloc((size_t)cpus, sizeof(*b->links));
	if (!b->links)
		return err_set(e, -ENOMEM, "no memory for clocks");
	for (int cpu = 0; r == 0 && cpu < cpus; cpu++)
		r = start_clock(b, cpu, e);
	return r;
}

static int scheduler_open(struct live_source *s, struct err *e)
{
	struct tasks_live *b = (struct tasks_live *)s;
	int r = open_array(b, 1, e);

	if (r == 0)
		r = iterate_run(b->skel->progs.tasks_iter_level, e);
	if (r < 0)
		return r;
	r = start_clocks(b, e);
	if (r < 0)
		return r;
	b->since_ns = clock_ns(CLOCK_MONOTONIC);
	return 0;
}

/* What was seen since it was opened, which is WINDOW_NS at least. */
static int scheduler_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	struct tasks_live *b = (struct tasks_live *)s;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	while (now - b->since_ns < WINDOW_NS) {
		uint64_t left = WINDOW_NS - (now - b->since_ns);

		(void)poll(NULL, 0, (int)(left / NS_PER_MS) + 1);
		now = clock_ns(CLOCK_MONOTONIC);
	}
	stop_clocks(b);
	return take(b, into, seen, e);
}

const struct live_ops live_list_ops = {
	.bytes = sizeof(struct tasks_live),
	.open = list_open,
	.close = tasks_close,
	.tasks = list_tasks,
};

const struct live_ops live_scheduler_ops = {
	.bytes = sizeof(struct tasks_live),
	.open = scheduler_open,
	.close = tasks_close,
	.tasks = scheduler_tasks,
};
