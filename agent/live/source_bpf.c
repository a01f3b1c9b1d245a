// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "live.skel.h"
#include "live/iterate.h"
#include "live/room.h"
#include "live/source_internal.h"

struct bpf_live {
	struct live_source base;
	struct live_bpf *skel;
	const struct live_task *tasks;
	uint32_t room;
};

static void configure(struct bpf_live *b)
{
	const struct live_config *c = &b->base.config;

	/* More than its filter holds are filtered here. */
	if (c->pids_n > LIVE_PIDS_MAX)
		return;
	b->skel->rodata->live_pids_n = (uint32_t)c->pids_n;
	for (size_t i = 0; i < c->pids_n; i++)
		b->skel->rodata->live_pids[i] = c->pids[i];
}

static int load(struct bpf_live *b, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	int r = iterate_begin(&it, e);

	if (r < 0)
		return r;
	b->room = live_room();
	b->skel = live_bpf__open_opts(&it.opts);
	r = -ENOMEM;
	if (b->skel) {
		configure(b);
		r = bpf_map__set_max_entries(b->skel->maps.live_tasks, b->room);
	}
	if (r == 0)
		r = live_bpf__load(b->skel);
	return r < 0 ? iterate_refusal(&it, r, e) : 0;
}

static size_t map_bytes(const struct bpf_live *b)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (b->room * sizeof(*b->tasks) + page - 1) / page * page;
}

static int bpf_open(struct live_source *s, struct err *e)
{
	struct bpf_live *b = (struct bpf_live *)s;
	int r = load(b, e);
	void *p;

	if (r < 0)
		return r;
	p = mmap(NULL, map_bytes(b), PROT_READ, MAP_SHARED,
		bpf_map__fd(b->skel->maps.live_tasks), 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the BPF array");
	b->tasks = p;
	return 0;
}

static void bpf_close(struct live_source *s)
{
	struct bpf_live *b = (struct bpf_live *)s;

	if (b->tasks)
		(void)munmap((void *)(uintptr_t)b->tasks, map_bytes(b));
	live_bpf__destroy(b->skel);
}

static int bpf_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	struct bpf_live *b = (struct bpf_live *)s;
	uint64_t lost = into->lost;
	uint32_t n;
	int r;

	b->skel->bss->live_tasks_n = 0;
	b->skel->bss->live_tasks_lost = 0;
	r = iterate_run(b->skel->progs.live_iter_task, e);
	n = b->skel->bss->live_tasks_n;
	if (n > b->room)
		n = b->room;
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		struct live_task t = b->tasks[i];

		if (!live_wants(&b->base.config, t.pid))
			continue;
		t.state = live_state(t.state_bits);
		t.comm[sizeof(t.comm) - 1] = 0;
		t.tty[sizeof(t.tty) - 1] = 0;
		r = live_tasks_see(into, &t, e);
	}
	if (r < 0)
		return r;
	into->lost += b->skel->bss->live_tasks_lost;
	seen->lost = into->lost - lost;
	seen->tasks = n;
	seen->first_ns = n ? b->tasks[0].seen_ns : 0;
	seen->last_ns = n ? b->tasks[n - 1].seen_ns : 0;
	return 0;
}

const struct live_ops live_bpf_ops = {
	.bytes = sizeof(struct bpf_live),
	.open = bpf_open,
	.close = bpf_close,
	.tasks = bpf_tasks,
};
