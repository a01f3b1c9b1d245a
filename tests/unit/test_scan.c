// SPDX-License-Identifier: Apache-2.0
/* Rules over bytes: what matches and where, what is no rule, and what does not
 * end in time. */
#include <errno.h>
#include <string.h>

#include "lab/scan.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { SLOW_BYTES = 8 << 20 };

static char top[SCRATCH_CHARS], path[SCRATCH_CHARS];

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	scratch_path(path, top, "rules");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static int compile(struct scan **ret, const char *rules, struct err *e)
{
	const char *files[] = { path };

	scratch_write(top, "rules", rules, strlen(rules));
	return scan_new(ret, files, 1, 1, e);
}

struct seen {
	int n;
	int result; /* to give back */
	uint64_t offset;
	char rule[32];
	char tags[32];
};

static int see(void *arg, const struct scan_match *m, struct err *e)
{
	struct seen *s = arg;

	s->n++;
	s->offset = m->strings_n ? m->offsets[0] : UINT64_MAX;
	(void)snprintf(s->rule, sizeof(s->rule), "%s", m->rule);
	(void)snprintf(s->tags, sizeof(s->tags), "%s", m->tags);
	return s->result < 0 ? err_set(e, s->result, "enough") : 0;
}

static void matches(void **state)
{
	static const char text[] = "some words, evil ones too";
	struct scan *s = NULL;
	struct seen seen = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(compile(&s,
			  "rule evil : a b { strings: $x = \"evil\" condition: $x }"
			  "rule good { strings: $x = \"good\" condition: $x }",
			  &e),
		&e);
	assert_ok(scan_bytes(s, text, sizeof(text), see, &seen, &e), &e);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.rule, "evil");
	assert_string_equal(seen.tags, "a b");
	assert_int_equal(seen.offset, 12);
	seen.result = -EPIPE;
	assert_err(scan_bytes(s, text, sizeof(text), see, &seen, &e), -EPIPE,
		&e, "enough");
	scan_free(s);
}

static void no_rules(void **state)
{
	const char *files[] = { "/nowhere/rules" };
	struct scan *s = NULL;
	struct err e = { 0 };

	(void)state;
	assert_err(compile(&s, "rule {", &e), -EINVAL, &e, "rules:1: ");
	assert_err(scan_new(&s, files, 1, 1, &e), -ENOENT, &e, "/nowhere/rules");
	assert_null(s);
}

/* A loop that takes far longer than a second. */
static void too_long(void **state)
{
	static uint8_t bytes[SLOW_BYTES];
	struct scan *s = NULL;
	struct seen seen = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(compile(&s,
			  "rule slow { condition: for all i in (0..filesize) : "
			  "( for all k in (0..filesize) : ( uint8(k) == 0 ) ) }",
			  &e),
		&e);
	assert_err(scan_bytes(s, bytes, sizeof(bytes), see, &seen, &e),
		-ETIMEDOUT, &e, "too long");
	scan_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(matches),
		TEST(no_rules),
		TEST(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
