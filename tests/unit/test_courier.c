// SPDX-License-Identifier: Apache-2.0
/* The courier over a sink that answers by a script. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

#include "base/clock.h"
#include "sink/sink_internal.h"
#include "stream/courier.h"
#include "unit/unit.h"

enum { MS = 1000000, STEPS_MAX = 16 };

/* What one put answers; the last step goes on. */
struct step {
	int result;
	bool stored; /* by this try, though it fails */
	unsigned retry_after;
};

struct script {
	struct sink sink;
	struct step steps[STEPS_MAX];
	size_t n, at;
	int renew; /* what sink_renew() answers */
	unsigned puts, renewals;
	uint64_t put_ns[STEPS_MAX];
	const void *data; /* of the last put */
};

static int script_put(struct sink *s, const struct sink_object *o,
	struct sink_try *t, struct err *e)
{
	struct script *k = (struct script *)s;
	const struct step *now = &k->steps[k->at];

	k->data = o->data;
	if (k->puts < STEPS_MAX)
		k->put_ns[k->puts] = clock_ns(CLOCK_MONOTONIC);
	k->puts++;
	if (k->at + 1 < k->n)
		k->at++;
	t->retry_after_seconds = now->retry_after;
	if (now->stored)
		t->maybe_there = true;
	return now->result < 0 ? err_set(e, now->result, "scripted") : 0;
}

static int script_renew(struct sink *s, const struct sink_try *t, struct err *e)
{
	struct script *k = (struct script *)s;

	(void)t;
	k->renewals++;
	return k->renew < 0 ? err_set(e, k->renew, "no ticket") : 0;
}

static const struct sink_ops scripted = {
	.put = script_put,
	.renew = script_renew,
	.uploads = 1,
};

static char told[4096];

static void tell(const char *text)
{
	size_t n = strlen(told);

	(void)snprintf(told + n, sizeof(told) - n, "%s\n", text);
}

static void expect_told(const char *part)
{
	if (!strstr(told, part))
		fail_msg("'%s' lacks '%s'", told, part);
}

static struct courier *begin(
	struct script *sink, struct script *spool, struct courier_config config)
{
	struct courier *c = NULL;
	struct err e = { 0 };

	told[0] = 0;
	sink->sink.ops = &scripted;
	config.sink = &sink->sink;
	if (spool) {
		spool->sink.ops = &scripted;
		spool->n = spool->n ? spool->n : 1;
		config.spool = &spool->sink;
	}
	config.tell = tell;
	if (!config.first_ns)
		config.first_ns = COURIER_FOREVER;
	assert_ok(courier_new(&c, &config, &e), &e);
	return c;
}

static const uint8_t data[100];
static const struct sink_object object = {
	.name = "segment-000001.age", .data = data, .len = sizeof(data)
};

static void tries_again_with_the_same_bytes(void **state)
{
	struct script sink = { .steps = { { .result = -EAGAIN },
				       { .result = -EAGAIN }, { 0 } },
		.n = 3 };
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){ .patience_ns = COURIER_FOREVER });
	struct courier_stats st;
	struct err e = { 0 };

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	courier_stats(c, &st);
	assert_int_equal(sink.puts, 3);
	assert_ptr_equal(sink.data, data);
	assert_int_equal(st.sent, 1);
	assert_int_equal(st.sent_bytes, sizeof(data));
	assert_int_equal(st.retries, 2);
	assert_int_equal(st.spooled, 0);
	assert_true(st.away_ns > 0);
	expect_told("the sink is away after");
	expect_told("the capture waits: segment-000001.age: scripted");
	expect_told("the sink is back after");
	expect_told("at try 3");
	courier_free(c);
}

/* A name that is taken is a success only after a try of ours may have done it. */
static void believes_only_its_own(void **state)
{
	struct script lost = { .steps = { { .result = -EAGAIN, .stored = true },
				       { .result = -EEXIST } },
		.n = 2 };
	struct script foreign = {
		.steps = { { .result = -EAGAIN }, { .result = -EEXIST } }, .n = 2
	};
	struct courier_config config = { .patience_ns = COURIER_FOREVER };
	struct courier *c = begin(&lost, NULL, config);
	struct sink_object before = object;
	struct courier_stats st;
	struct err e = { 0 };

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	courier_stats(c, &st);
	assert_int_equal(st.were_there, 1);
	assert_int_equal(st.resent_bytes, sizeof(data));
	expect_told("(it was there already)");
	/* The next object owes nothing to that one. */
	assert_err(courier_put(c, &object, &e), -EEXIST, &e, "scripted");
	/* But for one that an earlier run had tried. */
	before.tried_before = true;
	assert_ok(courier_put(c, &before, &e), &e);
	courier_free(c);
	c = begin(&foreign, NULL, config);
	assert_err(courier_put(c, &object, &e), -EEXIST, &e, "scripted");
	courier_free(c);
}

