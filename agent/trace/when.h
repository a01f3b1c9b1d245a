/* SPDX-License-Identifier: Apache-2.0 */
/* Times as logs write them, at the beginning of a text. */
#ifndef TRACE_WHEN_H
#define TRACE_WHEN_H

#include "disk/slice.h"
#include "trace/trace.h"
#include "trace/zone.h"

/* Of nanoseconds, 64 bits have no more: in the year 2255. */
#define WHEN_SECONDS_MAX 9000000000ULL

struct when {
	int64_t time_ns;
	enum trace_time certainty;
};

/*
 * when_iso(ret, text, z):
 * "2026-11-23T10:00:00.123456+01:00", also with a blank or two between date and
 * time, a comma before the fraction, Z, or no zone, which is ${z}'s then; taken
 * off ${text}.  False for anything else.
 */
bool when_iso(struct when *ret, struct slice *text, const struct zone *z);

/*
 * when_syslog(ret, text, z, newest_ns):
 * "Nov 23 10:00:00" (RFC 3164): of the last year in which it is not after
 * ${newest_ns} by more than a day.
 */
bool when_syslog(struct when *ret, struct slice *text, const struct zone *z,
	int64_t newest_ns);

/*
 * when_number(ret, text, max): a decimal number at the beginning, taken off.
 */
bool when_number(uint64_t *ret, struct slice *text, size_t digits_max);

#endif
