// SPDX-License-Identifier: Apache-2.0
/* What sources say, what is queued once, what is dropped and counted. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "trigger/bell.h"
#include "unit/unit.h"

static struct bell *bell;
static struct feed *feed, *other;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_ok(bell_new(&bell, &e), &e);
	assert_ok(bell_feed(&feed, bell, "one", &e), &e);
	assert_ok(bell_feed(&other, bell, "two", &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	bell_free(bell);
	return 0;
}

static struct trigger_event event(const char *key)
{
	struct trigger_event ev = { .reason = "why" };

	(void)snprintf(ev.key, sizeof(ev.key), "%s", key);
	return ev;
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void expect(enum bell_what what, struct feed *from, const char *key)
{
	struct bell_message m;

	assert_true(bell_next(bell, &m));
	assert_int_equal(m.what, what);
	assert_ptr_equal(m.feed, from);
	assert_string_equal(m.event.key, key);
}

static void queued_once(void **state)
{
	struct trigger_event a = event("a"), b = event("b");
	struct bell_message m;

	(void)state;
	assert_false(readable(bell_fd(bell)));
	for (int i = 0; i < 1000; i++) {
		feed_ring(feed, &a);
		feed_ring(other, &a);
	}
	feed_ring(feed, &b);
	assert_true(readable(bell_fd(bell)));
	/* Gone, and there again: neither may be left out. */
	feed_gone(feed, "a");
	feed_gone(feed, "a");
	feed_ring(feed, &a);
	expect(BELL_RING, feed, "a");
	expect(BELL_RING, other, "a");
	expect(BELL_RING, feed, "b");
	expect(BELL_GONE, feed, "a");
	expect(BELL_RING, feed, "a");
	assert_false(bell_next(bell, &m));
	assert_false(readable(bell_fd(bell)));
}

static void flapping(void **state)
{
	struct trigger_event a = event("a"), b = event("b");
	struct bell_message m;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		feed_ring(feed, &a);
		feed_gone(feed, "a");
	}
	feed_ring(feed, &b);
	expect(BELL_RING, feed, "a");
	expect(BELL_GONE, feed, "a");
	expect(BELL_RING, feed, "b");
	for (int i = 0; i < 1000; i++) {
		feed_gone(feed, "a");
		feed_ring(feed, &a);
	}
	expect(BELL_GONE, feed, "a");
	expect(BELL_RING, feed, "a");
	assert_false(bell_next(bell, &m));
}

static void dropped(void **state)
{
	struct feed_line lines[BELL_FEEDS_MAX];
	struct trigger_event ev = { 0 };
	struct bell_message m;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < BELL_QUEUE_MAX + 5; i++) {
		(void)snprintf(ev.key, sizeof(ev.key), "%u", i);
		feed_ring(feed, &ev);
	}
	assert_int_equal(bell_lines(bell, lines), 2);
	assert_string_equal(lines[0].name, "one");
	assert_int_equal(lines[0].rung, BELL_QUEUE_MAX + 5);
	assert_int_equal(lines[0].dropped, 5);
	assert_int_equal(lines[1].rung, 0);
	while (bell_next(bell, &m))
		n++;
	assert_int_equal(n, BELL_QUEUE_MAX);
}

static void refused_once(void **state)
{
	struct feed_line lines[BELL_FEEDS_MAX];
	struct bell_message m;

	(void)state;
	feed_refuse(feed, "k", "%d is too many", 7);
	feed_refuse(feed, "k", "%d is too many", 8);
	assert_true(bell_next(bell, &m));
	assert_int_equal(m.what, BELL_REFUSE);
	assert_string_equal(m.event.reason, "7 is too many");
	assert_false(bell_next(bell, &m));
	feed_gone(feed, "k");
	feed_refuse(feed, "k", "again");
	expect(BELL_GONE, feed, "k");
	expect(BELL_REFUSE, feed, "k");
	/* Past what is remembered, one is told again rather than never. */
	for (unsigned i = 0; i < 100; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "%u", i);
		feed_refuse(feed, key, "x");
	}
	(void)bell_lines(bell, lines);
	assert_int_equal(lines[0].refused, 102);
}

static void reports(void **state)
{
	struct trigger_report r;
	char key[16];

	(void)state;
	assert_false(feed_report(feed, &r));
	feed_answer(feed, "a", TRIGGER_BEGUN, NULL);
	feed_answer(feed, "a", TRIGGER_DONE, "{}");
	assert_true(readable(feed_fd(feed)));
	assert_false(readable(feed_fd(other)));
	assert_true(feed_report(feed, &r));
	assert_int_equal(r.stage, TRIGGER_BEGUN);
	assert_null(r.text);
	assert_true(feed_report(feed, &r));
	assert_string_equal(r.text, "{}");
	free(r.text);
	assert_false(readable(feed_fd(feed)));
	/* What nobody takes goes, the oldest first. */
	for (unsigned i = 0; i < BELL_REPORTS_MAX + 3; i++) {
		(void)snprintf(key, sizeof(key), "%u", i);
		feed_answer(feed, key, TRIGGER_DONE, "text");
	}
	assert_true(feed_report(feed, &r));
	assert_string_equal(r.key, "3");
	free(r.text);
	assert_false(feed_ends(feed));
	bell_end(bell);
	assert_true(feed_ends(feed) && feed_sleep(other, 60000));
}

static void host_goes(void **state)
{
	struct trigger_event ev = event("spot");

	(void)state;
	feed_ring(feed, &ev);
	assert_int_equal(bell_host_goes(bell), 0);
	(void)snprintf(ev.key, sizeof(ev.key), "later");
	ev.flags = TRIGGER_LAST_GASP;
	ev.gone_realtime_ns = 2000;
	feed_ring(feed, &ev);
	(void)snprintf(ev.key, sizeof(ev.key), "soon");
	ev.gone_realtime_ns = 1000;
	feed_ring(feed, &ev);
	assert_int_equal(bell_host_goes(bell), 1000);
}

static void values(void **state)
{
	struct trigger_event ev = { .reason = "tag: " };
	char longer[TRIGGER_ORDER_CHARS];

	(void)state;
	assert_int_equal(trigger_event_value(&ev, "a\nb\xff", 4), 0);
	assert_string_equal(ev.reason, "tag: a?b?");
	assert_string_equal(ev.order, "");
	assert_int_equal(trigger_event_value(&ev, "ico1.abc", 8), 0);
	assert_string_equal(ev.order, "ico1.abc");
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(
		trigger_event_value(&ev, longer, sizeof(longer)), -EMSGSIZE);
	assert_int_equal(trigger_event_value(&ev, "ico1.\0x", 7), -EMSGSIZE);
	assert_int_equal(trigger_event_value(&ev, longer, sizeof(longer) - 1), 0);
	assert_int_equal(strlen(ev.reason), TRIGGER_REASON_CHARS - 1);
}

static void too_many(void **state)
{
	struct feed *f;
	struct err e = { 0 };

	(void)state;
	for (int i = 2; i < BELL_FEEDS_MAX; i++)
		assert_ok(bell_feed(&f, bell, "more", &e), &e);
	assert_err(bell_feed(&f, bell, "more", &e), -E2BIG, &e, "16 trigger");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(queued_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flapping, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reports, set_up, tear_down),
		cmocka_unit_test_setup_teardown(host_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
