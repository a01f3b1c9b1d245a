/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's records (bpf/recorder.h) as messages.  A batch has room for
 * the events of one Events record; they point into the bytes that they were
 * made of.
 */
#ifndef COLLECT_EVENT_RECORD_H
#define COLLECT_EVENT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;
struct event_batch;
struct recorder;

enum {
	EVENT_BATCH = 256, /* events of one record */
	EVENT_ARGS_MAX = 128, /* of one event; the last one has the rest */
};

/*
 * event_batch_new(ret, r, e), event_batch_free(b):
 * ${r} knows the paths of cgroups; NULL = nobody does.
 */
int event_batch_new(
	struct event_batch **ret, struct recorder *r, struct err *e) MUST_CHECK;
void event_batch_free(struct event_batch *b);

/*
 * event_batch_fill(b, bytes, len):
 * Make messages of as many whole records as there are and there is room for,
 * one behind the other and padded to eight bytes.  Return how many of ${bytes}
 * that were; what is no record ends it, and is the rest of ${len}.
 */
size_t event_batch_fill(struct event_batch *b, const uint8_t *bytes, size_t len);

/*
 * event_batch_message(b): what the last call made; n_events may be 0.
 */
Icecore__V1__Events *event_batch_message(struct event_batch *b);

#endif
