/* SPDX-License-Identifier: Apache-2.0 */
/* A watch over a source and captures that are made up. */
#ifndef UNIT_WATCH_FIXTURE_H
#define UNIT_WATCH_FIXTURE_H

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "trigger/kind.h"
#include "unit/scratch.h"
#include "unit/unit.h"
#include "watch/watch.h"

enum { PATIENCE_SECONDS = 20, JOBS_SEEN_MAX = 32, REPORTS_SEEN_MAX = 64 };

/* All of it under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct job seen[JOBS_SEEN_MAX];
static size_t seen_n, reports_n, fail_next;
static struct trigger_report reports[REPORTS_SEEN_MAX];
static bool held, is_held; /* a capture waits until it may go on */
static unsigned ended_by;
static char said[4096];

static char top[SCRATCH_CHARS], state_at[SCRATCH_CHARS], metrics[SCRATCH_CHARS];
static struct feed *the_feed;
static struct watch *watch;
static struct watch_config config, other_config;
static atomic_bool ending, reloading;
static sigset_t none;
static pthread_t thread;
static EVP_PKEY *pkey;

static int run(const void *settings, struct feed *f, struct err *e)
{
	struct trigger_report r;

	(void)settings;
	(void)e;
	(void)pthread_mutex_lock(&lock);
	the_feed = f;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
	feed_tell(f, FEED_WAITING, "made up");
	do {
		(void)pthread_mutex_lock(&lock);
		while (feed_report(f, &r)) {
			if (reports_n == REPORTS_SEEN_MAX)
				abort();
			reports[reports_n++] = r;
			(void)pthread_cond_broadcast(&changed);
		}
		(void)pthread_mutex_unlock(&lock);
	} while (!feed_sleep(f, 1000));
	(void)pthread_mutex_lock(&lock);
	the_feed = NULL;
	(void)pthread_mutex_unlock(&lock);
	return 0;
}

static const struct trigger_kind kind = { .name = "made-up", .run = run };

static void capture(void *arg, const struct job *job, struct buf *ret,
	struct watch_done *done)
{
	const struct watch_progress p = { .sealed_bytes = 7 };
	struct err e = { 0 };

	(void)arg;
	(void)pthread_mutex_lock(&lock);
	assert_true(seen_n < JOBS_SEEN_MAX);
	seen[seen_n++] = *job;
	is_held = held;
	(void)pthread_cond_broadcast(&changed);
	while (held) {
		(void)pthread_mutex_unlock(&lock);
		watch_tick(watch, &p);
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		(void)pthread_mutex_lock(&lock);
	}
	is_held = false;
	done->failed = fail_next > 0;
	fail_next -= done->failed;
	(void)pthread_mutex_unlock(&lock);
	assert_ok(buf_text(ret, &e, "{\"outcome\":\"%s\"}",
			  done->failed ? "failed" : "complete"),
		&e);
}

static void end_by(void *arg, unsigned seconds)
{
	(void)arg;
	(void)pthread_mutex_lock(&lock);
	ended_by = seconds;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}

static int reload(void *arg, const struct watch_config **ret, struct err *e)
{
	(void)arg;
	if (!other_config.state)
		return err_set(e, -EINVAL, "line 7 is wrong");
	*ret = &other_config;
	return 0;
}

static void tell(const char *text)
{
	(void)pthread_mutex_lock(&lock);
	(void)snprintf(
		said + strlen(said), sizeof(said) - strlen(said), "%s\n", text);
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}

static const struct watch_ops ops = { .capture = capture,
	.reload = reload,
	.end_by = end_by,
	.tell = tell,
	.waiting = &none,
	.ending = &ending,
	.reloading = &reloading };

/* Until ${condition}, under the lock, or the test fails. */
#define wait_until(condition)                                                  \
	do {                                                                   \
		struct timespec until_;                                        \
		int r_ = 0;                                                    \
		(void)clock_gettime(CLOCK_REALTIME, &until_);                  \
		until_.tv_sec += PATIENCE_SECONDS;                             \
		(void)pthread_mutex_lock(&lock);                               \
		while (!(condition) && r_ == 0)                                \
			r_ = pthread_cond_timedwait(&changed, &lock, &until_); \
		(void)pthread_mutex_unlock(&lock);                             \
		if (r_)                                                        \
			fail_msg("never: %s; said %s", #condition, said);      \
	} while (0)

static void *run_watch(void *arg)
{
	struct err e = { 0 };

	(void)arg;
	assert_ok(watch_run(watch, &e), &e);
	return NULL;
}

static void begin(void)
{
	struct err e = { 0 };

	ending = false;
	assert_ok(watch_new(&watch, &config, &ops, NULL, NULL, &e), &e);
	assert_int_equal(pthread_create(&thread, NULL, run_watch, NULL), 0);
	wait_until(the_feed != NULL);
}

/* A ring that means nothing lets the watch look at the flag. */
static void end(void)
{
	ending = true;
	feed_gone(the_feed, "nothing");
	assert_int_equal(pthread_join(thread, NULL), 0);
	watch_free(watch);
}

static int set_up(void **state)
{
	size_t len = ORDER_KEY_BYTES;

	(void)state;
	scratch_new(top);
	scratch_path(state_at, top, "state.json");
	scratch_path(metrics, top, "icecore.prom");
	(void)sigemptyset(&none);
	config = (struct watch_config){ .state = state_at,
		.sources = { { .kind = &kind } },
		.sources_n = 1,
		.metrics = metrics,
		.again_after_seconds = 600,
		.names = { "host-1" },
		.names_n = 1,
		.plans = { "quick", WATCH_LAST_GASP },
		.plans_n = 2,
		.case_name = "standby",
		.file = "" };
	other_config = (struct watch_config){ .state = NULL };
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_int_equal(
		EVP_PKEY_get_raw_public_key(pkey, config.order_keys[0], &len), 1);
	config.order_keys_n = 1;
	seen_n = reports_n = fail_next = 0;
	held = false;
	ended_by = 0;
	said[0] = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < reports_n; i++)
		free(reports[i].text);
	EVP_PKEY_free(pkey);
	scratch_remove(top);
	return 0;
}

static struct trigger_event event(const char *key)
{
	struct trigger_event ev = { .reason = "tag" };

	(void)snprintf(ev.key, sizeof(ev.key), "%s", key);
	return ev;
}

static void ring(const char *key)
{
	struct trigger_event ev = event(key);

	feed_ring(the_feed, &ev);
}

static const struct trigger_report *reported(
	const char *key, enum trigger_stage stage)
{
	for (size_t i = 0; i < reports_n; i++)
		if (strcmp(reports[i].key, key) == 0 && reports[i].stage == stage)
			return &reports[i];
	return NULL;
}

static json_t *status(void)
{
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };
	json_t *j = NULL;

	buf_init(&text, 1 << 20);
	assert_ok(feed_status(the_feed, &text, &e), &e);
	assert_ok(json_decode(&j, text.data, text.len, &e), &e);
	return j;
}

static int64_t counted(const char *name)
{
	json_t *j = status();
	int64_t n = json_integer_value(
		json_object_get(json_object_get(j, "counters"), name));

	json_decref(j);
	return n;
}

#endif
