/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the logs of a disk tell, as one set of events in the order of their
 * times; and what is odd about the logs themselves: holes, rewinds, entries that
 * were wiped.  Whoever had the rights could write anything there: an event is
 * what a log says, no more.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "disk/picture.h"
#include "disk/slice.h"

enum {
	TRACE_EVENTS_MAX = 1 << 17, /* kept in all */
	TRACE_SOURCE_EVENTS = 1 << 16, /* of one source */
	TRACE_TEXT_BYTES = 24 << 20, /* of all texts that are kept */
	TRACE_LINE_BYTES = 16 << 10, /* of a log; the rest of it is not read */
	TRACE_SHOWN_BYTES = 1024, /* of a text that is kept */
	TRACE_TAIL_BYTES = 8 << 20, /* of a log that is not packed: its end */
	TRACE_PACKED_BYTES = 64 << 20, /* of one that is: its beginning */
	TRACE_SECONDS = 20, /* for all logs */
};

/* How sure a time is; as icecore.v1.DiskTime. */
enum trace_time {
	TRACE_TIME_EXACT = 1, /* the log has the zone, or counts in UTC */
	TRACE_TIME_LOCAL, /* in the zone of the disk */
	TRACE_TIME_FILE, /* none of its own: when the file was changed last */
};

struct trace_event {
	int64_t time_ns; /* since 1970 */
	enum trace_time certainty;
	const char *source; /* "journal", "wtmp", "syslog", ... */
	const char *path; /* of the log */
	uint64_t number; /* of its line, record or entry, or its serial */
	uint8_t boot[16];
	bool has_boot;
	bool has_pid;
	bool has_uid;
	uint32_t pid;
	uint32_t uid;
	struct slice host; /* empty: not told; so are all of these */
	struct slice program;
	struct slice user;
	struct slice terminal;
	struct slice address;
	struct slice text;
};

/* What is odd; each has a rule. */
enum trace_oddity {
	TRACE_CUT, /* a log ends within a record */
	TRACE_WIPED, /* a record was overwritten with zeros */
	TRACE_REWIND, /* its times run back */
	TRACE_HOLE, /* numbers that should be there are not */
	TRACE_LOGIN_MISSING, /* lastlog tells what wtmp lacks */
	TRACE_BOOT_MISSING, /* wtmp tells a boot that the journal lacks */
	TRACE_TO_NOWHERE, /* a log or a history is a link to /dev/null */
	TRACE_WIPES, /* somebody told a shell to wipe logs */
	TRACE_FETCHES, /* somebody told a shell to run what it fetches */
	TRACE_GUESSED, /* a login after many failures from one address */
	TRACE_ODDITIES,
};

struct trace_config {
	const struct picture *picture;
	walk_miss *miss; /* what cannot be read, or is left out */
	/* All events, by their time; then what is odd. */
	int (*event)(void *arg, const struct trace_event *event, struct err *e);
	int (*odd)(void *arg, enum trace_oddity what, const char *path,
		const char *detail, struct err *e);
	void *arg;
	const atomic_bool *interrupted; /* NULL = nobody will */
};

/*
 * trace_run(config, e):
 * A negative return of what is called ends it.
 */
int trace_run(const struct trace_config *config, struct err *e) MUST_CHECK;

#endif
