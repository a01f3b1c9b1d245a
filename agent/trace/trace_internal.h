/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of traces share. */
#ifndef TRACE_INTERNAL_H
#define TRACE_INTERNAL_H

#include "base/buf.h"
#include "trace/trace.h"
#include "trace/when.h"

struct tracing; /* all of it; see trace.c */

/* One log while it is read. */
struct trace_log {
	struct tracing *t;
	const struct trace_source *source;
	const char *path;
	uint32_t file; /* of the walk */
	int64_t changed_ns; /* when it was changed last */
	const struct zone *zone;
	uint64_t number; /* of the line or record that is read */
	struct when when; /* of the last time that a line had */
	bool has_when;
	bool in_long; /* what comes is the rest of a line that was cut */
	uint64_t serial; /* of audit: the last one */
	uint64_t missing; /* serials between others */
};

/* Events of one line; its line feed is not in it. */
typedef int trace_line(struct trace_log *log, struct slice line, struct err *e);

struct trace_source {
	const char *name;
	const char *const *patterns; /* for walk_glob(); NULL ends them */
	trace_line *line; /* of a text, by lines */
	int (*end)(struct trace_log *log, struct err *e); /* behind them; or NULL */
	/* Of anything else: all of a descriptor. */
	int (*read)(struct trace_log *log, int fd, struct err *e);
};

/* Ends with one whose name is NULL. */
extern const struct trace_source trace_sources[];

/*
 * trace_put(log, event, e): keep an event of ${log}; source, path and number
 * are set here.  What there is no room for is counted.
 */
int trace_put(struct trace_log *log, struct trace_event *event,
	struct err *e) MUST_CHECK;

/*
 * trace_odd(log, what, e, format, ...): say so of the log.
 */
int trace_odd(struct trace_log *log, enum trace_oddity what, struct err *e,
	const char *format, ...) MUST_CHECK __attribute__((format(printf, 4, 5)));

/*
 * trace_gap(log, reason, e): some of it is not read.
 */
int trace_gap(struct trace_log *log, const char *reason, struct err *e) MUST_CHECK;

/*
 * trace_over(log): the time is up, or somebody interrupted.
 */
bool trace_over(const struct trace_log *log);

/*
 * trace_sshd_address(text):
 * The word behind the last "from" of what sshd says: a user may have named
 * himself "x from 192.0.2.1".  Empty: there is none.
 */
struct slice trace_sshd_address(struct slice text);

/*
 * trace_homes(t, pattern, see, arg, e):
 * As walk_glob(), of ${pattern} in each home: /root, those in /home, and those
 * of the disk's own /etc/passwd.
 */
int trace_homes(const struct picture *p, const char *pattern, walk_see *see,
	void *arg, struct err *e) MUST_CHECK;

/* Lines and files of each kind; what each is stands in source.c. */
int trace_syslog(struct trace_log *log, struct slice line, struct err *e);
int trace_audit(struct trace_log *log, struct slice line, struct err *e);
int trace_audit_end(struct trace_log *log, struct err *e);
int trace_history(struct trace_log *log, struct slice line, struct err *e);
int trace_dated(struct trace_log *log, struct slice line, struct err *e);
int trace_apt(struct trace_log *log, struct slice line, struct err *e);
int trace_cri(struct trace_log *log, struct slice line, struct err *e);
int trace_docker(struct trace_log *log, struct slice line, struct err *e);
int trace_utmp(struct trace_log *log, int fd, struct err *e);
int trace_lastlog(struct trace_log *log, int fd, struct err *e);
int trace_journal(struct trace_log *log, int fd, struct err *e);

#endif
