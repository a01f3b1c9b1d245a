// SPDX-License-Identifier: Apache-2.0
/* The source that watches Kubernetes: what a real API server answered, and a
 * server whose objects, tokens and rights change. */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "trigger/kubernetes.h"
#include "trigger/kubernetes_event.h"
#include "unit/emulator.h"
#include "unit/scratch.h"
#include "unit/source_talk.h"
#include "unit/unit.h"

enum { ENDS_MS = 1500 };

static struct emulator *api;
static char top[SCRATCH_CHARS], token[SCRATCH_CHARS];
static struct kubernetes_settings set;

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	scratch_write(top, "token", "secret\n", 7);
	scratch_path(token, top, "token");
	api = emulator_new("kubernetes.py", NULL);
	set = *(const struct kubernetes_settings *)trigger_kubernetes.defaults;
	set.api = emulator_url(api);
	set.token_file = token;
	set.node = "node-1";
	emulator_set(api, "{'put': ['nodes', 'node-1', {'metadata': {}}]}");
	assert_true(emulator_count(api, "list") == 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	emulator_free(api);
	scratch_remove(top);
	return 0;
}

static void put_pod(const char *name, const char *meta)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		"{'put': ['pods', '%s', {'metadata': {%s}}]}", name, meta);
	emulator_set(api, text);
}

static bool lists_again(void *arg)
{
	return emulator_count(api, "list") > *(long *)arg + 1;
}

static bool watches_again(void *arg)
{
	return emulator_count(api, "watch") > *(long *)arg;
}

static void wait_count(const char *name, long value)
{
	for (int i = 0; i < 500 && emulator_count(api, name) != value; i++)
		(void)usleep(10000);
	assert_int_equal(emulator_count(api, name), value);
}

static void nodes(void **state)
{
	struct talk t;

	(void)state;
	set.cordon = 1;
	set.node_taint = (struct trigger_words){ { "quarantine=ir" }, 1 };
	set.node_label = (struct trigger_words){ { "ir" }, 1 };
	talk_begin(&t, &trigger_kubernetes, &set);
	talk_state(&t, FEED_WAITING, "");
	emulator_set(api,
		"{'put': ['nodes', 'node-1', {'metadata': "
		"{'annotations': {'icecore.dev/capture': 'ico1.x'}}}]}");
	talk_expect(&t, BELL_RING, "node/uid-node-1", "node node-1: annotation");
	assert_string_equal(t.last.event.order, "ico1.x");
	assert_string_equal(t.last.event.pod, "");
	emulator_set(api, "{'put': ['nodes', 'node-1', {'metadata': {}, 'spec': "
			  "{'unschedulable': true}}]}");
	talk_expect(&t, BELL_RING, "node/", "node node-1: cordon");
	talk_expect(&t, BELL_GONE, "node/", "");
	emulator_set(api, "{'put': ['nodes', 'node-1', {'metadata': {}, 'spec': "
			  "{'taints': [{'key': 'quarantine', 'value': 'no'}, "
			  "{'key': 'quarantine', 'value': 'ir'}]}}]}");
	talk_expect(&t, BELL_RING, "node/", "node node-1: taint quarantine=ir");
	talk_expect(&t, BELL_GONE, "node/", "");
	emulator_set(api, "{'put': ['nodes', 'node-1', {'metadata': {'labels': "
			  "{'ir': 'x'}}}]}");
	talk_expect(&t, BELL_RING, "node/", "node node-1: label ir=x");
	talk_expect(&t, BELL_GONE, "node/", "");
	assert_true(talk_end(&t) < ENDS_MS);
}

