// SPDX-License-Identifier: Apache-2.0
/* Records of utmp(5) and of lastlog: who logged in, and when the host booted. */
#include <arpa/inet.h>
#include <errno.h>

#include "base/err.h"
#include "disk/unpack.h"
#include "kernel/session.h"
#include "trace/trace_internal.h"

enum {
	LASTLOG_BYTES = 292, /* 4 of time, 32 of a line, 256 of a host */
	LASTLOG_UIDS_MAX = 1 << 16,
	PIECE_RECORDS = 128,
	RECORDS_MAX = 1 << 20, /* of one file */
};

static const char *const types[] = { "empty", "run level", "boot", "new time",
	"old time", "init", "waits for a login", "login", "logout",
	"accounting" };

static int see_record(struct trace_log *log, const uint8_t *record, struct err *e)
{
	char address[INET6_ADDRSTRLEN] = "";
	struct session s;
	struct trace_event v = { .certainty = TRACE_TIME_EXACT };

	session_decode(&s, record);
	v.time_ns = (int64_t)s.time_ns;
	v.has_pid = s.pid != 0;
	v.pid = s.pid;
	v.user = slice_of(s.user);
	v.terminal = slice_of(s.line);
	if (s.address_len)
		(void)inet_ntop(s.address_len == 4 ? AF_INET : AF_INET6,
			s.address, address, sizeof(address));
	v.address = slice_of(address[0] ? address : s.host);
	v.text = slice_of(s.type < ARRAY_LEN(types) ? types[s.type] : "unknown");
	v.number = log->number;
	return trace_put(log, &v, e);
}

static bool is_wiped(const uint8_t *record)
{
	static const uint8_t zeros[SESSION_BYTES];

	return memcmp(record, zeros, sizeof(zeros)) == 0;
}

int trace_utmp(struct trace_log *log, int fd, struct err *e)
{
	static const size_t bytes = (size_t)PIECE_RECORDS * SESSION_BYTES;
	AUTO_FREE uint8_t *piece = malloc(bytes);
	struct unpack *u = NULL;
	struct err why = { 0 };
	unsigned wiped = 0;
	ssize_t got = 0;
	int r;

	if (!piece)
		return err_set(e, -ENOMEM, "no memory for records");
	r = unpack_open(&u, fd, 0, &why);
	while (r == 0 && log->number < RECORDS_MAX && !trace_over(log) &&
		(got = unpack_read(u, piece, bytes, &why)) > 0) {
		for (ssize_t at = 0; r == 0 && at + SESSION_BYTES <= got;
			at += SESSION_BYTES) {
			log->number++;
			if (is_wiped(piece + at))
				wiped++;
			else
				r = see_record(log, piece + at, e);
		}
		if (got % SESSION_BYTES)
			break;
	}
	unpack_close(u);
	if (why.msg[0])
		return r == -ENOMEM || got == -ENOMEM
			       ? err_set(e, -ENOMEM, "%s", why.msg)
			       : trace_gap(log, why.msg, e);
	if (r == 0 && got > 0 && trace_over(log))
		return trace_gap(log, "the time for logs was up", e);
	/* The one of who is logged in now has empty ones. */
	if (r == 0 && wiped && strcmp(log->source->name, "utmp") != 0)
		r = trace_odd(log, TRACE_WIPED, e, "%u records are zeros", wiped);
	if (r == 0 && got > 0 && got % SESSION_BYTES)
		r = trace_odd(log, TRACE_CUT, e,
			"%zd bytes behind the last record", got % SESSION_BYTES);
	return r;
}

int trace_lastlog(struct trace_log *log, int fd, struct err *e)
{
	uint8_t record[LASTLOG_BYTES + 1] = { 0 };
	int r = 0;

	for (uint32_t uid = 0; r == 0 && uid < LASTLOG_UIDS_MAX; uid++) {
		struct trace_event v = { .certainty = TRACE_TIME_EXACT };
		uint32_t seconds;
		char line[33] = "", host[257] = "";
		ssize_t got = pread(
			fd, record, LASTLOG_BYTES, (off_t)uid * LASTLOG_BYTES);

		if (got < 0)
			return err_sys(e, "read %s", log->path);
		if (got < LASTLOG_BYTES)
			break;
		memcpy(&seconds, record, sizeof(seconds));
		memcpy(line, record + 4, 32);
		memcpy(host, record + 36, 256);
		if (!seconds)
			continue;
		v.time_ns = (int64_t)seconds * 1000000000;
		v.has_uid = true;
		v.uid = uid;
		v.terminal = slice_of(line);
		v.address = slice_of(host);
		v.text = slice_of("last login");
		v.number = uid;
		r = trace_put(log, &v, e);
	}
	return r;
}
