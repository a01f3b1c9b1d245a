/* SPDX-License-Identifier: Apache-2.0 */
/* One trigger source in a thread, and what it says to a bell of the test. */
#ifndef UNIT_SOURCE_FIXTURE_H
#define UNIT_SOURCE_FIXTURE_H

#include <poll.h>
#include <pthread.h>

#include "trigger/bell.h"
#include "trigger/kind.h"
#include "unit/unit.h"

enum { SOURCE_PATIENCE_MS = 20000 };

struct source_fixture {
	struct bell *bell;
	struct feed *feed;
	const struct trigger_kind *kind;
	const void *settings;
	pthread_t thread;
	struct err why;
	int returned;
};

static inline void *source_run(void *arg)
{
	struct source_fixture *s = arg;

	s->returned = s->kind->run(s->settings, s->feed, &s->why);
	return NULL;
}

/* ${s} may be prepared with bell_status() and bell_recorder() in between. */
static inline void source_new(struct source_fixture *s,
	const struct trigger_kind *kind, const void *settings)
{
	struct err e = { 0 };

	*s = (struct source_fixture){ .kind = kind, .settings = settings };
	assert_ok(bell_new(&s->bell, &e), &e);
	assert_ok(bell_feed(&s->feed, s->bell, kind->name, &e), &e);
}

static inline void source_begin(struct source_fixture *s)
{
	assert_int_equal(pthread_create(&s->thread, NULL, source_run, s), 0);
}

/* The return of run(). */
static inline int source_end(struct source_fixture *s)
{
	bell_end(s->bell);
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	bell_free(s->bell);
	return s->returned;
}

/* The next message, or the test fails. */
static inline void source_next(struct source_fixture *s, struct bell_message *ret)
{
	struct pollfd p = { .fd = bell_fd(s->bell), .events = POLLIN };

	assert_int_equal(poll(&p, 1, SOURCE_PATIENCE_MS), 1);
	assert_true(bell_next(s->bell, ret));
}

/* That the source is ${state} and says ${part}, within its time. */
static inline void source_says(
	struct source_fixture *s, enum feed_state state, const char *part)
{
	struct feed_line lines[BELL_FEEDS_MAX];

	for (int i = 0; i < SOURCE_PATIENCE_MS / 10; i++) {
		assert_int_equal(bell_lines(s->bell, lines), 1);
		if (lines[0].state == state && strstr(lines[0].text, part))
			return;
		(void)poll(NULL, 0, 10);
	}
	fail_msg("%s: '%s' lacks '%s'", feed_state_name(lines[0].state),
		lines[0].text, part);
}

#endif