static void pods(void **state)
{
	struct talk t;
	char name[16];
	long n;

	(void)state;
	/* More than a page of them, and one that is marked already. */
	for (int i = 0; i < 25; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		put_pod(name, i == 24 ? "'labels': {'PHASE': 'QUARANTINE'}" : "");
	}
	talk_begin(&t, &trigger_kubernetes, &set);
	talk_expect(&t, BELL_RING, "pod/uid-p24", "pod shop/p24: label PHASE");
	assert_string_equal(t.last.event.pod, "shop/p24");
	talk_state(&t, FEED_WAITING, "");
	/* Flapping, and the same once more. */
	put_pod("p24", "'labels': {'PHASE': 'x'}");
	talk_expect(&t, BELL_GONE, "pod/uid-p24", "");
	put_pod("p24", "'labels': {'PHASE': 'QUARANTINE'}");
	talk_expect(&t, BELL_RING, "pod/uid-p24", "pod shop/p24: label PHASE");
	put_pod("p24", "'labels': {'PHASE': 'QUARANTINE', 'a': 'b'}");
	/* Streams that end go on after what was seen; bookmarks move that. */
	n = emulator_count(api, "watch") + 1;
	emulator_set(api, "{'silent': false, 'close': 1}");
	talk_quiet(&t, watches_again, &n);
	/* Versions that are gone: listed again, by either answer. */
	n = emulator_count(api, "list");
	emulator_set(api, "{'silent': true, 'oldest': 9999, 'close': 2}");
	talk_quiet(&t, lists_again, &n);
	n = emulator_count(api, "list");
	emulator_set(api, "{'expired': 'http'}");
	talk_quiet(&t, lists_again, &n);
	emulator_set(api, "{'oldest': 0}");
	talk_state(&t, FEED_WAITING, "");
	/* What went while nobody watched is gone. */
	emulator_set(api, "{'drop': ['pods', 'p24']}");
	talk_expect(&t, BELL_GONE, "pod/uid-p24", "");
	/* Nonsense in the stream: all is looked at again. */
	n = emulator_count(api, "list");
	emulator_set(api, "{'send': 'not JSON'}");
	talk_quiet(&t, lists_again, &n);
	talk_state(&t, FEED_WAITING, "");
	assert_true(talk_end(&t) < ENDS_MS);
}

static void tokens(void **state)
{
	struct talk t;

	(void)state;
	talk_begin(&t, &trigger_kubernetes, &set);
	talk_state(&t, FEED_WAITING, "");
	emulator_set(api, "{'tokens': ['renewed'], 'close': 1}");
	talk_state(&t, FEED_AWAY, "the token is not accepted (401)");
	scratch_write(top, "token", "renewed\n", 8);
	talk_state(&t, FEED_WAITING, "");
	put_pod("a", "'annotations': {'icecore.dev/capture': ''}");
	talk_expect(&t, BELL_RING, "pod/uid-a", "pod shop/a: annotation");
	emulator_set(api, "{'rbac': [], 'close': 2}");
	talk_state(&t, FEED_UNUSABLE, "the role does not allow it (403)");
	assert_true(talk_end(&t) < ENDS_MS);
}

static void answer(struct talk *t, enum trigger_stage stage)
{
	feed_answer(t->feed, t->last.event.key, stage,
		"{\"outcome\": \"complete\", \"capture\": \"abc\"}");
}

static void holds(void **state)
{
	struct talk t;
	long n;

	(void)state;
	set.hold = set.report = 1;
	talk_begin(&t, &trigger_kubernetes, &set);
	talk_state(&t, FEED_WAITING, "");
	put_pod("a", "'annotations': {'icecore.dev/capture': 'x'}");
	talk_expect(&t, BELL_RING, "pod/uid-a", "pod shop/a: annotation");
	wait_count("held", 1);
	answer(&t, TRIGGER_BEGUN);
	wait_count("stage-begun", 1);
	assert_int_equal(emulator_count(api, "held"), 1);
	answer(&t, TRIGGER_DONE);
	wait_count("held", 0);
	wait_count("stage-done", 1);
	n = emulator_count(api, "patch");
	/* Found held after a restart, with nothing that runs. */
	put_pod("b", "'finalizers': ['icecore.dev/hold'], 'annotations': "
		     "{'icecore.dev/hold-until': '2020-01-01T00:00:00Z'}");
	wait_count("patch", n + 1);
	wait_count("held", 0);
	/* Its time is over before its capture is. */
	(void)talk_end(&t);
	set.hold_seconds = 1;
	talk_begin(&t, &trigger_kubernetes, &set);
	talk_expect(&t, BELL_RING, "pod/uid-a", "pod shop/a: annotation");
	wait_count("held", 1);
	wait_count("held", 0);
	assert_true(talk_end(&t) < ENDS_MS);
}