static void waits_as_asked(void **state)
{
	struct script sink = {
		.steps = { { .result = -EAGAIN, .retry_after = 1 }, { 0 } }, .n = 2
	};
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){ .patience_ns = COURIER_FOREVER });
	struct err e = { 0 };

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	assert_true(sink.put_ns[1] - sink.put_ns[0] >= 1000ULL * MS);
	courier_free(c);
}

static void waits_for_a_ticket(void **state)
{
	struct script sink = { .steps = { { .result = -EKEYEXPIRED },
				       { .result = -EKEYEXPIRED }, { 0 } },
		.n = 3,
		.renew = -EAGAIN };
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){ .patience_ns = COURIER_FOREVER });
	struct courier_stats st;
	struct err e = { 0 };

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	expect_told("a new ticket is needed");
	assert_int_equal(sink.renewals, 2);
	/* One that is there at once is not even told. */
	told[0] = 0;
	sink.at = 0;
	sink.renew = 0;
	assert_ok(courier_put(c, &object, &e), &e);
	courier_stats(c, &st);
	assert_int_equal(st.tickets, 2);
	assert_string_equal(told, "");
	/* And one that never will be is an error. */
	sink.at = 0;
	sink.renew = -ENOKEY;
	assert_err(courier_put(c, &object, &e), -ENOKEY, &e,
		"no ticket: segment-000001.age: scripted");
	courier_free(c);
}

/* A new ticket each time, and none of them good: that is told, and waited for. */
static void does_not_renew_without_end(void **state)
{
	struct script sink = { .steps = { { .result = -EKEYEXPIRED } }, .n = 1 };
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){ .patience_ns = 2000ULL * MS });
	struct err e = { 0 };

	(void)state;
	assert_err(courier_put(c, &object, &e), -ETIMEDOUT, &e, "scripted");
	expect_told("a new ticket is needed");
	assert_in_range(sink.puts, 3, 40);
	assert_int_equal(sink.renewals, sink.puts);
	courier_free(c);
}

static void turns_to_the_spool_and_back(void **state)
{
	struct script sink = { .steps = { { .result = -EAGAIN } }, .n = 1 };
	struct script spool = { .n = 1 };
	struct courier *c = begin(&sink, &spool,
		(struct courier_config){
			.patience_ns = 50 * MS, .spool_max_bytes = 1 << 30 });
	struct courier_stats st;
	struct err e = { 0 };
	unsigned tries;

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	assert_int_equal(spool.puts, 1);
	expect_told("then the spool takes over");
	/* The next does not even ask the sink. */
	tries = sink.puts;
	assert_ok(courier_put(c, &object, &e), &e);
	assert_int_equal(sink.puts, tries);
	assert_int_equal(spool.puts, 2);
	courier_stats(c, &st);
	assert_int_equal(st.spooled, 2);
	assert_int_equal(st.spooled_bytes, 2 * sizeof(data));
	assert_int_equal(st.sent, 0);
	/* Now and then one does; when it gets through, so do all. */
	sink.steps[0].result = 0;
	while (spool.puts < 1000 && sink.puts == tries) {
		struct timespec nap = { .tv_nsec = 20 * MS };

		assert_ok(courier_put(c, &object, &e), &e);
		(void)nanosleep(&nap, NULL);
	}
	courier_stats(c, &st);
	assert_int_equal(st.sent, 1);
	assert_ok(courier_put(c, &object, &e), &e);
	courier_stats(c, &st);
	assert_int_equal(st.sent, 2);
	expect_told("the sink is back");
	courier_free(c);
}

