// SPDX-License-Identifier: Apache-2.0
/* Statements that are broken into lines. */
#include "base/buf.h"
#include "lab/wrap.h"
#include "unit/unit.h"

#define WORD "0123456789012345678901234567890123456789" /* 40 */

static void check(const char *in, const char *want)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct err e = { 0 };

	buf_init(&text, 4096);
	buf_init(&out, 4096);
	assert_ok(buf_append(&text, in, strlen(in), &e), &e);
	assert_ok(wrap_statements(&out, &text, &e), &e);
	assert_string_equal(buf_string(&out, &e), want);
}

static void test_wrap(void **state)
{
	(void)state;
	check("", "");
	check("  1. short\n\n", "  1. short\n\n");
	/* 79 bytes fit, 80 do not. */
	check("  1. " WORD " 678901234567890123456789012345678",
		"  1. " WORD " 678901234567890123456789012345678");
	check("  1. " WORD " 6789012345678901234567890123456789\nB",
		"  1. " WORD "\n     6789012345678901234567890123456789\nB");
	/* What has no blank stays whole. */
	check(" 12. " WORD WORD WORD " end\n",
		" 12. " WORD WORD WORD "\n     end\n");
	check(" 12. a " WORD WORD WORD, " 12. a\n     " WORD WORD WORD);
	/* Of other lines nothing is broken. */
	check("     $ " WORD " " WORD " " WORD "\n",
		"     $ " WORD " " WORD " " WORD "\n");
	check(WORD " " WORD " x", WORD " " WORD " x");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_wrap) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
