// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/err.h"
#include "lab/parallel.h"

enum { THREADS_MAX = 16 };

struct run {
	const struct parallel *p;
	size_t n;
	atomic_size_t next;
	atomic_int failed;
	pthread_mutex_t lock;
	struct err why; /* of the first failure */
};

static void fail(struct run *run, int code, const struct err *why)
{
	pthread_mutex_lock(&run->lock);
	if (!run->failed) {
		run->why = *why;
		run->failed = code;
	}
	pthread_mutex_unlock(&run->lock);
}

static void *work(void *arg)
{
	struct run *run = arg;
	void *state = run->p->state_new(run->p->arg);
	struct err e = { 0 };

	if (!state) {
		fail(run, err_set(&e, -ENOMEM, "no memory for a worker"), &e);
		return NULL;
	}
	while (!run->failed) {
		size_t i = run->next++;
		int r;

		if (i >= run->n)
			break;
		r = run->p->fn(state, i, &e);
		if (r < 0)
			fail(run, r, &e);
	}
	run->p->state_free(state);
	return NULL;
}

unsigned parallel_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

int parallel_run(
	size_t n, unsigned threads, const struct parallel *p, struct err *e)
{
	struct run run = { .p = p, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t ids[THREADS_MAX];
	unsigned started = 0;

	/* This thread is one of them, so it goes on without the others. */
	while (started + 1 < threads && started < THREADS_MAX &&
		pthread_create(&ids[started], NULL, work, &run) == 0)
		started++;
	(void)work(&run);
	while (started)
		(void)pthread_join(ids[--started], NULL);
	return run.failed ? err_set(e, run.failed, "%s", run.why.msg) : 0;
}
