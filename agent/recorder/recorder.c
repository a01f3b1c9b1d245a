// SPDX-License-Identifier: Apache-2.0
/*
 * The programs write into a ring buffer of the kernel and wake nobody; a
 * thread looks at it ten times a second, and at once for what is to be taken.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "base/err.h"
#include "recorder/cgroup.h"
#include "recorder/programs.h"
#include "recorder/recorder.h"
#include "recorder/ring.h"
#include "recorder/take.h"

enum { EVENTS = 4 };

struct recorder {
	struct recorder_config config;
	struct programs *programs;
	struct ring_buffer *kernel_ring;
	struct ring *ring;
	struct cgroups *cgroups;
	struct take *take; /* NULL = nothing is taken */
	const struct recorder_counters *counters; /* of each processor */
	unsigned cpus;
	int epoll;
	int stop;
	uint64_t began_boot_ns;
	uint64_t lost; /* as it was when it was last looked at */
	uint64_t last_loss_boot_ns;
	pthread_mutex_t lock; /* of ring, cgroups, and kernel_ring */
	pthread_t thread;
	bool runs;
};

const char *recorder_kind_name(unsigned kind)
{
	static const char *const names[RECORDER_KINDS] = {
		[RECORDER_EXEC] = "exec",
		[RECORDER_FORK] = "fork",
		[RECORDER_EXIT] = "exit",
		[RECORDER_MEMFD] = "memfd",
		[RECORDER_MPROTECT] = "mprotect",
		[RECORDER_MMAP] = "mmap",
		[RECORDER_PTRACE] = "ptrace",
		[RECORDER_MODULE] = "module",
		[RECORDER_BPF_LOAD] = "bpf_load",
		[RECORDER_BPF_ATTACH] = "bpf_attach",
		[RECORDER_CREDS] = "creds",
		[RECORDER_UNLINK] = "unlink",
		[RECORDER_TCP_CONNECT] = "tcp_connect",
		[RECORDER_TCP_ACCEPT] = "tcp_accept",
		[RECORDER_TCP_CLOSE] = "tcp_close",
		[RECORDER_UDP_FLOW] = "udp_flow",
		[RECORDER_DNS] = "dns",
		[RECORDER_MOUNT] = "mount",
		[RECORDER_NAMESPACE] = "namespace",
		[RECORDER_KILL] = "kill",
		[RECORDER_PAGE] = "page",
	};

	return kind < RECORDER_KINDS ? names[kind] : NULL;
}

static int on_record(void *arg, void *data, size_t len)
{
	struct recorder_head h;
	struct recorder *r = arg;

	ring_put(r->ring, data, len);
	if (len < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	cgroups_meet(r->cgroups, h.cgroup_id);
	if (h.kind == RECORDER_EXEC && r->take)
		take_executed(r->take, data, len);
	return 0;
}

static int on_page(void *arg, void *data, size_t len)
{
	struct recorder *r = arg;

	if (r->take)
		take_page(r->take, data, len);
	return 0;
}

static void sum(const struct recorder *r, struct recorder_state *ret)
{
	for (unsigned cpu = 0; cpu < r->cpus; cpu++)
		for (unsigned k = 0; k < RECORDER_KINDS; k++) {
			const volatile struct recorder_counters *c =
				&r->counters[cpu];

			ret->counts[k].happened += c->happened[k];
			ret->counts[k].lost += c->lost[k];
		}
}

static void watch_losses(struct recorder *r)
{
	struct recorder_state now = { 0 };
	uint64_t lost = 0;

	sum(r, &now);
	for (unsigned k = 0; k < RECORDER_KINDS; k++)
		lost += now.counts[k].lost;
	if (lost != r->lost)
		r->last_loss_boot_ns = clock_ns(CLOCK_BOOTTIME);
	r->lost = lost;
}

/* Under the lock. */
static void drain(struct recorder *r)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	uint64_t keep = r->config.seconds * 1000000000;

	(void)ring_buffer__consume(r->kernel_ring);
	if (now > keep)
		ring_expire(r->ring, now - keep);
	watch_losses(r);
}

static void *run(void *arg)
{
	struct epoll_event events[EVENTS];
	struct recorder *r = arg;

	for (;;) {
		int n = epoll_wait(
			r->epoll, events, ARRAY_LEN(events), RECORDER_WAIT_MS);

		for (int i = 0; i < n; i++)
			if (events[i].data.fd == r->stop)
				return NULL;
		pthread_mutex_lock(&r->lock);
		if (r->take)
			take_opened(r->take);
		drain(r);
		pthread_mutex_unlock(&r->lock);
	}
}

static int listen_to(struct recorder *r, int fd, uint32_t events, struct err *e)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (fd >= 0 && epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return err_sys(e, "wait for the recorder's events");
	return 0;
}

static int map_counters(struct recorder *r, struct err *e)
{
	void *at = mmap(NULL, r->cpus * sizeof(*r->counters), PROT_READ,
		MAP_SHARED, programs_map(r->programs, PROGRAMS_COUNTS), 0);

	if (at == MAP_FAILED)
		return err_sys(e, "map the recorder's counters");
	r->counters = at;
	return 0;
}

static int open_rings(struct recorder *r, struct err *e)
{
	int pages = programs_map(r->programs, PROGRAMS_PAGES);
	int main = programs_map(r->programs, PROGRAMS_RING);

	r->kernel_ring = ring_buffer__new(main, on_record, r, NULL);
	if (!r->kernel_ring)
		return err_sys(e, "map the recorder's ring");
	/* Pages behind the records that they are of. */
	if (pages >= 0 && ring_buffer__add(r->kernel_ring, pages, on_page, r) < 0)
		return err_sys(e, "map the ring of pages");
	return 0;
}

