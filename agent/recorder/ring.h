/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last minutes, as the records of bpf/recorder.h: a ring in memory of a
 * fixed size.  What is new overwrites what is oldest, and what is older than
 * its time goes.  Nothing goes without being counted.  One thread at a time.
 */
#ifndef RECORDER_RING_H
#define RECORDER_RING_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/recorder.h"

struct err;
struct ring;

enum {
	RING_MIN_BYTES = 64 << 10,
	RING_MAX_BYTES = 1 << 30,
	RING_RECORD_BYTES = 8 << 10, /* of one record, at most */
};

struct ring_counters {
	uint64_t recorded[RECORDER_KINDS]; /* that came in */
	uint64_t overwritten[RECORDER_KINDS]; /* by newer ones */
	uint64_t expired[RECORDER_KINDS]; /* they were too old */
	uint64_t malformed; /* no record: they are not in it */
};

/*
 * ring_new(ret, bytes, e), ring_free(r):
 * An empty ring; its memory is used as it fills.  -EINVAL: too small or too
 * large.
 */
int ring_new(struct ring **ret, size_t bytes, struct err *e) MUST_CHECK;
void ring_free(struct ring *r);

/*
 * ring_put(r, record, len):
 * Copy one record in, which may be longer than it says itself, but not
 * shorter.  What is none is counted as malformed.
 */
void ring_put(struct ring *r, const void *record, size_t len);

/*
 * ring_expire(r, before_boot_ns):
 * Let go of what happened before.
 */
void ring_expire(struct ring *r, uint64_t before_boot_ns);

/*
 * ring_read(r, at, ret, cap, skipped):
 * Copy whole records from the number ${at} on, which it moves behind the last
 * one.  Where ${at} is not there any more it goes on with the oldest, and adds
 * to ${skipped} how many it did not see.  Return how many bytes; 0 = no more.
 * The first record ever has the number 0.
 */
size_t ring_read(struct ring *r, uint64_t *at, uint8_t *ret, size_t cap,
	uint64_t *skipped);

/*
 * ring_end(r): the number of the record that will come next.
 * ring_oldest(r): of the oldest one that is there.
 * ring_oldest_ns(r): when that was; 0 = the ring is empty.
 * ring_used(r): bytes of it in use.
 */
uint64_t ring_end(const struct ring *r);
uint64_t ring_oldest(const struct ring *r);
uint64_t ring_oldest_ns(const struct ring *r);
size_t ring_used(const struct ring *r);
const struct ring_counters *ring_counters(const struct ring *r);

#endif
