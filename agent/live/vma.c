// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "base/err.h"
#include "live/hand.h"
#include "live/iterate.h"
#include "live/vma.h"
#include "vma.skel.h"

enum { NS_PER_MS = 1000000, FIRST_RANGES = 64 };

/* The mappings of one process, which lie side by side. */
struct range {
	uint32_t pid;
	uint32_t first;
	uint32_t n;
};

struct vmas {
	struct vma_bpf *skel;
	const struct live_vma *v;
	size_t n;
	struct range *ranges; /* by pid */
	size_t ranges_n;
	size_t ranges_cap;
	uint64_t first_ns;
	uint64_t last_ns;
	int result; /* of the iterator */
	struct err why;
};

static size_t map_bytes(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (VMAS_MAX * sizeof(struct live_vma) + page - 1) / page * page;
}

static int load(struct vmas *v, const struct live_config *config, struct err *e)
{
	AUTO_ITERATE struct iterate it = { 0 };
	int r = iterate_begin(&it, e);
	void *p;

	if (r < 0)
		return r;
	v->skel = vma_bpf__open_opts(&it.opts);
	if (!v->skel)
		return err_set(e, -ENOMEM, "no memory for mappings");
	/* More than its filter holds: all are told, and not asked for. */
	for (size_t i = 0;
		i < config->pids_n && config->pids_n <= LIVE_PIDS_MAX; i++)
		v->skel->rodata->vma_pids[v->skel->rodata->vma_pids_n++] =
			config->pids[i];
	r = bpf_map__set_max_entries(v->skel->maps.vma_array, VMAS_MAX);
	if (r == 0)
		r = vma_bpf__load(v->skel);
	if (r < 0)
		return iterate_refusal(&it, r, e);
	p = mmap(NULL, map_bytes(), PROT_READ, MAP_SHARED,
		bpf_map__fd(v->skel->maps.vma_array), 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the BPF array");
	v->v = p;
	return 0;
}

static void work(void *arg)
{
	struct vmas *v = arg;

	v->first_ns = clock_ns(CLOCK_MONOTONIC);
	v->result = iterate_run(v->skel->progs.vma_iter, &v->why);
	v->last_ns = clock_ns(CLOCK_MONOTONIC);
}

static void release(void *arg)
{
	vmas_free(arg);
}

/* Run it by a hand; after -ETIMEDOUT ${v} is the hand's. */
static int run(struct vmas *v, struct err *e)
{
	static const struct hand_ops ops = { work, release };
	struct hand *h = NULL;
	int r = hand_new(&h, &ops, v, e);

	if (r < 0)
		return r;
	hand_start(h);
	if (!hand_wait(h, (uint64_t)VMAS_WAIT_MS * NS_PER_MS)) {
		hand_free(h);
		return err_set(e, -ETIMEDOUT,
			"the mappings of a process do not answer for %d s",
			VMAS_WAIT_MS / 1000);
	}
	hand_take(h);
	hand_free(h);
	if (v->result == -ETIMEDOUT)
		v->result = -EIO;
	return v->result < 0 ? err_set(e, v->result, "%s", v->why.msg) : 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int add_range(struct vmas *v, const struct range *range, struct err *e)
{
	if (v->ranges_n == v->ranges_cap) {
		size_t cap = v->ranges_cap ? 2 * v->ranges_cap : FIRST_RANGES;
		struct range *more = reallocarray(v->ranges, cap, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for mappings");
		v->ranges = more;
		v->ranges_cap = cap;
	}
	v->ranges[v->ranges_n++] = *range;
	return 0;
}

static int find_ranges(struct vmas *v, struct err *e)
{
	int r = 0;

	for (size_t i = 0, end; r == 0 && i < v->n; i = end) {
		struct range range = { .pid = v->v[i].pid, .first = (uint32_t)i };

		for (end = i + 1; end < v->n && v->v[end].pid == range.pid;)
			end++;
		range.n = (uint32_t)(end - i);
		r = add_range(v, &range, e);
	}
	if (v->ranges_n)
		qsort(v->ranges, v->ranges_n, sizeof(*v->ranges), by_pid);
	return r;
}

static int look(struct vmas *v, struct live_seen *seen, struct err *e)
{
	int r = run(v, e);

	if (r < 0)
		return r;
	v->n = v->skel->bss->vma_n;
	*seen = (struct live_seen){ .first_ns = v->first_ns,
		.last_ns = v->last_ns,
		.tasks = v->n,
		.lost = v->skel->bss->vma_lost };
	return find_ranges(v, e);
}

int vmas_see(struct vmas **ret, const struct live_config *config,
	struct live_seen *seen, struct err *e)
{
	struct vmas *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return err_set(e, -ENOMEM, "no memory for mappings");
	r = load(v, config, e);
	if (r == 0)
		r = look(v, seen, e);
	if (r == -ETIMEDOUT)
		return r;
	if (r < 0)
		vmas_free(v);
	else
		*ret = v;
	return r;
}

void vmas_free(struct vmas *v)
{
	if (!v)
		return;
	if (v->v)
		(void)munmap((void *)(uintptr_t)v->v, map_bytes());
	vma_bpf__destroy(v->skel);
	free(v->ranges);
	free(v);
}

size_t vmas_of(const struct live_vma **ret, const struct vmas *v, uint32_t pid)
{
	struct range key = { .pid = pid };
	const struct range *found =
		v->ranges_n ? bsearch(&key, v->ranges, v->ranges_n, sizeof(key),
				      by_pid)
			    : NULL;

	*ret = found ? &v->v[found->first] : NULL;
	return found ? found->n : 0;
}
