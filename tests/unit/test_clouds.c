// SPDX-License-Identifier: Apache-2.0
/* The sources that ask metadata services, against services that change. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "trigger/azure.h"
#include "trigger/ec2.h"
#include "trigger/gce.h"
#include "unit/emulator.h"
#include "unit/source_talk.h"
#include "unit/unit.h"

enum { POLL_MS = 40, ENDS_MS = 1500, LOOKS = 4 };

static struct emulator *imds;
static long seen;

static int set_up(void **state)
{
	(void)state;
	imds = emulator_new("imds.py", NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	emulator_free(imds);
	return 0;
}

/* Some more looks than when it was asked first. */
static bool looked(void *arg)
{
	long *first = arg, now = emulator_count(imds, "requests");

	*first = *first ? *first : now;
	return now >= *first + LOOKS;
}

static void quiet(struct talk *t)
{
	seen = 0;
	talk_quiet(t, looked, &seen);
}

static void begin_ec2(struct talk *t, struct ec2_settings *set)
{
	*set = *(const struct ec2_settings *)trigger_ec2.defaults;
	set->metadata = emulator_url(imds);
	set->poll_ms = POLL_MS;
	talk_begin(t, &trigger_ec2, set);
}

static void ec2_tags(void **state)
{
	struct ec2_settings set;
	char change[1200];
	struct talk t;

	(void)state;
	begin_ec2(&t, &set);
	talk_state(&t, FEED_WAITING, "");
	quiet(&t);
	emulator_set(imds, "{'tags': {'Name': 'web', 'icecore': 'case 7'}}");
	talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=case 7");
	assert_int_equal(t.last.event.flags, 0);
	assert_string_equal(t.last.event.order, "");
	/* Another value is another trigger. */
	emulator_set(imds, "{'tags': {'icecore': 'ico1.abc'}}");
	talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=");
	assert_string_equal(t.last.event.order, "ico1.abc");
	talk_expect(&t, BELL_GONE, "tag:icecore=", "");
	emulator_set(imds, "{'tags': {'icecore': ''}}");
	talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore");
	talk_expect(&t, BELL_GONE, "tag:icecore=", "");
	/* Longer than any order: refused once, and forgotten when it goes. */
	(void)snprintf(
		change, sizeof(change), "{'tags': {'icecore': '%01100d'}}", 0);
	emulator_set(imds, change);
	talk_expect(&t, BELL_REFUSE, "tag:icecore=", "tag icecore: a value of");
	talk_expect(&t, BELL_GONE, "tag:icecore=", "");
	quiet(&t);
	emulator_set(imds, "{'tags': {}}");
	talk_expect(&t, BELL_GONE, "tag:icecore=", "");
	/* Not to be seen, while other things are; and again. */
	emulator_set(imds, "{'tags': null}");
	talk_state(&t, FEED_WAITING, "tags: not seen: InstanceMetadataTags");
	emulator_set(imds, "{'tags': {'icecore': 'x'}}");
	talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=x");
	talk_state(&t, FEED_WAITING, "");
	assert_true(talk_end(&t) < ENDS_MS);
}

/* Nothing is left that could be seen. */
static void ec2_blind(void **state)
{
	struct ec2_settings set =
		*(const struct ec2_settings *)trigger_ec2.defaults;
	struct talk t;

	(void)state;
	set.metadata = emulator_url(imds);
	set.lifecycle = 0;
	set.poll_ms = POLL_MS;
	emulator_set(imds, "{'tags': null}");
	talk_begin(&t, &trigger_ec2, &set);
	talk_state(&t, FEED_UNUSABLE, "tags: not seen: InstanceMetadataTags");
	assert_true(talk_end(&t) < ENDS_MS);
	/* The tag's own name is looked at, and no more. */
	emulator_set(imds, "{'tags': {'icecore2': 'x'}}");
	talk_begin(&t, &trigger_ec2, &set);
	talk_state(&t, FEED_WAITING, "");
	quiet(&t);
	assert_true(talk_end(&t) < ENDS_MS);
}

static void ec2_groups(void **state)
{
	struct ec2_settings set =
		*(const struct ec2_settings *)trigger_ec2.defaults;
	struct talk t;

	(void)state;
	set.metadata = emulator_url(imds);
	set.poll_ms = POLL_MS;
	set.isolation_group = (struct trigger_words){ { "sg-0dead", "sg-1" }, 2 };
	emulator_set(imds, "{'tags': null}");
	talk_begin(&t, &trigger_ec2, &set);
	talk_state(&t, FEED_WAITING, "tags: not seen");
	quiet(&t);
	/* On the second interface, beside another. */
	emulator_set(imds, "{'groups': {'0e:49:61:0f:c3:11': ['sg-0aaa'],"
			   " '0e:49:61:0f:c3:12': ['sg-12', 'sg-0dead']}}");
	talk_expect(&t, BELL_RING, "group:sg-0dead", "isolation group sg-0dead");
	emulator_set(imds, "{'groups': {'0e:49:61:0f:c3:11': ['sg-0aaa']}}");
	talk_expect(&t, BELL_GONE, "group:sg-0dead", "");
	emulator_set(imds, "{'groups': {'../../evil': ['sg-1']}}");
	talk_state(&t, FEED_WAITING, "groups: a list of interfaces");
	assert_true(talk_end(&t) < ENDS_MS);
}

