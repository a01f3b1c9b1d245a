// SPDX-License-Identifier: Apache-2.0
/* Hidden tasks, by witnesses that say what the test has written down. */
#include <errno.h>

#include "live/crossview.h"
#include "unit/unit.h"

enum { KINDS = 5, ROUNDS = CROSSVIEW_ROUNDS, TASKS = 4 };

/* In which rounds a witness tells a task: a bit for each. */
struct script {
	uint32_t pid;
	uint8_t told[KINDS];
};

struct live_source {
	int kind;
};

static const struct script *script;
static size_t script_n;
static int asked[KINDS];
static int refusal[KINDS]; /* what opening gives */
static struct live_source sources[KINDS];

static int kind_of(enum live_witness w)
{
	return __builtin_ctz(w);
}

static struct live_task task_of(uint32_t pid, uint32_t by)
{
	return (struct live_task){
		.pid = pid, .tid = pid, .start_boot_ns = 1000000000, .seen_by = by
	};
}

int live_open(struct live_source **ret, enum live_witness witness,
	const struct live_config *config, struct err *e)
{
	int kind = kind_of(witness);

	(void)config;
	if (refusal[kind])
		return err_set(e, refusal[kind], "refused");
	sources[kind].kind = kind;
	*ret = &sources[kind];
	return 0;
}

void live_close(struct live_source *s)
{
	(void)s;
}

int live_see_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	int round = asked[s->kind]++;

	*seen = (struct live_seen){ 0 };
	for (size_t i = 0; i < script_n; i++) {
		struct live_task t = task_of(script[i].pid, 1u << s->kind);
		int r;

		if (!(script[i].told[s->kind] >> round & 1))
			continue;
		r = live_tasks_see(into, &t, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Pids and missing witnesses of what is hidden, after a first look that told
 * ${first} by ${by}. */
static void check(const struct script *s, size_t n, const uint32_t *by,
	uint32_t worked, const char *want)
{
	struct live_tasks seen = { 0 }, hidden = { 0 };
	struct live_config config = { 0 };
	struct err e = { 0 };
	char got[256] = "";
	size_t at = 0;

	script = s;
	script_n = n;
	memset(asked, 0, sizeof(asked));
	for (size_t i = 0; i < n; i++) {
		struct live_task t = task_of(s[i].pid, by[i]);

		assert_int_equal(live_tasks_see(&seen, &t, &e), 0);
	}
	live_tasks_sort(&seen);
	assert_ok(crossview_tasks(&hidden, &seen, worked, &config, &e), &e);
	for (size_t i = 0; i < hidden.n; i++)
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%u-%u ",
			hidden.v[i].pid, crossview_missing(&hidden.v[i], worked));
	assert_string_equal(got, want);
	live_tasks_done(&seen);
	live_tasks_done(&hidden);
}

static const uint32_t all = LIVE_BY_ITERATOR | LIVE_BY_PROC | LIVE_BY_LIST |
			    LIVE_BY_SCHEDULER | LIVE_BY_PROBE;

/* Iterator, proc, list, scheduler, probe. */
static void test_hidden(void **state)
{
	static const struct script s[] = {
		{ 10, { 7, 7, 7, 0, 0 } }, /* seen by everybody after all */
		{ 11, { 7, 0, 7, 0, 0 } }, /* hidden from /proc */
		{ 12, { 0, 0, 7, 0, 0 } }, /* from the table of ids */
		{ 13, { 0, 0, 0, 7, 0 } }, /* from all lists */
		{ 14, { 0, 0, 0, 0, 0 } }, /* ended */
		{ 15, { 3, 0, 3, 0, 0 } }, /* ended later */
		{ 16, { 7, 0, 0, 0, 0 } }, /* from the list and /proc */
		{ 17, { 0, 0, 0, 0, 7 } }, /* takes a signal, and that is all */
	};
	static const uint32_t by[] = { LIVE_BY_ITERATOR | LIVE_BY_LIST,
		LIVE_BY_ITERATOR | LIVE_BY_LIST, LIVE_BY_LIST, LIVE_BY_SCHEDULER,
		LIVE_BY_SCHEDULER, LIVE_BY_ITERATOR | LIVE_BY_LIST,
		LIVE_BY_ITERATOR, LIVE_BY_PROBE };

	(void)state;
	check(s, ARRAY_LEN(s), by, all, "11-2 12-3 13-7 16-6 17-7 ");
}

/* Each round by another witness: that is chance, and nobody hides. */
static void test_chance(void **state)
{
	static const struct script s[] = {
		{ 10, { 1, 1, 0, 0, 0 } },
		{ 11, { 6, 7, 7, 0, 0 } },
		{ 12, { 7, 2, 7, 0, 0 } },
	};
	static const uint32_t by[] = { LIVE_BY_ITERATOR, LIVE_BY_LIST,
		LIVE_BY_LIST };

	(void)state;
	check(s, ARRAY_LEN(s), by, all, "");
	/* The first was not asked for again where nothing was missing. */
	assert_true(asked[0] <= ROUNDS);
}

static void test_nothing_missing(void **state)
{
	static const struct script s[] = { { 10, { 0 } }, { 0, { 0 } } };
	static const uint32_t by[] = { LIVE_BY_ITERATOR | LIVE_BY_PROC,
		LIVE_BY_LIST };

	(void)state;
	/* The list did not work, and id 0 is of another namespace. */
	check(s, 2, by, LIVE_BY_ITERATOR | LIVE_BY_PROC, "");
	for (int i = 0; i < KINDS; i++)
		assert_int_equal(asked[i], 0);
}

/* A witness that is refused now says nothing about who is missing. */
static void test_refused(void **state)
{
	static const struct script s[] = { { 11, { 7, 0, 7, 0, 0 } } };
	static const uint32_t by[] = { LIVE_BY_ITERATOR | LIVE_BY_LIST };
	struct live_tasks seen = { 0 }, hidden = { 0 };
	struct live_task t = task_of(11, LIVE_BY_LIST);
	struct live_config config = { 0 };
	struct err e = { 0 };

	(void)state;
	refusal[1] = -EACCES;
	check(s, 1, by, all, "");
	refusal[1] = -ENOMEM;
	assert_int_equal(live_tasks_see(&seen, &t, &e), 0);
	live_tasks_sort(&seen);
	assert_int_equal(
		crossview_tasks(&hidden, &seen, all, &config, &e), -ENOMEM);
	assert_int_equal(hidden.n, 0);
	live_tasks_done(&seen);
	refusal[1] = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_chance),
		cmocka_unit_test(test_nothing_missing),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
