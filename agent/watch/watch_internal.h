/* SPDX-License-Identifier: Apache-2.0 */
/* Between watch.c, watch_intake.c and watch_status.c. */
#ifndef WATCH_WATCH_INTERNAL_H
#define WATCH_WATCH_INTERNAL_H

#include <pthread.h>

#include "trigger/bell.h"
#include "watch/state.h"
#include "watch/watch.h"

struct watch_counters {
	uint64_t captures, failed, gaps; /* of those, and with gaps */
	uint64_t triggers, joined, again, refused;
};

struct watch {
	const struct watch_config *config;
	const struct watch_ops *ops;
	void *arg;
	struct recorder *recorder;
	struct bell *bell;
	struct watch_sources *sources;
	struct resend *resend; /* NULL = no spool */
	uint64_t began_realtime_ns;
	pthread_mutex_t lock; /* of what follows: who asks has another thread */
	struct state *state;
	struct jobs jobs;
	struct job *running; /* NULL = it waits */
	struct job last; /* the one before, for triggers that came late */
	struct buf last_answer;
	struct watch_progress progress;
	struct watch_counters counters;
	bool last_failed;
	bool told_to_end; /* the capture that runs, since the host goes away */
	bool state_unsaved; /* the last try failed */
	uint64_t metrics_ns;
};

/*
 * watch_intake(w, m), watch_take_up(w):
 * What one message of a source comes to; the triggers that the watch before
 * this one did not finish.  Under the lock.
 */
void watch_intake(struct watch *w, const struct bell_message *m);
void watch_take_up(struct watch *w);

/*
 * watch_finish(w, job, answer):
 * The job's triggers are obeyed.  Under the lock.
 */
void watch_finish(struct watch *w, const struct job *job, const char *answer);

/*
 * watch_save(w): the state; a failure is told once.  Under the lock.
 */
void watch_save(struct watch *w);

/*
 * watch_status(arg, ret, e): as bell_status() wants it; ${arg} is the watch.
 * watch_metrics(w): write the text file, where one is configured.
 */
int watch_status(void *arg, struct buf *ret, struct err *e) MUST_CHECK;
void watch_metrics(struct watch *w);

/*
 * watch_say(w, fmt, ...): a line for the journal.
 */
void watch_say(const struct watch *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
