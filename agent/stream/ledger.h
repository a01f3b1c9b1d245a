/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger of a capture: entries of acknowledged segments, the key that
 * signs them, and the chain of manifests.  Its functions take their turn by
 * themselves: any thread may call them.
 */
#ifndef STREAM_LEDGER_H
#define STREAM_LEDGER_H

#include "stream/stream.h"

struct ledger;

/*
 * ledger_open(ret, config, beginning, e):
 * Make the key and put manifest 0.  Free with ledger_free().
 */
int ledger_open(struct ledger **ret, const struct stream_config *config,
	const Icecore__V1__Beginning *beginning, struct err *e) MUST_CHECK;
void ledger_free(struct ledger *l);

/*
 * ledger_add(l, entry, e):
 * List an acknowledged segment; takes ${entry} in every case.  Puts a
 * manifest when one is due.
 */
int ledger_add(struct ledger *l, Icecore__V1__SegmentEntry *entry,
	struct err *e) MUST_CHECK;

/*
 * ledger_tick(l, e):
 * Put a manifest if one is due; ledger_due_ns() is when that will be, on
 * CLOCK_MONOTONIC, UINT64_MAX while nothing waits.
 */
int ledger_tick(struct ledger *l, struct err *e) MUST_CHECK;
uint64_t ledger_due_ns(struct ledger *l);

/*
 * ledger_end(l, outcome, reason, e):
 * Put the final manifest.
 */
int ledger_end(struct ledger *l, Icecore__V1__Outcome outcome,
	const char *reason, struct err *e) MUST_CHECK;

/*
 * ledger_stats(l, ret):
 * Sums over the acknowledged segments; leaves ret->written_bytes alone.
 */
void ledger_stats(struct ledger *l, struct stream_stats *ret);

/*
 * ledger_public_key(l, ret):
 * As stream_public_key().
 */
void ledger_public_key(const struct ledger *l, uint8_t *ret);

#endif
