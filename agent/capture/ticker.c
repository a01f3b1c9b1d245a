// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdbool.h>

#include "base/clock.h"
#include "capture/ticker.h"
#include "stream/stream.h"

enum { TICK_NS = 250000000 };

struct ticker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool stopped;
	struct stream *stream;
	void (*progress)(const struct capture_progress *p);
	uint64_t total;
	uint64_t began_ns;
};

static void report(struct ticker *t)
{
	struct stream_stats st = { 0 };
	struct capture_progress p = { .memory_total_bytes = t->total };

	stream_stats(t->stream, &st);
	p.memory_done_bytes = st.written_bytes;
	p.sealed_bytes = st.sealed_bytes;
	p.elapsed_ns = clock_ns(CLOCK_MONOTONIC) - t->began_ns;
	t->progress(&p);
}

static void *tick(void *arg)
{
	struct ticker *t = arg;

	pthread_mutex_lock(&t->lock);
	while (!t->stopped) {
		struct timespec until =
			clock_timespec(clock_ns(CLOCK_MONOTONIC) + TICK_NS);

		report(t);
		(void)pthread_cond_timedwait(&t->stop, &t->lock, &until);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct ticker *ticker_start(struct stream *stream,
	void (*progress)(const struct capture_progress *p),
	uint64_t memory_total_bytes)
{
	struct ticker *t = progress ? calloc(1, sizeof(*t)) : NULL;
	pthread_condattr_t attr;

	if (!t)
		return NULL;
	t->stream = stream;
	t->progress = progress;
	t->total = memory_total_bytes;
	t->began_ns = clock_ns(CLOCK_MONOTONIC);
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->stop, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&t->thread, NULL, tick, t) == 0)
		return t;
	pthread_cond_destroy(&t->stop);
	pthread_mutex_destroy(&t->lock);
	free(t);
	return NULL;
}

void ticker_stop(struct ticker *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stopped = true;
	pthread_cond_signal(&t->stop);
	pthread_mutex_unlock(&t->lock);
	(void)pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->stop);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
