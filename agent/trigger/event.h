/* SPDX-License-Identifier: Apache-2.0 */
/* What a trigger says: that a capture is wanted, of what, and why. */
#ifndef TRIGGER_EVENT_H
#define TRIGGER_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "evidence/order.h"

enum {
	TRIGGER_KEY_CHARS = 192,
	TRIGGER_CASE_CHARS = 128,
	TRIGGER_REASON_CHARS = 256,
	TRIGGER_ORDER_CHARS = ORDER_TEXT_CHARS,
	TRIGGER_POD_CHARS = 320, /* "NAMESPACE/NAME" */
};

enum trigger_flags {
	TRIGGER_LAST_GASP = 1 << 0, /* the host goes away at gone_realtime_ns */
	TRIGGER_MAY_NAME_CASE = 1 << 1, /* root asked, by the local socket */
};

struct trigger_event {
	/* Within its source: the same key again is the same trigger, until it
	 * was gone for a while (feed_gone()). */
	char key[TRIGGER_KEY_CHARS];
	char reason[TRIGGER_REASON_CHARS]; /* for people */
	char case_name[TRIGGER_CASE_CHARS]; /* "" = that of the plan */
	char order[TRIGGER_ORDER_CHARS]; /* "" = it is not signed */
	char pod[TRIGGER_POD_CHARS]; /* capture it first; "" = the host */
	unsigned flags; /* enum trigger_flags */
	uint64_t gone_realtime_ns; /* 0 = it stays */
	/* Filled in by feed_ring(). */
	uint64_t seen_realtime_ns;
	uint64_t seen_boot_ns;
};

/*
 * trigger_event_value(ev, value, len):
 * What a person or a service wrote in a tag, a label or a file: an order where
 * it begins as one, else a part of the reason, which has its beginning ("tag
 * icecore=").  -EMSGSIZE: it is longer than an order may be; nothing is set.
 */
int trigger_event_value(
	struct trigger_event *ev, const char *value, size_t len) MUST_CHECK;

/*
 * trigger_event_say(ev, text, len):
 * Add to the reason, as far as there is room, '?' for what is no printable
 * ASCII.
 */
void trigger_event_say(struct trigger_event *ev, const char *text, size_t len);

#endif
