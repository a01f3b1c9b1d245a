// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "live/hand.h"

enum state { IDLE, ASKED, QUIT };

/* The last of the two to let go frees it. */
struct hand {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int refs;
	enum state state;
	const struct hand_ops *ops;
	void *arg;
};

static void let_go(struct hand *h)
{
	bool last;

	pthread_mutex_lock(&h->lock);
	last = --h->refs == 0;
	pthread_mutex_unlock(&h->lock);
	if (!last)
		return;
	if (h->arg)
		h->ops->release(h->arg);
	(void)pthread_cond_destroy(&h->changed);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

static void *serve(void *arg)
{
	struct hand *h = arg;

	pthread_mutex_lock(&h->lock);
	while (h->state != QUIT) {
		if (h->state != ASKED) {
			pthread_cond_wait(&h->changed, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		h->ops->work(h->arg);
		pthread_mutex_lock(&h->lock);
		if (h->state == ASKED)
			h->state = IDLE;
		pthread_cond_broadcast(&h->changed);
	}
	pthread_mutex_unlock(&h->lock);
	let_go(h);
	return NULL;
}

static int init_locks(struct hand *h)
{
	pthread_condattr_t attr;
	int r;

	if (pthread_condattr_init(&attr))
		return -ENOMEM;
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	r = pthread_cond_init(&h->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (r)
		return -ENOMEM;
	(void)pthread_mutex_init(&h->lock, NULL);
	return 0;
}

static void free_unused(struct hand *h)
{
	(void)pthread_cond_destroy(&h->changed);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

int hand_new(
	struct hand **ret, const struct hand_ops *ops, void *arg, struct err *e)
{
	struct hand *h = calloc(1, sizeof(*h));
	pthread_t thread;
	int r;

	if (!h || init_locks(h) < 0) {
		free(h);
		return err_set(e, -ENOMEM, "no memory for a reader");
	}
	h->ops = ops;
	h->arg = arg;
	h->refs = 2;
	r = pthread_create(&thread, NULL, serve, h);
	if (r) {
		free_unused(h);
		errno = r;
		return err_sys(e, "start a reader");
	}
	(void)pthread_detach(thread);
	*ret = h;
	return 0;
}

static void set_state(struct hand *h, enum state state)
{
	pthread_mutex_lock(&h->lock);
	h->state = state;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

void hand_start(struct hand *h)
{
	set_state(h, ASKED);
}

bool hand_wait(struct hand *h, uint64_t wait_ns)
{
	struct timespec until =
		clock_timespec(clock_ns(CLOCK_MONOTONIC) + wait_ns);
	bool done;
	int r = 0;

	pthread_mutex_lock(&h->lock);
	while (h->state == ASKED && r == 0)
		r = pthread_cond_timedwait(&h->changed, &h->lock, &until);
	done = h->state != ASKED;
	pthread_mutex_unlock(&h->lock);
	return done;
}

void hand_take(struct hand *h)
{
	pthread_mutex_lock(&h->lock);
	h->arg = NULL;
	pthread_mutex_unlock(&h->lock);
}

void hand_free(struct hand *h)
{
	if (!h)
		return;
	set_state(h, QUIT);
	let_go(h);
}
