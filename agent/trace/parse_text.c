// SPDX-License-Identifier: Apache-2.0
/* Logs that are lines with a time at their beginning. */
#include <errno.h>

#include "base/err.h"
#include "base/json.h"
#include "trace/trace_internal.h"

enum { AUDIT_MISSING = 100 }; /* serials; then somebody took lines out */

/* What stands before the first ${c} is taken off ${rest}; false without one. */
static bool take_until(struct slice *ret, struct slice *rest, char c)
{
	const char *end = memchr(rest->p, c, rest->len);

	if (!end)
		return false;
	*ret = (struct slice){ rest->p, (size_t)(end - rest->p) };
	rest->len -= ret->len + 1;
	rest->p = end + 1;
	return true;
}

/* "sshd[12]:" */
static void take_tag(struct trace_event *v, struct slice *rest)
{
	struct slice tag, pid, at = *rest;
	uint64_t number;

	if (!take_until(&tag, &at, ':') || memchr(tag.p, ' ', tag.len))
		return;
	*rest = at;
	v->program = tag;
	if (!take_until(&v->program, &tag, '['))
		return;
	pid = tag;
	if (when_number(&number, &pid, 10)) {
		v->has_pid = true;
		v->pid = (uint32_t)number;
	}
}

struct slice trace_sshd_address(struct slice text)
{
	struct slice word, address = { "", 0 };
	bool is_next = false;

	while (slice_word(&word, &text)) {
		if (is_next)
			address = word;
		is_next = slice_is(word, "from");
	}
	return address;
}

/* "from 192.0.2.1 port 22", as sshd has it. */
static void find_address(struct trace_event *v)
{
	if (slice_is(v->program, "sshd"))
		v->address = trace_sshd_address(v->text);
}

/* TIME HOST PROGRAM[PID]: TEXT, of either form of syslog's time. */
int trace_syslog(struct trace_log *log, struct slice line, struct err *e)
{
	struct trace_event v = { 0 };

	if (!when_iso(&log->when, &line, log->zone) &&
		!when_syslog(&log->when, &line, log->zone, log->changed_ns))
		return 0;
	v.time_ns = log->when.time_ns;
	v.certainty = log->when.certainty;
	if (!slice_word(&v.host, &line))
		return 0;
	line = slice_trim(line);
	take_tag(&v, &line);
	v.text = slice_trim(line);
	find_address(&v);
	return trace_put(log, &v, e);
}

/* A time of ISO 8601, and a text. */
int trace_dated(struct trace_log *log, struct slice line, struct err *e)
{
	struct trace_event v = { 0 };

	if (!when_iso(&log->when, &line, log->zone) &&
		!when_syslog(&log->when, &line, log->zone, log->changed_ns))
		return 0;
	v.time_ns = log->when.time_ns;
	v.certainty = log->when.certainty;
	v.text = slice_trim(line);
	return trace_put(log, &v, e);
}

/* "Start-Date: TIME", and what was done behind it. */
int trace_apt(struct trace_log *log, struct slice line, struct err *e)
{
	struct trace_event v = { 0 };
	struct slice rest = line, key;

	if (!take_until(&key, &rest, ':'))
		return 0;
	rest = slice_trim(rest);
	if (slice_is(key, "Start-Date")) {
		log->has_when = when_iso(&log->when, &rest, log->zone);
		return 0;
	}
	if (!log->has_when || slice_is(key, "End-Date"))
		return 0;
	v.time_ns = log->when.time_ns;
	v.certainty = log->when.certainty;
	v.program = slice_of("apt");
	v.text = line;
	if (slice_is(key, "Requested-By"))
		v.user = rest;
	return trace_put(log, &v, e);
}

/* They count up from a boot on; of what rules leave out some are not written. */
static void count_serial(struct trace_log *log, uint64_t serial)
{
	if (log->serial && serial > log->serial + 1)
		log->missing += serial - log->serial - 1;
	log->serial = serial;
}

int trace_audit_end(struct trace_log *log, struct err *e)
{
	if (log->missing < AUDIT_MISSING)
		return 0;
	return trace_odd(log, TRACE_HOLE, e, "%llu serial numbers between others",
		(unsigned long long)log->missing);
}

