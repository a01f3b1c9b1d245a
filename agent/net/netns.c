// SPDX-License-Identifier: Apache-2.0
/* Entering a namespace. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"
#include "net/netns.h"

/* Between the thread and who waits for it; the last to let go frees it. */
struct visit {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct netns_job job;
	int fd;
	bool done;
	bool left; /* nobody waits any more */
	int result;
	struct err why;
};

static atomic_int stuck;

static void visit_free(struct visit *v)
{
	(void)close(v->fd);
	(void)pthread_cond_destroy(&v->changed);
	(void)pthread_mutex_destroy(&v->lock);
	free(v);
}

static void *go(void *arg)
{
	struct visit *v = arg;
	bool left;
	int r;

	if (setns(v->fd, CLONE_NEWNET) < 0)
		r = err_sys(&v->why, "enter the network namespace");
	else
		r = v->job.run(v->job.arg, &v->why);
	pthread_mutex_lock(&v->lock);
	v->result = r;
	v->done = true;
	left = v->left;
	pthread_cond_signal(&v->changed);
	pthread_mutex_unlock(&v->lock);
	if (left) {
		v->job.drop(v->job.arg);
		atomic_fetch_sub(&stuck, 1);
		visit_free(v);
	}
	return NULL;
}

static int prepare(struct visit **ret, const struct netns *ns,
	const struct netns_job *job, struct err *e)
{
	struct visit *v = calloc(1, sizeof(*v));
	pthread_condattr_t attr;

	if (!v || pthread_condattr_init(&attr)) {
		free(v);
		return err_set(e, -ENOMEM, "no memory to enter a namespace");
	}
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&v->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_init(&v->lock, NULL);
	v->job = *job;
	/* Its own, since it may outlive the list. */
	v->fd = fcntl(ns->fd, F_DUPFD_CLOEXEC, 0);
	if (v->fd < 0) {
		int r = err_sys(e, "open the network namespace");

		visit_free(v);
		return r;
	}
	*ret = v;
	return 0;
}

int netns_enter(
	const struct netns *ns, const struct netns_job *job, struct err *e)
{
	struct timespec until =
		clock_timespec(clock_ns(CLOCK_MONOTONIC) + job->wait_ns);
	struct visit *v = NULL;
	pthread_t thread;
	bool done;
	int r;

	if (atomic_load(&stuck) >= NETNS_STUCK_MAX)
		return err_set(e, -EBUSY,
			"not entered: %d others do not answer", NETNS_STUCK_MAX);
	r = prepare(&v, ns, job, e);
	if (!v)
		return r;
	r = pthread_create(&thread, NULL, go, v);
	if (r) {
		visit_free(v);
		errno = r;
		return err_sys(e, "start a thread");
	}
	pthread_mutex_lock(&v->lock);
	while (!v->done && r == 0)
		r = pthread_cond_timedwait(&v->changed, &v->lock, &until);
	done = v->done;
	v->left = !done;
	if (!done)
		atomic_fetch_add(&stuck, 1);
	pthread_mutex_unlock(&v->lock);
	if (!done) {
		(void)pthread_detach(thread);
		return err_set(e, -ETIMEDOUT, "it does not answer");
	}
	(void)pthread_join(thread, NULL);
	r = v->result;
	if (r < 0)
		(void)err_set(e, r, "%s", v->why.msg);
	visit_free(v);
	return r;
}
