// SPDX-License-Identifier: Apache-2.0
/* Lines of logs of every kind, and time zones. */
#undef NDEBUG
#include <assert.h>

#include "base/err.h"
#include "trace/trace_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t ones;

/* Every byte of it may be read. */
static void check(struct slice s)
{
	if (s.len && memchr(s.p, 1, s.len))
		ones++;
}

/* In place of those that keep what they are given. */
int trace_put(struct trace_log *log, struct trace_event *v, struct err *e)
{
	(void)log;
	(void)e;
	check(v->host);
	check(v->program);
	check(v->user);
	check(v->terminal);
	check(v->address);
	check(v->text);
	assert(v->certainty >= TRACE_TIME_EXACT &&
		v->certainty <= TRACE_TIME_FILE);
	return 0;
}

int trace_odd(struct trace_log *log, enum trace_oddity what, struct err *e,
	const char *format, ...)
{
	(void)log;
	(void)e;
	(void)format;
	assert(what < TRACE_ODDITIES);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static trace_line *const kinds[] = { trace_syslog, trace_audit,
		trace_history, trace_dated, trace_apt, trace_cri, trace_docker };
	static struct zone zone;
	struct err e = { 0 };

	if (zone_parse(&zone, data, size, &e) == 0)
		for (int64_t t = -4000000000; t < 9000000000; t += 777777777)
			(void)zone_to_utc(&zone, t);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct slice all = { (const char *)data, size }, line;
		struct trace_log log = { .path = "/home/u/.bash_history",
			.changed_ns = 1763000000LL * 1000000000,
			.zone = &zone };

		while (slice_line(&line, &all)) {
			log.number++;
			assert(kinds[i](&log, line, &e) == 0);
		}
		assert(trace_audit_end(&log, &e) == 0);
	}
	return 0;
}