static void spools_what_is_refused(void **state)
{
	struct script sink = { .steps = { { .result = -EACCES } }, .n = 1 };
	struct script spool = { .n = 1 };
	struct courier_config config = { .patience_ns = COURIER_FOREVER,
		.spool_max_bytes = 1 << 30 };
	struct courier *c = begin(&sink, &spool, config);
	struct err e = { 0 };

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	assert_ok(courier_put(c, &object, &e), &e);
	assert_int_equal(sink.puts, 1);
	assert_int_equal(spool.puts, 2);
	expect_told("the sink refuses, the spool takes over");
	/* If the spool fails too, that is an error. */
	spool.steps[0].result = -EIO;
	assert_err(courier_put(c, &object, &e), -EIO, &e, "spool: ");
	courier_free(c);
	c = begin(&sink, NULL, config);
	assert_err(courier_put(c, &object, &e), -EACCES, &e, "scripted");
	courier_free(c);
}

static void keeps_to_its_budget(void **state)
{
	struct script sink = { .steps = { { .result = -EACCES } }, .n = 1 };
	struct script spool = { .n = 1 };
	struct courier *c = begin(&sink, &spool,
		(struct courier_config){ .patience_ns = COURIER_FOREVER,
			.spool_max_bytes = COURIER_RESERVE_BYTES +
					   2 * COURIER_SMALL_BYTES });
	struct sink_object big = { .name = "segment-000002.age",
		.len = COURIER_SMALL_BYTES + 1 };
	struct courier_stats st;
	struct err e = { 0 };

	(void)state;
	assert_ok(courier_put(c, &big, &e), &e);
	assert_err(courier_put(c, &big, &e), -ENOSPC, &e, "the spool is full");
	/* Manifests have a reserve. */
	assert_ok(courier_put(c, &object, &e), &e);
	courier_stats(c, &st);
	assert_int_equal(st.spooled, 2);
	assert_int_equal(st.spooled_bytes, big.len + object.len);
	courier_free(c);
}

static void gives_up_in_time(void **state)
{
	struct script sink = { .steps = { { .result = -EAGAIN } }, .n = 1 };
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){
			.patience_ns = COURIER_FOREVER, .first_ns = 300 * MS });
	atomic_bool interrupted = false;
	struct err e = { 0 };

	(void)state;
	assert_err(courier_put(c, &object, &e), -ETIMEDOUT, &e,
		"the sink stayed away");
	courier_free(c);
	c = begin(&sink, NULL,
		(struct courier_config){
			.patience_ns = 100 * MS, .interrupted = &interrupted });
	assert_err(courier_put(c, &object, &e), -ETIMEDOUT, &e, "scripted");
	courier_free(c);
}

/* By chance, but of all waits to be next to nothing is one in a million. */
static void backs_off(void **state)
{
	struct script sink = {
		.steps = { { .result = -EAGAIN }, { .result = -EAGAIN },
			{ .result = -EAGAIN }, { .result = -EAGAIN }, { 0 } },
		.n = 5
	};
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){ .patience_ns = COURIER_FOREVER });
	struct err e = { 0 };
	uint64_t waited;

	(void)state;
	assert_ok(courier_put(c, &object, &e), &e);
	waited = sink.put_ns[4] - sink.put_ns[0];
	print_message("waited %" PRIu64 " ms\n", waited / MS);
	assert_in_range(waited / MS, 20, 15 * COURIER_BACKOFF_MIN_MS + 500);
	courier_free(c);
}

static void *put_one(void *c)
{
	struct err e = { 0 };

	return (void *)(intptr_t)courier_put(c, &object, &e);
}

/* A success of one wakes those that wait for their next try. */
static void one_success_wakes_the_rest(void **state)
{
	struct script sink = {
		.steps = { { .result = -EAGAIN, .retry_after = 3600 }, { 0 } },
		.n = 2
	};
	struct courier *c = begin(&sink, NULL,
		(struct courier_config){ .patience_ns = COURIER_FOREVER });
	struct courier_stats st = { 0 };
	struct err e = { 0 };
	pthread_t thread;
	void *r;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_one, c), 0);
	while (!st.retries)
		courier_stats(c, &st);
	assert_ok(courier_put(c, &object, &e), &e);
	assert_int_equal(pthread_join(thread, &r), 0);
	assert_null(r);
	courier_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_again_with_the_same_bytes),
		cmocka_unit_test(believes_only_its_own),
		cmocka_unit_test(waits_as_asked),
		cmocka_unit_test(waits_for_a_ticket),
		cmocka_unit_test(does_not_renew_without_end),
		cmocka_unit_test(turns_to_the_spool_and_back),
		cmocka_unit_test(spools_what_is_refused),
		cmocka_unit_test(keeps_to_its_budget),
		cmocka_unit_test(gives_up_in_time),
		cmocka_unit_test(backs_off),
		cmocka_unit_test(one_success_wakes_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
