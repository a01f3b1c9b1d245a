/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time zone of a disk, by the transitions of its /etc/localtime (RFC 9636,
 * version 2 and later); what follows the last of them is taken to go on so.
 */
#ifndef TRACE_ZONE_H
#define TRACE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum { ZONE_TRANSITIONS_MAX = 4096, ZONE_TYPES_MAX = 256 };

struct zone {
	size_t n;
	int64_t at[ZONE_TRANSITIONS_MAX]; /* seconds since 1970 */
	uint8_t type[ZONE_TRANSITIONS_MAX];
	int32_t offset[ZONE_TYPES_MAX]; /* seconds east; [0] before the first */
};

/*
 * zone_parse(ret, bytes, len, e): -EBADMSG for what is none.
 */
int zone_parse(struct zone *ret, const uint8_t *bytes, size_t len,
	struct err *e) MUST_CHECK;

/*
 * zone_to_utc(z, local): seconds since 1970 of a clock on the wall; of an hour
 * that is there twice the first.
 */
int64_t zone_to_utc(const struct zone *z, int64_t local);

#endif