static void may_not_hold(void **state)
{
	struct talk t;
	long n;

	(void)state;
	set.hold = set.report = 1;
	emulator_set(api, "{'rbac': ['list', 'watch']}");
	talk_begin(&t, &trigger_kubernetes, &set);
	talk_state(&t, FEED_WAITING, "");
	put_pod("a", "'annotations': {'icecore.dev/capture': 'x'}");
	talk_expect(&t, BELL_RING, "pod/uid-a", "pod shop/a: annotation");
	talk_state(&t, FEED_WAITING, "hold: the role does not allow it (403)");
	answer(&t, TRIGGER_BEGUN);
	talk_state(&t, FEED_WAITING, "report: the role does not allow it");
	n = emulator_count(api, "patch");
	answer(&t, TRIGGER_DONE);
	put_pod("b", "'annotations': {'icecore.dev/capture': 'x'}");
	talk_expect(&t, BELL_RING, "pod/uid-b", "pod shop/b: annotation");
	assert_int_equal(emulator_count(api, "patch"), n);
	assert_true(talk_end(&t) < ENDS_MS);
}

/* Word for word what a real API server said. */
static json_t *fixture(const char *name)
{
	json_t *j = NULL;
	struct err e = { 0 };
	size_t len;
	uint8_t *text = scratch_read(SERVER_DIR "/kubernetes", name, &len);

	assert_ok(json_decode(&j, text, len, &e), &e);
	free(text);
	return j;
}

static void real_events(void **state)
{
	static const enum kube_what whats[] = { KUBE_THERE, KUBE_THERE,
		KUBE_THERE, KUBE_THERE, KUBE_THERE, KUBE_THERE, KUBE_GONE,
		KUBE_BOOKMARK, KUBE_BOOKMARK };
	AUTO_JSON json_t *j = fixture("watch-pods.json");
	const json_t *lines = json_object_get(j, "lines"), *line;
	struct err e = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(lines), ARRAY_LEN(whats));
	json_array_foreach(lines, i, line)
	{
		AUTO_KUBE_EVENT struct kube_event ev = { .code = 0 };

		assert_ok(kube_event_decode(&ev, json_string_value(line),
				  json_string_length(line), &e),
			&e);
		assert_int_equal(ev.what, whats[i]);
		if (ev.what == KUBE_BOOKMARK)
			continue;
		assert_string_equal(ev.object.name, "cart");
		assert_string_equal(ev.object.space, "shop");
		assert_int_equal(ev.object.held, i >= 1 && i <= 3);
		assert_int_equal(ev.object.ending, i >= 3);
	}
}

static void real_errors(void **state)
{
	AUTO_JSON json_t *expired = fixture("watch-expired.json");
	AUTO_JSON json_t *page = fixture("list-pods-1.json");
	const json_t *line = json_array_get(json_object_get(expired, "lines"), 0);
	const json_t *text = json_object_get(page, "answer");
	AUTO_KUBE_EVENT struct kube_event ev = { .code = 0 };
	AUTO_KUBE_LIST struct kube_list l = { .j = NULL };
	struct kube_object o;
	struct err e = { 0 };

	(void)state;
	assert_ok(kube_event_decode(&ev, json_string_value(line),
			  json_string_length(line), &e),
		&e);
	assert_int_equal(ev.what, KUBE_ERROR);
	assert_int_equal(ev.code, 410);
	assert_ok(kube_list_decode(&l, json_string_value(text),
			  json_string_length(text), &e),
		&e);
	assert_true(l.more[0] && l.version[0]);
	assert_int_equal(json_array_size(l.items), 1);
	assert_ok(kube_list_item(&o, &l, 0, &e), &e);
	assert_string_equal(o.name, "cart");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_events),
		cmocka_unit_test(real_errors),
		TEST(nodes),
		TEST(pods),
		TEST(tokens),
		TEST(holds),
		TEST(may_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
