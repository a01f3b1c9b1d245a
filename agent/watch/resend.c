// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "base/err.h"
#include "watch/resend.h"

struct resend {
	struct push_config config;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool ends, paused, busy;
	atomic_bool interrupted;
	struct resend_state state;
};

static void round_of(struct resend *r)
{
	struct push_result res = { 0 };
	struct err why = { 0 };
	int n = push_run(&res, &r->config, &why);

	(void)pthread_mutex_lock(&r->lock);
	r->state.sent += res.sent;
	r->state.left = res.left;
	/* An empty spool is as it should be. */
	(void)snprintf(r->state.error, sizeof(r->state.error), "%.255s",
		n < 0 && n != -ENOENT && !r->interrupted ? why.msg : "");
	(void)pthread_mutex_unlock(&r->lock);
}

static void wait_some(struct resend *r, unsigned seconds)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	(void)pthread_cond_timedwait(&r->changed, &r->lock, &until);
}

static void *run(void *arg)
{
	struct resend *r = arg;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->ends) {
		if (r->paused) {
			(void)pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		r->busy = true;
		(void)pthread_mutex_unlock(&r->lock);
		round_of(r);
		(void)pthread_mutex_lock(&r->lock);
		r->busy = false;
		(void)pthread_cond_broadcast(&r->changed);
		if (!r->ends && !r->paused)
			wait_some(r, RESEND_EVERY_SECONDS);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

int resend_start(
	struct resend **ret, const struct push_config *config, struct err *e)
{
	struct resend *r = calloc(1, sizeof(*r));
	sigset_t all, before;
	int failed;

	if (!r)
		return err_set(e, -ENOMEM, "no memory to send the spool");
	r->config = *config;
	r->config.interrupted = &r->interrupted;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	failed = pthread_create(&r->thread, NULL, run, r);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		free(r);
		return err_set(e, -failed, "no thread to send the spool");
	}
	*ret = r;
	return 0;
}

/* Until no round runs. */
static void hold(struct resend *r, bool ends)
{
	(void)pthread_mutex_lock(&r->lock);
	r->paused = true;
	r->ends = r->ends || ends;
	r->interrupted = true;
	(void)pthread_cond_broadcast(&r->changed);
	while (r->busy)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
}

void resend_pause(struct resend *r)
{
	if (r)
		hold(r, false);
}

void resend_go_on(struct resend *r)
{
	if (!r)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->paused = false;
	r->interrupted = false;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
}

void resend_stop(struct resend *r)
{
	if (!r)
		return;
	hold(r, true);
	(void)pthread_join(r->thread, NULL);
	(void)pthread_cond_destroy(&r->changed);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

void resend_state(struct resend *r, struct resend_state *ret)
{
	(void)pthread_mutex_lock(&r->lock);
	*ret = r->state;
	(void)pthread_mutex_unlock(&r->lock);
}
