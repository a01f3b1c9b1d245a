/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The courier brings objects to the sink, whatever happens on the way: it
 * tries again, waits for a new ticket, and turns to the spool while the sink is
 * away.  An object is never read or sealed twice, and never dropped in silence:
 * it is at the sink, in the spool, or courier_put() says that it is not.
 */
#ifndef STREAM_COURIER_H
#define STREAM_COURIER_H

#include <stdatomic.h>
#include <stdint.h>

#include "sink/sink.h"

struct courier;
struct err;

enum {
	/* Full jitter: a try waits between nothing and the least of these
	 * doubled each time, up to the most. */
	COURIER_BACKOFF_MIN_MS = 200,
	COURIER_BACKOFF_MAX_MS = 30000,
	COURIER_PROBE_MS = 5000, /* how often the sink is tried past a spool */
	COURIER_TICKET_MS = 500, /* how often a new ticket is looked for */
	COURIER_PATIENCE_SECONDS = 20, /* away so long: to the spool */
	COURIER_FIRST_SECONDS = 300, /* away from the start: give up */
	COURIER_GRACE_SECONDS = 30, /* for what is on its way at the end */
	/* Of the spool, kept for manifests, which are small. */
	COURIER_RESERVE_BYTES = 4 << 20,
	COURIER_SMALL_BYTES = 1 << 20,
};

#define COURIER_FOREVER UINT64_MAX

/* Borrowed while the courier is there. */
struct courier_config {
	struct sink *sink;
	struct sink *spool; /* NULL = none */
	uint64_t spool_max_bytes;
	/* How long an object is tried before it goes to the spool or, without
	 * one, before it is an error; and the same before the first success,
	 * without a spool. */
	uint64_t patience_ns;
	uint64_t first_ns;
	/* Once true, COURIER_GRACE_SECONDS are left.  May be NULL. */
	const atomic_bool *interrupted;
	/* Told when the sink goes away, is back, refuses, wants a ticket; any
	 * thread, one at a time.  May be NULL. */
	void (*tell)(const char *text);
};

/*
 * courier_new(ret, config, e):
 * Free with courier_free().
 */
int courier_new(struct courier **ret, const struct courier_config *config,
	struct err *e) MUST_CHECK;
void courier_free(struct courier *c);

/*
 * courier_put(c, o, e):
 * Deliver one object; any thread.  0: it is at the sink or in the spool.
 * -EEXIST: its name is taken by something else.  -ETIMEDOUT: the sink stayed
 * away and there is no room elsewhere.  Else the sink refuses for good, and
 * there is no spool.
 */
int courier_put(struct courier *c, const struct sink_object *o,
	struct err *e) MUST_CHECK;

struct courier_stats {
	uint64_t sent; /* objects acknowledged by the sink */
	uint64_t sent_bytes;
	uint64_t spooled;
	uint64_t spooled_bytes;
	uint64_t retries;
	uint64_t resent_bytes; /* of tries whose answer was lost */
	uint64_t were_there; /* such objects that turned out to be stored */
	uint64_t tickets; /* renewed */
	uint64_t away_ns; /* in all, from a put that failed to the next success */
};

void courier_stats(struct courier *c, struct courier_stats *ret);

#endif