/* By edges: the buffer is never empty for long, and nobody shall be woken by
 * that. */
static int begin(struct recorder *r, struct err *e)
{
	int ret;

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->stop = eventfd(0, EFD_CLOEXEC);
	if (r->epoll < 0 || r->stop < 0)
		return err_sys(e, "make the recorder's events");
	ret = listen_to(r, r->stop, EPOLLIN, e);
	if (ret == 0)
		ret = listen_to(r, programs_map(r->programs, PROGRAMS_RING),
			EPOLLIN | EPOLLET, e);
	if (ret == 0 && r->take)
		ret = listen_to(r, take_fd(r->take), EPOLLIN, e);
	if (ret < 0)
		return ret;
	ret = pthread_create(&r->thread, NULL, run, r);
	if (ret != 0)
		return err_set(e, -ret, "no thread for the recorder");
	r->runs = true;
	return 0;
}

int recorder_open(struct recorder **ret, const struct recorder_config *config,
	struct err *e)
{
	struct recorder *r = calloc(1, sizeof(*r));
	int possible = libbpf_num_possible_cpus();
	int done;

	if (!r)
		return err_set(e, -ENOMEM, "no memory for the recorder");
	r->config = *config;
	r->epoll = r->stop = -1;
	r->cpus = possible > 0 && possible < RECORDER_CPUS_MAX
			  ? (unsigned)possible
			  : RECORDER_CPUS_MAX;
	r->began_boot_ns = clock_ns(CLOCK_BOOTTIME);
	(void)pthread_mutex_init(&r->lock, NULL);
	done = ring_new(&r->ring, config->size_bytes, e);
	if (done == 0)
		done = cgroups_new(&r->cgroups, e);
	if (done == 0 && !config->no_take)
		done = take_new(&r->take, e);
	if (done == 0)
		done = programs_attach(&r->programs, r->cpus, e);
	if (done == 0)
		done = map_counters(r, e);
	if (done == 0)
		done = open_rings(r, e);
	if (done == 0)
		done = begin(r, e);
	if (done < 0) {
		recorder_close(r);
		return done;
	}
	*ret = r;
	return 0;
}

void recorder_close(struct recorder *r)
{
	uint64_t one = 1;

	if (!r)
		return;
	if (r->runs) {
		(void)!write(r->stop, &one, sizeof(one));
		(void)pthread_join(r->thread, NULL);
	}
	ring_buffer__free(r->kernel_ring);
	if (r->counters)
		(void)munmap((void *)(uintptr_t)r->counters,
			r->cpus * sizeof(*r->counters));
	programs_free(r->programs);
	take_free(r->take);
	cgroups_free(r->cgroups);
	ring_free(r->ring);
	if (r->epoll >= 0)
		(void)close(r->epoll);
	if (r->stop >= 0)
		(void)close(r->stop);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

void recorder_flush(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->take)
		take_opened(r->take);
	drain(r);
	pthread_mutex_unlock(&r->lock);
}

static void tell_take(const struct take *t, struct recorder_state *ret)
{
	const struct take_counters *c = take_counters(t);

	ret->taken = c->taken;
	ret->taken_evicted = c->evicted;
	ret->taken_overflows = c->overflows;
	(void)snprintf(ret->take_why_not, sizeof(ret->take_why_not), "%.200s",
		take_why_not(t));
}

void recorder_state(struct recorder *r, struct recorder_state *ret)
{
	const struct ring_counters *c = ring_counters(r->ring);

	*ret = (struct recorder_state){ .began_boot_ns = r->began_boot_ns };
	ret->programs_n = programs_tell(r->programs, ret->programs);
	ret->missed = programs_missed(r->programs);
	pthread_mutex_lock(&r->lock);
	drain(r);
	sum(r, ret);
	for (unsigned k = 0; k < RECORDER_KINDS; k++) {
		ret->counts[k].recorded = c->recorded[k];
		ret->counts[k].overwritten = c->overwritten[k];
		ret->counts[k].expired = c->expired[k];
	}
	ret->malformed = c->malformed;
	ret->oldest_boot_ns = ring_oldest_ns(r->ring);
	ret->last_loss_boot_ns = r->last_loss_boot_ns;
	ret->ring_bytes = r->config.size_bytes;
	ret->ring_used_bytes = ring_used(r->ring);
	if (r->take)
		tell_take(r->take, ret);
	pthread_mutex_unlock(&r->lock);
}

size_t recorder_read(struct recorder *r, uint64_t *at, uint8_t *ret, size_t cap,
	uint64_t *skipped)
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = ring_read(r->ring, at, ret, cap, skipped);
	pthread_mutex_unlock(&r->lock);
	return n;
}

void recorder_span(struct recorder *r, uint64_t *first, uint64_t *end)
{
	pthread_mutex_lock(&r->lock);
	*first = ring_oldest(r->ring);
	*end = ring_end(r->ring);
	pthread_mutex_unlock(&r->lock);
}

void recorder_cgroup(
	struct recorder *r, char ret[RECORDER_CGROUP_CHARS], uint64_t id)
{
	const char *path;

	pthread_mutex_lock(&r->lock);
	path = cgroups_path(r->cgroups, id);
	(void)snprintf(ret, RECORDER_CGROUP_CHARS, "%s", path ? path : "");
	pthread_mutex_unlock(&r->lock);
}

const struct taken_list *recorder_taken(struct recorder *r)
{
	static const struct taken_list none;
	const struct taken_list *list = &none;

	pthread_mutex_lock(&r->lock);
	if (r->take)
		list = take_list(r->take);
	pthread_mutex_unlock(&r->lock);
	return list;
}

void recorder_give_back(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->take)
		take_give_back(r->take);
	pthread_mutex_unlock(&r->lock);
}
