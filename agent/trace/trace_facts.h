/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of the logs to be held against each other: which numbers
 * the journal has, which boots and logins which log tells.
 */
#ifndef TRACE_FACTS_H
#define TRACE_FACTS_H

#include "trace/trace_internal.h"

enum {
	FACTS_RANGES_MAX = 1 << 16, /* of numbers, unbroken */
	FACTS_SERIES_MAX = 64, /* of numbers; of files that belong together */
	FACTS_TIMES_MAX = 4096, /* boots or logins of one log */
	FACTS_ADDRESSES_MAX = 1024, /* from which logins failed */
	FACTS_FAILURES = 10, /* then a login that succeeds is odd */
};

struct facts_range {
	uint16_t series;
	uint64_t first;
	uint64_t last;
};

struct facts_times {
	int64_t v[FACTS_TIMES_MAX];
	size_t n;
	bool lost; /* there were more */
};

/* From where logins failed. */
struct facts_address {
	const char *source; /* several tell the same failure */
	char text[64];
	uint32_t failures; /* since a login succeeded */
	bool told;
};

struct trace_facts {
	uint8_t series[FACTS_SERIES_MAX][16];
	size_t series_n;
	struct facts_range *ranges;
	size_t ranges_n;
	bool ranges_lost;
	/* Of each family of journals ("system", "user-1000") the least number. */
	struct facts_family {
		char name[64];
		uint64_t least;
	} families[FACTS_SERIES_MAX];
	size_t families_n;
	char journal[WALK_PATH_BYTES]; /* to tell holes of */
	struct facts_times boots; /* of wtmp */
	struct facts_times logins; /* of wtmp */
	struct facts_times lastlog;
	bool heard[FACTS_TIMES_MAX]; /* of ->boots: the journal has what came next */
	int64_t wtmp_from_ns; /* its first record; INT64_MAX: none */
	int64_t journal_from_ns, journal_to_ns;
	struct facts_address addresses[FACTS_ADDRESSES_MAX];
	size_t addresses_n;
};

/*
 * trace_facts_of(log): borrowed.
 */
struct trace_facts *trace_facts_of(const struct trace_log *log);

/*
 * trace_facts_seqnum(log, id, seqnum, e): the journal of ${log} has it.
 */
int trace_facts_seqnum(struct trace_log *log, const uint8_t id[16],
	uint64_t seqnum, struct err *e) MUST_CHECK;

/*
 * trace_facts_event(f, event, config, e): one event, in the order of times;
 * what it shows by itself is told.
 * trace_facts_end(f, config, e): what only all of them show.
 */
int trace_facts_event(struct trace_facts *f, const struct trace_event *event,
	const struct trace_config *config, struct err *e) MUST_CHECK;
int trace_facts_end(struct trace_facts *f, const struct trace_config *config,
	struct err *e) MUST_CHECK;
void trace_facts_done(struct trace_facts *f);

#endif
