// SPDX-License-Identifier: Apache-2.0
/* Writers, uploaders and the ledger, side by side, into a directory. */
#include <errno.h>
#include <pthread.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "evidence/segment.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "sink/sink.h"
#include "stream/courier.h"
#include "stream/stream.h"
#include "stream/writer.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { RECORD_BYTES = 200000, RECORDS = 150, WRITERS = 3 };

static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
static struct age_identity me;
static struct sink *sink;
static struct courier *courier;

static int set_up(void **state)
{
	const struct sink_place place = {
		.case_name = "case", .host = "host", .capture = "cap"
	};
	struct courier_config config = { .patience_ns = COURIER_FOREVER };
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	scratch_path(dir, top, "case/host/cap");
	assert_ok(age_identity_new(&me, &e), &e);
	assert_ok(sink_open(&sink, top, &place, NULL, &e), &e);
	config.sink = sink;
	assert_ok(courier_new(&courier, &config, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	courier_free(courier);
	sink_close(sink);
	scratch_remove(top);
	return 0;
}

static void begin(struct stream **ret, unsigned buffers, uint64_t manifest_ns)
{
	Icecore__V1__Beginning b = ICECORE__V1__BEGINNING__INIT;
	struct stream_config config = { .recipients = &me.recipient,
		.recipients_n = 1,
		.courier = courier,
		.capture_id = "cap",
		.buffers = buffers,
		.uploaders = 2,
		.level = STREAM_LEVEL_AUTO,
		.manifest_ns = manifest_ns };
	struct err e = { 0 };

	b.case_name = "case";
	assert_ok(stream_open(ret, &config, &b, &e), &e);
}

static int put(struct writer *w, unsigned n, struct err *e)
{
	static __thread uint8_t data[RECORD_BYTES];
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__File f = ICECORE__V1__FILE__INIT;
	struct iovec bulk = { data, sizeof(data) };
	struct record r = { &m, &bulk, 1 };
	uint64_t seed = n;

	for (size_t i = 0; i < sizeof(data); i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		data[i] = (uint8_t)(seed >> 33);
	}
	f.path = "/proc/test";
	f.offset = n;
	m.body_case = ICECORE__V1__RECORD__BODY_FILE;
	m.file = &f;
	return writer_put(w, &r, e);
}

static void *write_many(void *arg)
{
	struct writer *w = arg;
	struct err e = { 0 };

	for (unsigned i = 0; i < RECORDS; i++)
		if (put(w, i, &e) < 0)
			break;
	return writer_close(w, &e) < 0 ? w : NULL;
}

static struct reader *check(const char *verdict)
{
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(reader_open(&r, dir, &e), &e);
	assert_ok(reader_check(r, 2, &e), &e);
	if (r->findings_n)
		fail_msg("%s", r->findings[0].text);
	assert_string_equal(lab_verdict(r), verdict);
	return r;
}

/* Fewer buffers than writers and uploaders would like: they wait in turn. */
static void many_writers_few_buffers(void **state)
{
	struct stream *s = NULL;
	struct writer *w[WRITERS];
	pthread_t threads[WRITERS];
	struct stream_stats st = { 0 };
	struct err e = { 0 };
	struct reader *r;

	(void)state;
	begin(&s, WRITERS, 0);
	assert_ok(stream_writer(&w[0], s, &e), &e);
	for (int i = 1; i < WRITERS; i++)
		assert_ok(writer_split(&w[i], w[0], &e), &e);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, write_many, w[i]), 0);
	for (int i = 0; i < WRITERS; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_ok(stream_finish(s, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE, "", &e),
		&e);
	stream_stats(s, &st);
	stream_free(s);
	r = check("complete");
	assert_int_equal(st.segments, r->segments_n);
	/* Each segment has its header, too. */
	assert_int_equal(st.records, WRITERS * RECORDS + st.segments);
	assert_int_equal(r->ending->records, st.records);
	assert_in_range(st.segments, 10, 20);
	reader_close(r);
}

/* A manifest falls due while nothing else happens. */
static void manifests_on_a_timer(void **state)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + 20000000000;
	struct stream *s = NULL;
	struct writer *w = NULL;
	struct err e = { 0 };

	(void)state;
	begin(&s, 2, 100000000);
	assert_ok(stream_writer(&w, s, &e), &e);
	assert_ok(put(w, 1, &e), &e);
	assert_ok(writer_close(w, &e), &e);
	while (scratch_count(dir, "manifest-000001.pb") == 0)
		if (clock_ns(CLOCK_MONOTONIC) > end)
			fail_msg("no manifest in 20 s");
	/* Not ended: what is there is good, and partial. */
	stream_free(s);
	reader_close(check("partial"));
}

/* Somebody took a segment's name: the capture fails, nothing is replaced. */
static void a_put_that_fails(void **state)
{
	struct stream *s = NULL;
	struct writer *w = NULL;
	struct err e = { 0 };
	uint8_t *buf;
	size_t len;
	int r = 0;

	(void)state;
	begin(&s, 2, 0);
	scratch_write(dir, "segment-000002.age", "mine", 4);
	assert_ok(stream_writer(&w, s, &e), &e);
	for (unsigned i = 0; r == 0 && i < 10000; i++)
		r = put(w, i, &e);
	assert_err(r, -EEXIST, &e, "segment-000002.age");
	assert_int_equal(put(w, 0, &e), -EEXIST);
	assert_int_equal(writer_close(w, &e), 0);
	assert_err(
		stream_finish(s, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE, "", &e),
		-EEXIST, &e, "segment-000002.age");
	stream_free(s);
	buf = scratch_read(dir, "segment-000002.age", &len);
	assert_int_equal(len, 4);
	free(buf);
	/* The two before it are signed for. */
	reader_close(check("partial"));
}

static void nothing_at_all(void **state)
{
	struct stream *s = NULL;
	struct writer *w = NULL;
	struct err e = { 0 };

	(void)state;
	begin(&s, 2, 0);
	assert_ok(stream_writer(&w, s, &e), &e);
	assert_ok(writer_close(w, &e), &e);
	assert_ok(stream_finish(s, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE, "", &e),
		&e);
	stream_free(s);
	assert_int_equal(scratch_count(dir, "segment"), 0);
	reader_close(check("complete"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(many_writers_few_buffers),
		T(manifests_on_a_timer),
		T(a_put_that_fails),
		T(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
