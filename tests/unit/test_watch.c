// SPDX-License-Identifier: Apache-2.0
/* The watch over a source and captures that are made up: what is captured, how
 * often, and what is remembered. */
#include "unit/watch_fixture.h"

static void once(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 50; i++)
		ring("tag=INC-7");
	wait_until(reported("tag=INC-7", TRIGGER_DONE));
	assert_non_null(reported("tag=INC-7", TRIGGER_QUEUED));
	assert_non_null(reported("tag=INC-7", TRIGGER_BEGUN));
	assert_string_equal(reported("tag=INC-7", TRIGGER_DONE)->text,
		"{\"outcome\":\"complete\"}");
	/* It flaps. */
	for (int i = 0; i < 50; i++) {
		feed_gone(the_feed, "tag=INC-7");
		ring("tag=INC-7");
	}
	ring("tag=INC-8");
	wait_until(reported("tag=INC-8", TRIGGER_DONE));
	assert_int_equal(seen_n, 2);
	assert_string_equal(seen[0].case_name, "standby");
	assert_int_equal(counted("captures"), 2);
	assert_true(counted("again") > 0);
	end();
	assert_true(scratch_count(top, "icecore.prom") == 1);
}

static void again(void **state)
{
	(void)state;
	config.again_after_seconds = 0;
	begin();
	ring("a");
	wait_until(reported("a", TRIGGER_DONE));
	feed_gone(the_feed, "a");
	ring("a");
	wait_until(seen_n == 2);
	end();
}

static void joined(void **state)
{
	(void)state;
	held = true;
	begin();
	ring("tag");
	wait_until(is_held);
	/* The same isolation, seen by others while the capture runs. */
	ring("group");
	ring("taint");
	(void)pthread_mutex_lock(&lock);
	held = false;
	(void)pthread_mutex_unlock(&lock);
	wait_until(reported("group", TRIGGER_DONE) &&
		   reported("taint", TRIGGER_DONE));
	assert_int_equal(seen_n, 1);
	assert_string_equal(reported("group", TRIGGER_DONE)->text,
		"{\"outcome\":\"complete\"}");
	assert_int_equal(counted("joined"), 2);
	end();
}

static struct trigger_event ordered(const char *key, struct order *o)
{
	struct trigger_event ev = event(key);
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };

	if (!o->not_before)
		o->not_before = (uint32_t)time(NULL);
	o->not_after = o->not_before + 600;
	buf_init(&text, ORDER_TEXT_CHARS);
	assert_ok(order_sign(&text, o, pkey, &e), &e);
	(void)snprintf(ev.order, sizeof(ev.order), "%.*s", (int)text.len,
		(const char *)text.data);
	return ev;
}

static void refused(const struct trigger_event *ev, const char *part)
{
	const struct trigger_report *r;

	feed_ring(the_feed, ev);
	wait_until((r = reported(ev->key, TRIGGER_REFUSED)) != NULL);
	if (!strstr(r->text, part))
		fail_msg("'%s' lacks '%s'", r->text, part);
}

static void orders(void **state)
{
	struct order o = { .id = 1,
		.case_name = "INC-9",
		.plan = "quick",
		.destination = "/elsewhere",
		.recipients_n = 1 };
	struct trigger_event ev, replay;
	json_t *j;

	(void)state;
	assert_int_equal(order_host(o.host, "HOST-1", NULL), 0);
	begin();
	ev = ordered("good", &o);
	feed_ring(the_feed, &ev);
	wait_until(reported("good", TRIGGER_DONE));
	assert_string_equal(seen[0].case_name, "INC-9");
	assert_string_equal(seen[0].plan, "quick");
	assert_string_equal(seen[0].order.destination, "/elsewhere");
	assert_int_equal(seen[0].order.recipients_n, 1);
	replay = ev;
	(void)snprintf(replay.key, sizeof(replay.key), "replay");
	refused(&replay, "used before");
	o.id = 2;
	ev = ordered("changed", &o);
	ev.order[30] = ev.order[30] == 'A' ? 'B' : 'A';
	refused(&ev, "nobody who may order");
	(void)snprintf(o.plan, sizeof(o.plan), "nosuch");
	ev = ordered("plan", &o);
	refused(&ev, "'nosuch'");
	o.plan[0] = 0;
	o.host[0] ^= 1;
	ev = ordered("host", &o);
	refused(&ev, "another host");
	o.host[0] ^= 1;
	o.not_before = (uint32_t)time(NULL) - 3600;
	ev = ordered("late", &o);
	refused(&ev, "seconds ago");
	/* What was refused for another reason was not used up. */
	o.not_before = 0;
	ev = ordered("second", &o);
	feed_ring(the_feed, &ev);
	wait_until(reported("second", TRIGGER_DONE));
	assert_int_equal(seen_n, 2);
	j = status();
	assert_int_equal(json_array_size(json_object_get(j, "refusals")), 5);
	json_decref(j);
	end();
	/* Not even a watch that is begun again obeys it twice. */
	begin();
	(void)snprintf(replay.key, sizeof(replay.key), "replay again");
	refused(&replay, "used before");
	end();
}