static void ec2_ends(void **state)
{
	struct ec2_settings set;
	struct talk t;

	(void)state;
	begin_ec2(&t, &set);
	talk_state(&t, FEED_WAITING, "");
	emulator_set(imds, "{'scaling': 'InService'}");
	quiet(&t);
	emulator_set(imds, "{'scaling': 'Terminated'}");
	talk_expect(&t, BELL_RING, "scaling:end", "Auto Scaling: Terminated");
	assert_int_equal(t.last.event.flags, TRIGGER_LAST_GASP);
	assert_int_equal(t.last.event.gone_realtime_ns, 0);
	emulator_set(imds, "{'scaling': null}");
	talk_expect(&t, BELL_GONE, "scaling:end", "");
	emulator_set(imds, "{'spot': '{}'}");
	talk_expect(&t, BELL_REFUSE, "spot:malformed", "a spot notice");
	emulator_set(imds,
		"{'spot': '{\\u0022action\\u0022:\\u0022terminate\\u0022,"
		"\\u0022time\\u0022:\\u00222017-09-18T08:22:00Z\\u0022}'}");
	talk_expect(&t, BELL_RING, "spot:notice", "Spot Instance: terminate");
	assert_int_equal(t.last.event.flags, TRIGGER_LAST_GASP);
	assert_int_equal(t.last.event.gone_realtime_ns,
		1505722920 * UINT64_C(1000000000));
	talk_expect(&t, BELL_GONE, "spot:malformed", "");
	assert_true(talk_end(&t) < ENDS_MS);
}

static void ec2_tokens(void **state)
{
	struct ec2_settings set;
	struct talk t;

	(void)state;
	emulator_set(imds, "{'token': 'expire', 'tags': {'icecore': 'a'}}");
	begin_ec2(&t, &set);
	talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=a");
	talk_state(&t, FEED_WAITING, "");
	assert_true(emulator_count(imds, "tokens") > 2);
	(void)talk_end(&t);
	emulator_set(imds, "{'token': 'refuse'}");
	begin_ec2(&t, &set);
	talk_state(&t, FEED_UNUSABLE, "IMDSv2 token: the service refuses (403)");
	assert_true(talk_end(&t) < ENDS_MS);
	emulator_set(imds, "{'token': 'hang'}");
	begin_ec2(&t, &set);
	talk_state(&t, FEED_AWAY, "a hop limit of 1 reaches no container");
	assert_true(talk_end(&t) < ENDS_MS);
}

/* Whatever comes: bounded, no trigger, nothing gone, and well afterwards. */
static void wrong(void **state)
{
	static const char *const modes[] = { "{'mode': 'throttle'}",
		"{'mode': 'html'}", "{'mode': 'nul'}", "{'mode': 'large'}",
		"{'mode': 'reset'}" };
	struct ec2_settings set;
	struct azure_settings az =
		*(const struct azure_settings *)trigger_azure.defaults;
	struct gce_settings gce =
		*(const struct gce_settings *)trigger_gce.defaults;
	struct talk t;

	(void)state;
	emulator_set(imds, "{'tags': {'icecore': 'a'}, 'taglist': {'icecore': "
			   "'b'}, 'attributes': {'icecore': 'c'}}");
	az.metadata = gce.metadata = emulator_url(imds);
	az.poll_ms = POLL_MS;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		emulator_set(imds, modes[i]);
		talk_begin(&t, &trigger_azure, &az);
		talk_state(&t, FEED_AWAY, "tags: ");
		emulator_set(imds, "{'mode': 'ok'}");
		talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=b");
		talk_state(&t, FEED_WAITING, "");
		assert_true(talk_end(&t) < ENDS_MS);
		emulator_set(imds, modes[i]);
		talk_begin(&t, &trigger_gce, &gce);
		talk_state(&t, FEED_AWAY, "attributes: ");
		emulator_set(imds, "{'mode': 'ok'}");
		talk_expect(&t, BELL_RING,
			"attribute:icecore=", "attribute icecore=c");
		assert_true(talk_end(&t) < ENDS_MS);
		/* It is seen, then the service goes wrong, and it comes back. */
		begin_ec2(&t, &set);
		talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=a");
		talk_state(&t, FEED_WAITING, "");
		emulator_set(imds, modes[i]);
		talk_state(&t, FEED_AWAY, "tags: ");
		quiet(&t);
		emulator_set(imds, "{'mode': 'ok', 'tags': {}}");
		talk_expect(&t, BELL_GONE, "tag:icecore=", "");
		emulator_set(imds, "{'tags': {'icecore': 'a'}}");
		assert_true(talk_end(&t) < ENDS_MS);
	}
}