/* type=X msg=audit(SECONDS.MILLISECONDS:SERIAL): TEXT */
int trace_audit(struct trace_log *log, struct slice line, struct err *e)
{
	static const char mark[] = "msg=audit(";
	struct trace_event v = { .certainty = TRACE_TIME_EXACT };
	const char *at =
		line.len ? memmem(line.p, line.len, mark, sizeof(mark) - 1)
			 : NULL;
	struct slice rest;
	uint64_t seconds, millis, serial;

	if (!at)
		return 0;
	rest.p = at + sizeof(mark) - 1;
	rest.len = line.len - (size_t)(rest.p - line.p);
	if (!when_number(&seconds, &rest, 11) || seconds > WHEN_SECONDS_MAX ||
		!slice_begins(rest, "."))
		return 0;
	rest.p++, rest.len--;
	if (!when_number(&millis, &rest, 3) || !slice_begins(rest, ":"))
		return 0;
	rest.p++, rest.len--;
	if (!when_number(&serial, &rest, 18))
		return 0;
	count_serial(log, serial);
	v.time_ns = (int64_t)(seconds * 1000 + millis) * 1000000;
	v.number = serial;
	v.program = slice_of("audit");
	v.text = line;
	return trace_put(log, &v, e);
}

/* TIME stdout|stderr P|F TEXT, as the container runtime interface has it. */
int trace_cri(struct trace_log *log, struct slice line, struct err *e)
{
	struct trace_event v = { 0 };
	struct slice word;

	if (!when_iso(&log->when, &line, log->zone))
		return 0;
	v.time_ns = log->when.time_ns;
	v.certainty = log->when.certainty;
	if (!slice_word(&v.terminal, &line) || !slice_word(&word, &line))
		return 0;
	v.text = slice_trim(line);
	return trace_put(log, &v, e);
}

static struct slice text_of(const json_t *object, const char *key)
{
	const json_t *s = json_object_get(object, key);

	return json_is_string(s) ? (struct slice){ json_string_value(s),
		json_string_length(s) }
				 : (struct slice){ "", 0 };
}

/* {"log":"TEXT\n","stream":"stdout","time":"TIME"} */
int trace_docker(struct trace_log *log, struct slice line, struct err *e)
{
	struct trace_event v = { 0 };
	AUTO_JSON json_t *j = NULL;
	struct err why = { 0 };
	struct slice time;
	int r = json_decode(&j, line.p, line.len, &why);

	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	time = text_of(j, "time");
	if (r < 0 || !when_iso(&log->when, &time, log->zone))
		return 0;
	v.time_ns = log->when.time_ns;
	v.certainty = log->when.certainty;
	v.terminal = text_of(j, "stream");
	v.text = text_of(j, "log");
	if (v.text.len && v.text.p[v.text.len - 1] == '\n')
		v.text.len--;
	return trace_put(log, &v, e);
}

/* "#SECONDS" before a line of bash, ": SECONDS:0;" in one of zsh, "- cmd:" and
 * "  when:" of fish; without any, the time of the file. */
static bool history_time(struct trace_log *log, struct slice *line)
{
	struct slice at = *line;
	uint64_t seconds;
	bool own = true; /* the line is nothing else */

	if (slice_begins(at, "#")) {
		at.p++, at.len--;
	} else if (slice_begins(at, ": ")) {
		at.p += 2, at.len -= 2;
		own = false;
	} else if (slice_begins(at, "  when: ")) {
		at.p += 8, at.len -= 8;
	} else {
		return false;
	}
	if (!when_number(&seconds, &at, 11) || seconds > WHEN_SECONDS_MAX ||
		(own && at.len))
		return false;
	if (!own) {
		const char *end = memchr(at.p, ';', at.len);

		if (!end)
			return false;
		line->len -= (size_t)(end + 1 - line->p);
		line->p = end + 1;
	}
	log->when =
		(struct when){ (int64_t)seconds * 1000000000, TRACE_TIME_EXACT };
	log->has_when = true;
	return own;
}

/* Whose: the second component of /home/USER, or the first of /root; that of any
 * other home is not told by its path. */
static struct slice owner_of(const char *path)
{
	bool in_home = strncmp(path, "/home/", 6) == 0;
	const char *p = path + (in_home ? 6 : 1);

	if (!in_home && strncmp(path, "/root/", 6) != 0)
		return slice_of("");
	return (struct slice){ p, strcspn(p, "/") };
}

int trace_history(struct trace_log *log, struct slice line, struct err *e)
{
	struct trace_event v = { .certainty = TRACE_TIME_FILE };

	if (history_time(log, &line))
		return 0;
	v.time_ns = log->changed_ns;
	if (log->has_when) {
		v.time_ns = log->when.time_ns;
		v.certainty = log->when.certainty;
	}
	if (slice_begins(line, "- cmd: "))
		line.p += 7, line.len -= 7;
	v.user = owner_of(log->path);
	v.text = slice_trim(line);
	return v.text.len ? trace_put(log, &v, e) : 0;
}
