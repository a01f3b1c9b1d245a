/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The triggers that a source sees at the moment.  A round looks at a part of
 * them, which their keys begin with ("tag:"): what is there rings, every time;
 * what was there and is not any more is told to be gone.
 *
 *     seen_begin(s, "tag:");
 *     seen_value(s, f, &like, "tag", "icecore", value, len);
 *     seen_end(s, f, "tag:");
 */
#ifndef TRIGGER_SEEN_H
#define TRIGGER_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "trigger/event.h"

struct err;
struct feed;
struct seen;

enum {
	/* Past so many a trigger still rings, but its end is not told. */
	SEEN_KEYS_MAX = 512,
	SEEN_NAME_CHARS = 64, /* of a name in a key */
};

int seen_new(struct seen **ret, struct err *e) MUST_CHECK;
void seen_free(struct seen *s);

#define AUTO_SEEN CLEANUP(seen_freep)
static inline void seen_freep(struct seen **s)
{
	seen_free(*s);
}

/*
 * seen_begin(s, prefix), seen_end(s, f, prefix):
 * A round over the keys that begin with ${prefix}.  A round that could not be
 * looked at whole is not ended: nothing is gone that was only not seen.
 */
void seen_begin(struct seen *s, const char *prefix);
void seen_end(struct seen *s, struct feed *f, const char *prefix);

/*
 * seen_ring(s, f, ev):
 * ${ev} is there.  Return whether it was not before.
 */
bool seen_ring(struct seen *s, struct feed *f, const struct trigger_event *ev);

/*
 * seen_refuse(s, f, key, why):
 * What is there under ${key} is malformed.
 */
void seen_refuse(
	struct seen *s, struct feed *f, const char *key, const char *why);

/*
 * seen_value(s, f, like, kind, name, value, len):
 * Something of ${kind} ("tag") called ${name} is there with this value, which
 * people or services wrote: an order, or a reason.  The event is ${like} with
 * "KIND:NAME=HASH" after the key that is in it, so that another value is
 * another trigger, and "KIND NAME=VALUE" after the reason.  A value that is
 * longer than an order may be is refused.  Returns as seen_ring().
 */
bool seen_value(struct seen *s, struct feed *f, const struct trigger_event *like,
	const char *kind, const char *name, const char *value, size_t len);

#endif
