/* SPDX-License-Identifier: Apache-2.0 */
/* A source of triggers that runs, and the watch's side of its bell. */
#ifndef UNIT_SOURCE_TALK_H
#define UNIT_SOURCE_TALK_H

#include <pthread.h>

#include "base/err.h"
#include "trigger/bell.h"
#include "trigger/kind.h"

enum {
	TALK_SECONDS = 20, /* the longest wait for anything */
	TALK_RINGING_MAX = 16,
};

struct talk {
	struct bell *bell;
	struct feed *feed;
	const struct trigger_kind *kind;
	const void *settings;
	pthread_t thread;
	int r; /* what run() returned */
	struct err e;
	struct bell_message last; /* that was expected */
	char ringing[TALK_RINGING_MAX][TRIGGER_KEY_CHARS]; /* "" = free */
};

/*
 * talk_begin(t, kind, settings), talk_end(t):
 * Let it run with these settings, which are checked before; end it, which must
 * not last, and return how many milliseconds it did.
 */
void talk_begin(
	struct talk *t, const struct trigger_kind *kind, const void *settings);
unsigned talk_end(struct talk *t);

/*
 * talk_expect(t, what, key, reason):
 * Wait for a message of this kind whose key and reason begin so; what rings
 * again is passed over, anything else fails the test.
 */
void talk_expect(struct talk *t, enum bell_what what, const char *key,
	const char *reason);

/*
 * talk_state(t, state, part):
 * Wait until its status is so, with ${part} in its text.
 *
 * talk_quiet(t, enough, arg):
 * There is no message, but of what rings still, until ${enough}(arg).
 */
void talk_state(struct talk *t, enum feed_state state, const char *part);
void talk_quiet(struct talk *t, bool (*enough)(void *arg), void *arg);

#endif
