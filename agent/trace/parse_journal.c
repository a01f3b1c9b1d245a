// SPDX-License-Identifier: Apache-2.0
/* Entries of the journal as events, and numbers that it lacks. */
#include <errno.h>
#include <sys/stat.h>

#include "base/err.h"
#include "trace/journal_file.h"
#include "trace/trace_facts.h"
#include "trace/trace_internal.h"

enum { VALUE_BYTES = 256 };

#define REWIND_US (60ULL * 1000000) /* more than clocks are set at a boot */

struct reading {
	struct trace_log *log;
	struct journald_file *j;
	struct journald_entry before; /* the entry before; seqnum 0: none */
	uint64_t lost; /* entries with fields that could not be read */
	int failed; /* what trace_put() returned */
	/* Of the entry that is read. */
	char text[TRACE_SHOWN_BYTES];
	size_t text_len;
	struct value {
		char bytes[VALUE_BYTES];
		size_t len;
	} host, program, comm, pid, uid, unit;
};

static struct slice slice_of_value(const struct value *v)
{
	return (struct slice){ v->bytes, v->len };
}

static int see_field(void *arg, const char *name, size_t name_len,
	const char *value, size_t len, struct err *e)
{
	struct reading *g = arg;
	const struct {
		const char *name;
		struct value *to;
	} values[] = { { "_HOSTNAME", &g->host },
		{ "SYSLOG_IDENTIFIER", &g->program }, { "_COMM", &g->comm },
		{ "_PID", &g->pid }, { "_UID", &g->uid },
		{ "_SYSTEMD_UNIT", &g->unit } };

	(void)e;
	if (slice_is((struct slice){ name, name_len }, "MESSAGE")) {
		g->text_len = len < sizeof(g->text) ? len : sizeof(g->text);
		memcpy(g->text, value, g->text_len);
	}
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (slice_is((struct slice){ name, name_len }, values[i].name)) {
			struct value *v = values[i].to;

			v->len = len < VALUE_BYTES ? len : VALUE_BYTES;
			memcpy(v->bytes, value, v->len);
		}
	return 0;
}

static void set_number(bool *has, uint32_t *ret, const struct value *v)
{
	struct slice text = slice_of_value(v);
	uint64_t n;

	*has = when_number(&n, &text, 10) && n <= UINT32_MAX;
	if (*has)
		*ret = (uint32_t)n;
}

static int put_entry(
	struct reading *g, const struct journald_entry *entry, struct err *e)
{
	struct trace_event v = { .time_ns = (int64_t)(entry->realtime_us * 1000),
		.certainty = TRACE_TIME_EXACT,
		.number = entry->seqnum,
		.has_boot = true };

	memcpy(v.boot, entry->boot, sizeof(v.boot));
	v.host = slice_of_value(&g->host);
	v.program = slice_of_value(g->program.len ? &g->program : &g->comm);
	v.terminal = slice_of_value(&g->unit);
	set_number(&v.has_pid, &v.pid, &g->pid);
	set_number(&v.has_uid, &v.uid, &g->uid);
	v.text = (struct slice){ g->text, g->text_len };
	return trace_put(g->log, &v, e);
}

/* Of one boot clocks run forward, but for what sets them. */
static int check_time(
	struct reading *g, const struct journald_entry *now, struct err *e)
{
	const struct journald_entry *was = &g->before;

	if (!was->seqnum || memcmp(was->boot, now->boot, sizeof(now->boot)) != 0 ||
		now->monotonic_us < was->monotonic_us ||
		now->realtime_us + REWIND_US >= was->realtime_us)
		return 0;
	return trace_odd(g->log, TRACE_REWIND, e,
		"entry %llu is %llu s before the one before it",
		(unsigned long long)now->seqnum,
		(unsigned long long)((was->realtime_us - now->realtime_us) /
				     1000000));
}

static int see_entry(void *arg, const struct journald_entry *entry, struct err *e)
{
	struct reading *g = arg;
	int r;

	if (trace_over(g->log))
		return -EINTR;
	g->text_len = 0;
	g->host.len = g->program.len = g->comm.len = 0;
	g->pid.len = g->uid.len = g->unit.len = 0;
	r = journald_fields(g->j, entry, see_field, g, e);
	g->lost += r > 0;
	if (r >= 0)
		r = check_time(g, entry, e);
	if (r == 0)
		r = trace_facts_seqnum(g->log, journald_head(g->j)->seqnum_id,
			entry->seqnum, e);
	if (r == 0)
		r = put_entry(g, entry, e);
	g->before = *entry;
	g->failed = r;
	return r;
}

static int tell_end(struct reading *g, int r, const struct err *why,
	uint64_t bytes, struct err *e)
{
	const struct journald_head *head = journald_head(g->j);
	struct err text = { 0 };

	if (g->failed == -ENOMEM || (g->failed < 0 && g->failed != -EINTR))
		return err_set(e, g->failed, "%s", why->msg);
	if (g->failed == -EINTR)
		return trace_gap(g->log, "the time for logs was up", e);
	if (g->lost) {
		(void)err_set(&text, 0,
			"%llu entries with fields that could not be read",
			(unsigned long long)g->lost);
		if (trace_gap(g->log, text.msg, e) < 0)
			return -EIO;
	}
	if (head->bytes > bytes)
		return trace_odd(g->log, TRACE_CUT, e,
			"of %llu bytes %llu are there",
			(unsigned long long)head->bytes,
			(unsigned long long)bytes);
	/* What was written to when the host stopped may end anywhere. */
	return r < 0 && !head->online
		       ? trace_odd(g->log, TRACE_CUT, e, "%s", why->msg)
	       : r < 0 ? trace_gap(g->log, why->msg, e)
		       : 0;
}

int trace_journal(struct trace_log *log, int fd, struct err *e)
{
	AUTO_FREE struct reading *g = calloc(1, sizeof(*g));
	struct err why = { 0 };
	uint64_t skip = 0;
	struct stat st;
	int r;

	if (!g)
		return err_set(e, -ENOMEM, "no memory for a journal");
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat %s", log->path);
	g->log = log;
	r = journald_open(&g->j, fd, (uint64_t)st.st_size, &why);
	if (r < 0)
		return r == -ENOMEM ? err_set(e, r, "%s", why.msg)
				    : trace_gap(log, why.msg, e);
	/* The newest count. */
	if (journald_head(g->j)->entries > TRACE_SOURCE_EVENTS)
		skip = journald_head(g->j)->entries - TRACE_SOURCE_EVENTS;
	r = journald_entries(g->j, skip, see_entry, g, &why);
	if (skip && r == 0)
		r = trace_gap(log, "older entries are left out", e);
	r = tell_end(g, r, &why, (uint64_t)st.st_size, e);
	journald_close(g->j);
	return r;
}