static void azure(void **state)
{
	struct azure_settings set =
		*(const struct azure_settings *)trigger_azure.defaults;
	struct talk t;

	(void)state;
	set.metadata = emulator_url(imds);
	set.poll_ms = POLL_MS;
	talk_begin(&t, &trigger_azure, &set);
	talk_state(&t, FEED_WAITING, "");
	quiet(&t);
	emulator_set(imds, "{'taglist': {'IceCore': 'look', 'other': 'x'}}");
	talk_expect(&t, BELL_RING, "tag:IceCore=", "tag IceCore=look");
	emulator_set(imds, "{'taglist': {'other': 'x'}}");
	talk_expect(&t, BELL_GONE, "tag:IceCore=", "");
	emulator_set(imds, "{'taglist': {'icecore': 5}}");
	talk_state(&t, FEED_WAITING, "tags: tag 0 is none");
	emulator_set(imds,
		"{'taglist': {}, 'events': ["
		"{'EventId': 'A', 'EventType': 'Freeze', 'Resources': "
		"['web-1'], 'NotBefore': ''},"
		"{'EventId': 'B', 'EventType': 'Preempt', 'Resources': "
		"['web-2'], 'NotBefore': ''}]}");
	quiet(&t);
	emulator_set(imds, "{'events': [{'EventId': 'C', 'EventType': 'Preempt',"
			   " 'Resources': ['web-2', 'WEB-1'], 'NotBefore': "
			   "'Mon, 19 Sep 2016 18:29:47 GMT'}]}");
	talk_expect(&t, BELL_RING, "event:C", "scheduled event: Preempt");
	assert_int_equal(t.last.event.flags, TRIGGER_LAST_GASP);
	assert_int_equal(t.last.event.gone_realtime_ns,
		1474309787 * UINT64_C(1000000000));
	emulator_set(imds, "{'events': []}");
	talk_expect(&t, BELL_GONE, "event:C", "");
	/* Events that do not answer hold up no tag. */
	emulator_set(imds, "{'azure_events_mode': 'hang', 'taglist': "
			   "{'icecore': 'now'}}");
	talk_expect(&t, BELL_RING, "tag:icecore=", "tag icecore=now");
	talk_state(&t, FEED_WAITING, "events: ");
	assert_true(talk_end(&t) < ENDS_MS);
}

static bool waits_again(void *arg)
{
	return emulator_count(imds, "waits") > *(long *)arg;
}

static void gce(void **state)
{
	struct gce_settings set =
		*(const struct gce_settings *)trigger_gce.defaults;
	uint64_t began;
	struct talk t;
	long waits;

	(void)state;
	set.metadata = emulator_url(imds);
	talk_begin(&t, &trigger_gce, &set);
	talk_state(&t, FEED_WAITING, "");
	waits = 0;
	talk_quiet(&t, waits_again, &waits);
	began = clock_ns(CLOCK_MONOTONIC);
	emulator_set(imds, "{'attributes': {'icecore': 'go', 'ssh-keys': 'x'}}");
	talk_expect(&t, BELL_RING, "attribute:icecore=", "attribute icecore=go");
	print_message("pushed in %u ms\n",
		(unsigned)((clock_ns(CLOCK_MONOTONIC) - began) / 1000000));
	waits = emulator_count(imds, "waits");
	talk_quiet(&t, waits_again, &waits);
	emulator_set(imds, "{'attributes': {'icecore': ['a']}}");
	talk_expect(&t, BELL_REFUSE, "attribute:malformed", "an attribute");
	talk_expect(&t, BELL_GONE, "attribute:icecore=", "");
	emulator_set(imds, "{'attributes': {'ssh-keys': 'x'}}");
	talk_expect(&t, BELL_GONE, "attribute:malformed", "");
	/* It waits for up to a minute, but not for that when the watch ends. */
	waits = emulator_count(imds, "waits") - 1;
	talk_quiet(&t, waits_again, &waits);
	assert_true(talk_end(&t) < ENDS_MS);
}

static void checks(void **state)
{
	struct ec2_settings ec2 = { .tag = { { "a/b" }, 1 } };
	const struct azure_settings az = { .poll_ms = 1 };
	const struct gce_settings none = { .metadata = NULL };
	struct err e = { 0 };

	(void)state;
	assert_err(trigger_ec2.check(&ec2, &e), -EINVAL, &e, "tag 'a/b' has");
	ec2.tag.n = 0;
	assert_err(trigger_ec2.check(&ec2, &e), -EINVAL, &e, "nothing");
	assert_err(trigger_azure.check(&az, &e), -EINVAL, &e, "nothing");
	assert_err(trigger_gce.check(&none, &e), -EINVAL, &e, "nothing");
	assert_ptr_equal(trigger_kind_find("ec2"), &trigger_ec2);
	assert_ptr_equal(trigger_kind_find("azure"), &trigger_azure);
	assert_ptr_equal(trigger_kind_find("gce"), &trigger_gce);
	assert_null(trigger_kind_find("gcp"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ec2_tags),
		TEST(ec2_blind),
		TEST(ec2_groups),
		TEST(ec2_ends),
		TEST(ec2_tokens),
		TEST(wrong),
		TEST(azure),
		TEST(gce),
		cmocka_unit_test(checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
