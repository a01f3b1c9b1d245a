// SPDX-License-Identifier: Apache-2.0
/* Times as logs write them, zones, and journals that lead astray. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "base/io.h"
#include "trace/journal_file.h"
#include "trace/when.h"
#include "trace/zone.h"
#include "unit/unit.h"

#define NS 1000000000LL

static struct zone utc;

/* The time, its certainty, and what is left. */
static void expect_iso(
	const char *text, int64_t seconds, int certainty, const char *rest)
{
	struct slice s = slice_of(text);
	struct when w;

	assert_true(when_iso(&w, &s, &utc));
	if (w.time_ns / NS != seconds)
		fail_msg("%s: %lld", text, (long long)(w.time_ns / NS));
	assert_int_equal(w.certainty, certainty);
	assert_true(slice_is(s, rest));
}

static void test_iso(void **state)
{
	static const char *const bad[] = { "", "2025", "2025-13-01T00:00:00",
		"2025-01-32T00:00:00", "1969-01-01T00:00:00", "2025-01-01",
		"2025-01-01T25:00:00", "2025-01-01T00:60:00", "x" };

	(void)state;
	expect_iso("2025-11-13T02:13:20Z x", 1763000000, TRACE_TIME_EXACT, " x");
	expect_iso("2025-11-13T03:13:20.250000+01:00", 1763000000,
		TRACE_TIME_EXACT, "");
	expect_iso("2025-11-12 21:13:20,5 -0500", 1763000000 - 5 * 3600,
		TRACE_TIME_LOCAL, " -0500");
	expect_iso("2025-11-13  02:13:20", 1763000000, TRACE_TIME_LOCAL, "");
	expect_iso("1970-01-01T00:00:00Z", 0, TRACE_TIME_EXACT, "");
	expect_iso("2024-02-29T12:00:00Z", 1709208000, TRACE_TIME_EXACT, "");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct slice s = slice_of(bad[i]);
		struct when w;

		assert_false(when_iso(&w, &s, &utc));
		assert_true(slice_is(s, bad[i]));
	}
}

static void test_syslog(void **state)
{
	static const char *const bad[] = { "", "Nov", "Nov 13",
		"Nox 13 02:13:20", "Nov 0 02:13:20", "Nov 13 02:13" };
	int64_t newest = 1763000000 * NS;
	struct slice s = slice_of("Nov 13 02:13:20 box");
	struct when w;

	(void)state;
	assert_true(when_syslog(&w, &s, &utc, newest));
	assert_int_equal(w.time_ns, newest);
	assert_true(slice_is(s, " box"));
	/* A day that is still to come was last year's. */
	s = slice_of("Dec  1 00:00:00");
	assert_true(when_syslog(&w, &s, &utc, newest));
	assert_int_equal(w.time_ns / NS, 1733011200);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		s = slice_of(bad[i]);
		assert_false(when_syslog(&w, &s, &utc, newest));
	}
}

/* One transition, at 1000, from UTC to an hour before. */
static void test_zone(void **state)
{
	uint8_t bytes[44 + 44 + 8 + 1 + 12 + 4] = { 0 };
	struct err e = { 0 };
	struct zone z;

	(void)state;
	memcpy(bytes, "TZif2", 5);
	memcpy(bytes + 44, "TZif2", 5);
	bytes[44 + 35] = 1; /* transitions */
	bytes[44 + 39] = 2; /* types */
	bytes[44 + 43] = 4; /* characters */
	bytes[88 + 6] = 1000 >> 8;
	bytes[88 + 7] = 1000 & 0xff;
	bytes[96] = 1;
	bytes[97 + 6 + 2] = 3600 >> 8;
	bytes[97 + 6 + 3] = 3600 & 0xff;
	assert_int_equal(zone_parse(&z, bytes, 20, &e), -EBADMSG);
	/* Version 2 has a first block, too: here it is empty, which none is. */
	assert_ok(zone_parse(&z, bytes, sizeof(bytes), &e), &e);
	assert_int_equal(zone_to_utc(&z, 500), 500);
	assert_int_equal(zone_to_utc(&z, 10000), 6400);
	assert_int_equal(zone_parse(&z, bytes, sizeof(bytes) - 5, &e), -EBADMSG);
	bytes[44 + 39] = 0;
	assert_int_equal(zone_parse(&z, bytes, sizeof(bytes), &e), -EBADMSG);
}

static int count(void *arg, const struct journald_entry *entry, struct err *e)
{
	(void)entry;
	(void)e;
	++*(int *)arg;
	return 0;
}

/* The seed ${name} with ${v} at ${offset}: what becomes of it, and how many
 * entries were seen. */
static int read_journal(
	const char *name, uint64_t offset, uint64_t v, size_t len, int *seen)
{
	AUTO_BUF struct buf b = { 0 };
	struct journald_file *j = NULL;
	char path[256];
	struct err e = { 0 };
	int fd = memfd_create("journal", 0), r;

	(void)snprintf(path, sizeof(path), "%s/journal/%s", FUZZ_SEEDS, name);
	buf_init(&b, 1 << 20);
	assert_ok(io_slurp(AT_FDCWD, path, &b, &e), &e);
	memcpy(b.data + offset, &v, len);
	assert_int_equal(pwrite(fd, b.data, b.len, 0), b.len);
	*seen = 0;
	r = journald_open(&j, fd, b.len, &e);
	if (r == 0)
		r = journald_entries(j, 0, count, seen, &e);
	journald_close(j);
	(void)close(fd);
	return r;
}

static void test_journal(void **state)
{
	uint64_t array = 0;
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	int seen;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_ok(io_slurp(AT_FDCWD, FUZZ_SEEDS "/journal/plain", &b, &e), &e);
	memcpy(&array, b.data + 176, sizeof(array));
	assert_int_equal(read_journal("plain", 8, 0, 4, &seen), 0);
	assert_int_equal(seen, 2);
	assert_int_equal(read_journal("compact", 8, 0, 4, &seen), 0);
	assert_int_equal(seen, 2);
	/* No journal; one of a later kind; no array; arrays that lead back, to
	 * themselves and out of it; an entry that is none; fewer are told. */
	assert_int_equal(read_journal("plain", 0, 0, 4, &seen), -EBADMSG);
	assert_int_equal(read_journal("plain", 12, 1024, 4, &seen), -ENOTSUP);
	assert_int_equal(read_journal("plain", 176, 7, 8, &seen), -EBADMSG);
	assert_int_equal(read_journal("plain", array + 16, array, 8, &seen), 0);
	assert_int_equal(seen, 2);
	assert_int_equal(read_journal("plain", 152, 9, 8, &seen), 0);
	assert_int_equal(
		read_journal("plain", array + 24, array, 8, &seen), -EBADMSG);
	assert_int_equal(seen, 0);
	assert_int_equal(read_journal("plain", 152, 1, 8, &seen), 0);
	assert_int_equal(seen, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
