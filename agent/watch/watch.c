// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "trigger/socket.h"
#include "watch/notify.h"
#include "watch/watch_internal.h"

enum { SAY_CHARS = 1024 };

void watch_say(const struct watch *w, const char *fmt, ...)
{
	char text[SAY_CHARS];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->ops->tell(text);
}

static int start_sources(struct watch *w, struct err *e)
{
	int r = bell_new(&w->bell, e);

	if (r < 0)
		return r;
	bell_status(w->bell, watch_status, w);
	bell_recorder(w->bell, w->recorder);
	r = watch_sources_start(&w->sources, w->bell, w->config->sources,
		w->config->sources_n, e);
	if (r == 0 && w->config->spool.spool)
		r = resend_start(&w->resend, &w->config->spool, e);
	return r;
}

static void stop_sources(struct watch *w)
{
	watch_sources_free(w->sources);
	resend_stop(w->resend);
	bell_free(w->bell);
	w->sources = NULL;
	w->bell = NULL;
	w->resend = NULL;
}

int watch_new(struct watch **ret, const struct watch_config *config,
	const struct watch_ops *ops, void *arg, struct recorder *recorder,
	struct err *e)
{
	struct watch *w = calloc(1, sizeof(*w));
	bool damaged = false;
	int r;

	if (!w)
		return err_set(e, -ENOMEM, "no memory for the watch");
	w->config = config;
	w->ops = ops;
	w->arg = arg;
	w->recorder = recorder;
	w->began_realtime_ns = clock_ns(CLOCK_REALTIME);
	buf_init(&w->last_answer, WATCH_ANSWER_BYTES);
	(void)pthread_mutex_init(&w->lock, NULL);
	r = state_open(&w->state, config->state, &damaged, e);
	if (r == 0 && damaged)
		watch_say(w, "the state in %s cannot be read: begun anew",
			config->state);
	if (r == 0)
		r = start_sources(w, e);
	if (r < 0) {
		watch_free(w);
		return r;
	}
	(void)pthread_mutex_lock(&w->lock);
	watch_take_up(w);
	watch_save(w);
	(void)pthread_mutex_unlock(&w->lock);
	notify_say("READY=1\nSTATUS=waiting for triggers");
	*ret = w;
	return 0;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	stop_sources(w);
	jobs_done(&w->jobs);
	state_close(w->state);
	buf_done(&w->last_answer);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

void watch_tick(struct watch *w, const struct watch_progress *p)
{
	uint64_t goes = bell_host_goes(w->bell);
	uint64_t now = clock_ns(CLOCK_REALTIME);
	bool tell;

	notify_alive();
	(void)pthread_mutex_lock(&w->lock);
	w->progress = *p;
	tell = goes && !w->told_to_end;
	w->told_to_end = w->told_to_end || tell;
	(void)pthread_mutex_unlock(&w->lock);
	if (tell) {
		uint64_t left = goes > now ? (goes - now) / 1000000000 : 0;

		/* Half of the time is that of the capture which it asks for. */
		w->ops->end_by(w->arg, (unsigned)(left / 2));
	}
}

/* A capture of what is left, in order, before the host goes. */
static void limit(struct watch *w, const struct job *job)
{
	uint64_t now = clock_ns(CLOCK_REALTIME), left;

	if (!job->host_goes_ns)
		return;
	left = job->host_goes_ns > now ? (job->host_goes_ns - now) / 1000000000
				       : 0;
	w->ops->end_by(w->arg,
		(unsigned)(left > WATCH_GOES_SECONDS ? left - WATCH_GOES_SECONDS
						     : 1));
}

static void tell_begun(struct watch *w, struct job *job)
{
	for (size_t i = 0; i < job->causes_n; i++) {
		const struct job_cause *c = &job->causes[i];
		struct state_trigger *t =
			state_find(w->state, c->source, c->event.key);

		if (t)
			t->stage = STATE_RUNS;
		if (c->feed)
			feed_answer(c->feed, c->event.key, TRIGGER_BEGUN, NULL);
	}
	job->begun_realtime_ns = clock_ns(CLOCK_REALTIME);
	w->running = job;
	w->told_to_end = job->host_goes_ns != 0;
	w->progress = (struct watch_progress){ 0 };
	watch_save(w);
}

/* Nobody is there to ask again, as one who waits for the answer is: their
 * triggers leave ${job} for a later one. */
static void try_again(struct watch *w, struct job *job)
{
	AUTO_FREE struct job *later = malloc(sizeof(*later));
	struct err why = { 0 };
	size_t n = 0;

	if (!later || job->tries + 1 >= WATCH_TRIES)
		return;
	*later = *job;
	later->causes_n = 0;
	for (size_t i = 0; i < job->causes_n; i++)
		if (strcmp(job->causes[i].source, trigger_socket.name) == 0)
			job->causes[n++] = job->causes[i];
		else
			later->causes[later->causes_n++] = job->causes[i];
	later->tries++;
	later->not_before_ns =
		clock_ns(CLOCK_MONOTONIC) +
		1ULL * later->tries * w->config->try_seconds * 1000000000ULL;
	if (!later->causes_n)
		return;
	if (jobs_add(&w->jobs, later, &why) < 0) {
		watch_say(w, "not tried again: %s", why.msg);
		return;
	}
	job->causes_n = n;
	watch_say(w, "tried again case=%s in=%us", job->case_name,
		later->tries * w->config->try_seconds);
}

static void remember(struct watch *w, struct job *job, const char *answer,
	const struct watch_done *done)
{
	json_error_t bad;
	json_t *j = answer ? json_loads(answer, 0, &bad) : NULL;

	job->ended_realtime_ns = clock_ns(CLOCK_REALTIME);
	w->counters.captures++;
	w->counters.failed += done->failed;
	w->counters.gaps += done->gaps;
	w->last_failed = done->failed;
	if (j && json_object_set_new(j, "case", json_string(job->case_name)) == 0 &&
		json_object_set_new(j, "ended_realtime_ns",
			json_integer((json_int_t)job->ended_realtime_ns)) == 0)
		state_note(w->state, STATE_CAPTURES, json_incref(j));
	json_decref(j);
	if (done->failed)
		try_again(w, job);
	watch_finish(w, job, answer);
	w->last = *job;
	w->running = NULL;
	watch_save(w);
}

/* Takes ${job}. */
static void do_job(struct watch *w, struct job *job)
{
	AUTO_BUF struct buf answer = { 0 };
	struct watch_done done = { 0 };

	(void)pthread_mutex_lock(&w->lock);
	tell_begun(w, job);
	(void)pthread_mutex_unlock(&w->lock);
	notify_say("STATUS=capturing, case %s", job->case_name);
	watch_metrics(w);
	resend_pause(w->resend);
	limit(w, job);
	buf_init(&answer, WATCH_ANSWER_BYTES);
	w->ops->capture(w->arg, job, &answer, &done);
	resend_go_on(w->resend);
	(void)pthread_mutex_lock(&w->lock);
	remember(w, job, buf_string(&answer, NULL), &done);
	buf_done(&w->last_answer);
	w->last_answer = answer;
	answer = (struct buf){ 0 };
	(void)pthread_mutex_unlock(&w->lock);
	notify_say("STATUS=waiting for triggers");
	watch_metrics(w);
	free(job);
}

static void take_messages(struct watch *w)
{
	struct bell_message m;
	bool any = false;

	(void)pthread_mutex_lock(&w->lock);
	while (bell_next(w->bell, &m)) {
		watch_intake(w, &m);
		any = true;
	}
	if (any)
		watch_save(w);
	(void)pthread_mutex_unlock(&w->lock);
}

static int reload(struct watch *w, struct err *e)
{
	const struct watch_config *config = NULL;
	struct err why = { 0 };
	int r;

	notify_say("RELOADING=1\nMONOTONIC_USEC=%llu",
		(unsigned long long)(clock_ns(CLOCK_MONOTONIC) / 1000));
	*w->ops->reloading = false;
	r = w->ops->reload(w->arg, &config, &why);
	if (r < 0) {
		watch_say(w, "not reloaded: %s", why.msg);
		notify_say("READY=1\nSTATUS=not reloaded: %s", why.msg);
		return 0;
	}
	/* What came last is not lost. */
	watch_sources_stop(w->sources);
	take_messages(w);
	while (w->jobs.n)
		do_job(w, jobs_take(&w->jobs));
	stop_sources(w);
	w->config = config;
	r = start_sources(w, e);
	watch_say(w, "reloaded");
	notify_say("READY=1\nSTATUS=waiting for triggers");
	return r;
}

/* How long nothing has to be done. */
static int patience_ms(struct watch *w)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC),
		 ms = WATCH_METRICS_SECONDS * 1000ULL;
	const struct job *first = jobs_first(&w->jobs);
	uint32_t alive = notify_period_ms() / 2;

	if (alive && alive < ms)
		ms = alive;
	if (first) {
		uint64_t left =
			first->not_before_ns > now
				? (first->not_before_ns - now) / 1000000 + 1
				: 0;

		ms = left < ms ? left : ms;
	}
	return (int)ms;
}

