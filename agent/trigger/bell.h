/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the sources of triggers, each in a thread of its own, meet the watch.
 * A source has a feed: it rings when there is a trigger, tells how it is, and
 * is told what became of what it rang for.  Nothing here blocks but
 * feed_sleep(); queues are bounded and count what they drop.
 */
#ifndef TRIGGER_BELL_H
#define TRIGGER_BELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trigger/event.h"

struct bell;
struct buf;
struct err;
struct feed;
struct recorder;

enum {
	BELL_FEEDS_MAX = 16,
	BELL_QUEUE_MAX = 64, /* messages that the watch has not taken yet */
	BELL_REPORTS_MAX = 64, /* of one feed, that its source has not taken */
	BELL_TEXT_CHARS = 256,
};

/* How a source is. */
enum feed_state {
	FEED_STARTING,
	FEED_WAITING, /* it looks, and all is well */
	FEED_AWAY, /* what it asks does not answer now; it goes on trying */
	FEED_UNUSABLE, /* it can see nothing here, and says why */
};

/* What became of a trigger. */
enum trigger_stage {
	TRIGGER_QUEUED,
	TRIGGER_BEGUN, /* the capture runs */
	TRIGGER_DONE, /* whatever the outcome: see the text */
	TRIGGER_REFUSED,
};

struct trigger_report {
	char key[TRIGGER_KEY_CHARS];
	enum trigger_stage stage;
	char *text; /* JSON, see icecore trigger; or NULL.  The taker frees it */
};

/* Of sources. */

/*
 * feed_ring(f, ev):
 * There is a trigger, or there is still the same.  Ringing again is cheap.
 */
void feed_ring(struct feed *f, const struct trigger_event *ev);

/*
 * feed_gone(f, key):
 * What ${key} stood for is not there any more: the tag was removed.
 */
void feed_gone(struct feed *f, const char *key);

/*
 * feed_refuse(f, key, fmt, ...):
 * Something that would be a trigger is malformed: it is recorded, and nothing
 * else happens.  Once for each ${key} until it is gone.
 */
void feed_refuse(struct feed *f, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * feed_tell(f, state, fmt, ...):
 * For icecore status; "" says no more than the state.
 */
void feed_tell(struct feed *f, enum feed_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * feed_sleep(f, ms):
 * Wait so long, or until there is a report or the watch ends.  True: it ends,
 * and the source shall return.  feed_ends(f): the same without waiting.
 */
bool feed_sleep(struct feed *f, unsigned ms);
bool feed_ends(struct feed *f);

/*
 * feed_fd(f):
 * Readable while there is a report or the watch ends, for poll().  Owned by ${f}.
 *
 * feed_report(f, ret):
 * The oldest report that was not taken; false = none.
 */
int feed_fd(const struct feed *f);
bool feed_report(struct feed *f, struct trigger_report *ret);

/*
 * feed_status(f, ret, e):
 * Append what icecore status --json prints to ${ret}.
 */
int feed_status(struct feed *f, struct buf *ret, struct err *e) MUST_CHECK;

/*
 * feed_recorder(f): the flight recorder of the watch; NULL = none.
 */
struct recorder *feed_recorder(struct feed *f);

/* Of the watch. */

/*
 * bell_new(ret, e), bell_end(b), bell_free(b):
 * bell_end() lets every source return; free it when their threads have ended.
 */
int bell_new(struct bell **ret, struct err *e) MUST_CHECK;
void bell_end(struct bell *b);
void bell_free(struct bell *b);

/*
 * bell_feed(ret, b, name, e):
 * One more source; ${name} is borrowed, the feed is owned by ${b}.
 */
int bell_feed(struct feed **ret, struct bell *b, const char *name,
	struct err *e) MUST_CHECK;

/*
 * bell_status(b, tell, arg), bell_recorder(b, recorder):
 * Before the first source runs: ${tell}(arg, ret, e) answers feed_status(),
 * from any thread; ${recorder} is what feed_recorder() gives.
 */
void bell_status(struct bell *b,
	int (*tell)(void *arg, struct buf *ret, struct err *e), void *arg);

void bell_recorder(struct bell *b, struct recorder *recorder);

/* What a source said. */
enum bell_what { BELL_RING, BELL_GONE, BELL_REFUSE };

struct bell_message {
	enum bell_what what;
	struct feed *feed;
	struct trigger_event event; /* of BELL_GONE and BELL_REFUSE the key,
				     * and the reason */
};

/*
 * bell_fd(b): readable while there is a message.
 * bell_next(b, ret): the oldest one; false = none.
 */
int bell_fd(const struct bell *b);
bool bell_next(struct bell *b, struct bell_message *ret);

/*
 * bell_host_goes(b):
 * When the host goes away by a message that waits, CLOCK_REALTIME; 0 = by none.
 */
uint64_t bell_host_goes(struct bell *b);

/*
 * feed_answer(f, key, stage, text):
 * Tell the source what became of its trigger; ${text} is copied.
 */
void feed_answer(struct feed *f, const char *key, enum trigger_stage stage,
	const char *text);

/* A line of icecore status. */
struct feed_line {
	const char *name;
	enum feed_state state;
	char text[BELL_TEXT_CHARS];
	uint64_t rung;
	uint64_t refused;
	uint64_t dropped; /* messages, for which the queue had no room */
};

/*
 * bell_lines(b, ret):
 * How many there are, in the order of bell_feed().
 */
size_t bell_lines(struct bell *b, struct feed_line ret[BELL_FEEDS_MAX]);

const char *feed_name(const struct feed *f);
const char *feed_state_name(enum feed_state state);

#endif