/* Who may not name a case does not, and no order says more than it says. */
static void unsigned_says_little(void **state)
{
	struct trigger_event ev = event("a");

	(void)state;
	begin();
	(void)snprintf(ev.case_name, sizeof(ev.case_name), "INC-1");
	feed_ring(the_feed, &ev);
	wait_until(reported("a", TRIGGER_DONE));
	(void)snprintf(ev.key, sizeof(ev.key), "b");
	ev.flags = TRIGGER_MAY_NAME_CASE;
	feed_ring(the_feed, &ev);
	wait_until(reported("b", TRIGGER_DONE));
	assert_string_equal(seen[0].case_name, "standby");
	assert_string_equal(seen[1].case_name, "INC-1");
	end();
}

/* Ended, or killed, before it did what it was told to. */
static void taken_up(void **state)
{
	struct order o = { .id = 3, .is_for_any = 1 };
	struct trigger_event ev;

	(void)state;
	config.jitter_ms = WATCH_JITTER_MS_MAX;
	begin();
	ev = ordered("ordered", &o);
	feed_ring(the_feed, &ev);
	ring("tag");
	wait_until(reported("tag", TRIGGER_QUEUED));
	end();
	assert_int_equal(seen_n, 0);
	config.jitter_ms = 0;
	begin();
	wait_until(reported("tag", TRIGGER_DONE) &&
		   reported("ordered", TRIGGER_DONE));
	ring("tag");
	ring("other");
	wait_until(reported("other", TRIGGER_DONE));
	/* Both had the same case, so they were one capture. */
	assert_int_equal(seen_n, 2);
	assert_int_equal(seen[0].causes_n, 2);
	end();
}

static void pod_first(void **state)
{
	struct trigger_event ev = event("pod");

	(void)state;
	begin();
	(void)snprintf(ev.pod, sizeof(ev.pod), "shop/cart-0");
	feed_ring(the_feed, &ev);
	wait_until(seen_n == 2);
	assert_string_equal(seen[0].pod, "shop/cart-0");
	assert_string_equal(seen[1].pod, "");
	wait_until(reported("pod", TRIGGER_DONE));
	end();
}

static void last_gasp(void **state)
{
	struct trigger_event ev = event("spot");

	(void)state;
	held = true;
	begin();
	ring("tag");
	wait_until(is_held);
	/* The one that runs shall end, to leave time for the one that comes. */
	ev.flags = TRIGGER_LAST_GASP;
	ev.gone_realtime_ns = clock_ns(CLOCK_REALTIME) + 120000000000;
	feed_ring(the_feed, &ev);
	wait_until(ended_by > 0);
	assert_in_range(ended_by, 55, 60);
	(void)pthread_mutex_lock(&lock);
	held = false;
	ended_by = 0;
	(void)pthread_mutex_unlock(&lock);
	wait_until(reported("spot", TRIGGER_DONE));
	assert_string_equal(seen[1].plan, WATCH_LAST_GASP);
	assert_in_range(ended_by, 100, 110);
	end();
}

static void tried_again(void **state)
{
	(void)state;
	begin();
	fail_next = 2;
	ring("tag");
	wait_until(reported("tag", TRIGGER_DONE));
	assert_int_equal(seen_n, 3);
	assert_int_equal(seen[2].tries, 2);
	assert_int_equal(counted("failed"), 2);
	fail_next = 100;
	ring("hopeless");
	wait_until(reported("hopeless", TRIGGER_DONE));
	assert_int_equal(seen_n, 3 + WATCH_TRIES);
	end();
}

static void reloaded(void **state)
{
	(void)state;
	begin();
	reloading = true;
	ring("a");
	wait_until(strstr(said, "not reloaded: line 7 is wrong"));
	other_config = config;
	other_config.case_name = "other";
	ring("b");
	wait_until(reported("b", TRIGGER_DONE));
	reloading = true;
	ring("c");
	wait_until(strstr(said, "\nreloaded"));
	wait_until(the_feed != NULL);
	ring("d");
	wait_until(reported("d", TRIGGER_DONE));
	assert_string_equal(seen[seen_n - 1].case_name, "other");
	end();
}

static void damaged(void **state)
{
	struct watch *second = NULL;
	struct err e = { 0 };

	(void)state;
	scratch_write(top, "state.json", "{\"triggers\":[{}]}", 17);
	begin();
	wait_until(strstr(said, "cannot be read: begun anew"));
	assert_err(watch_new(&second, &config, &ops, NULL, NULL, &e), -EBUSY,
		&e, "another watch");
	end();
}

int main(void)
{
#define watch_test(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		watch_test(once),
		watch_test(again),
		watch_test(joined),
		watch_test(orders),
		watch_test(unsigned_says_little),
		watch_test(taken_up),
		watch_test(pod_first),
		watch_test(last_gasp),
		watch_test(tried_again),
		watch_test(reloaded),
		watch_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