static int wait_for(struct watch *w, struct err *e)
{
	struct pollfd p = { .fd = bell_fd(w->bell), .events = POLLIN };
	int ms = patience_ms(w);
	const struct timespec most = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L };
	sigset_t blocked;
	int r;

	/* A signal before the look at the flags, or in ppoll(): never between. */
	(void)pthread_sigmask(SIG_BLOCK, w->ops->waiting, &blocked);
	r = *w->ops->ending || (w->ops->reloading && *w->ops->reloading)
		    ? 0
		    : ppoll(&p, 1, &most, &blocked);
	(void)pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	return r < 0 && errno != EINTR ? err_sys(e, "wait for triggers") : 0;
}

static bool is_due(struct watch *w)
{
	const struct job *first = jobs_first(&w->jobs);

	return first && first->not_before_ns <= clock_ns(CLOCK_MONOTONIC);
}

int watch_run(struct watch *w, struct err *e)
{
	int r = 0;

	while (r == 0 && !*w->ops->ending) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		notify_alive();
		take_messages(w);
		if (is_due(w)) {
			do_job(w, jobs_take(&w->jobs));
			continue;
		}
		if (w->ops->reloading && *w->ops->reloading) {
			r = reload(w, e);
			continue;
		}
		if (now - w->metrics_ns >= WATCH_METRICS_SECONDS * 1000000000ULL) {
			w->metrics_ns = now;
			watch_metrics(w);
		}
		r = wait_for(w, e);
	}
	notify_say("STOPPING=1");
	return r;
}
