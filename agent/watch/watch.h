/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watch: it waits for triggers, lets one capture after the other be made,
 * and remembers what it did (watch/state.h).
 *
 * A trigger is obeyed once.  It is known by its source and its key; what went
 * and came again within a while is still the same.  One that carries an order
 * is refused, and the refusal recorded, unless the order is signed by who may,
 * for this host, in its time, and was not used before.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "watch/job.h"
#include "watch/resend.h"
#include "watch/sources.h"

struct buf;
struct err;
struct recorder;
struct watch;

enum {
	WATCH_NAMES_MAX = 8,
	WATCH_PLANS_MAX = 16,
	WATCH_AGAIN_SECONDS = 600,
	WATCH_AGAIN_SECONDS_MAX = 30 * 24 * 3600,
	WATCH_JITTER_MS_MAX = 600000,
	WATCH_METRICS_SECONDS = 15,
	WATCH_ANSWER_BYTES = 16 << 10,
	WATCH_TRIES = 4, /* of a capture that fails, but of who asked and waits */
	WATCH_TRY_SECONDS = 30,
	WATCH_GOES_SECONDS = 10, /* a capture ends so long before the host */
};

/* The name of the plan of triggers that leave little time, where it is there. */
#define WATCH_LAST_GASP "last-gasp"

/* Everything is borrowed. */
struct watch_config {
	struct watch_source sources[BELL_FEEDS_MAX];
	size_t sources_n;
	const char *state; /* path of the file */
	const char *metrics; /* a Prometheus text file; NULL = none */
	uint32_t again_after_seconds;
	uint32_t jitter_ms; /* a capture begins at most so much later */
	uint32_t try_seconds; /* until one that failed is tried again, longer
			       * with each try */
	const char *names[WATCH_NAMES_MAX]; /* of this host, for orders */
	size_t names_n;
	uint8_t order_keys[ORDER_KEYS_MAX][ORDER_KEY_BYTES];
	size_t order_keys_n;
	const char *plans[WATCH_PLANS_MAX]; /* names */
	size_t plans_n;
	const char *case_name; /* of a trigger that names none */
	struct push_config spool; /* spool NULL = none */
	const char *file; /* the configuration's, for people; "" = none */
};

struct watch_done {
	bool failed;
	bool gaps;
};

/* What the watch does not know how to do; ${arg} is the one of watch_run(). */
struct watch_ops {
	/*
	 * capture(arg, job, ret, done): make the capture and append a JSON
	 * object that says what became of it.  It calls watch_tick() while it
	 * runs.
	 */
	void (*capture)(void *arg, const struct job *job, struct buf *ret,
		struct watch_done *done);
	/*
	 * reload(arg, ret, e): the configuration anew, for SIGHUP; the one
	 * before is good until the next call.
	 */
	int (*reload)(void *arg, const struct watch_config **ret, struct err *e);
	/* end_by(arg, seconds): the capture that runs shall end in order. */
	void (*end_by)(void *arg, unsigned seconds);
	void (*tell)(const char *text); /* a line for the journal */
	const sigset_t *waiting; /* these signals, while it waits only */
	const atomic_bool *ending;
	atomic_bool *reloading; /* or NULL */
};

/* Of the capture that runs. */
struct watch_progress {
	uint64_t memory_total_bytes;
	uint64_t memory_done_bytes;
	uint64_t sealed_bytes;
	uint64_t elapsed_ns;
};

/*
 * watch_new(ret, config, ops, arg, recorder, e), watch_free(w):
 * The sources run and the service manager was told.  ${recorder} may be NULL.
 * -EBUSY: there is another watch.
 */
int watch_new(struct watch **ret, const struct watch_config *config,
	const struct watch_ops *ops, void *arg, struct recorder *recorder,
	struct err *e) MUST_CHECK;
void watch_free(struct watch *w);

/*
 * watch_run(w, e):
 * Until ops->ending.
 */
int watch_run(struct watch *w, struct err *e) MUST_CHECK;

/*
 * watch_tick(w, p):
 * The capture goes on, and this is how far it is; from any thread.
 */
void watch_tick(struct watch *w, const struct watch_progress *p);

#endif
