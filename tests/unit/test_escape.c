// SPDX-License-Identifier: Apache-2.0
/* Text of a hostile host. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lab/escape.h"
#include "unit/unit.h"

static const struct {
	const char *text;
	const char *escaped;
} texts[] = {
	{ "", "" },
	{ "/usr/bin/a b", "/usr/bin/a b" },
	{ "a\nb\t\x1b[31m\x7f", "a\\x0ab\\x09\\x1b[31m\\x7f" },
	{ "\\x41", "\\x5cx41" },
	{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7",
		"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7" },
	/* C1, the direction of writing, no width, a tag. */
	{ "\xc2\x9b", "\\xc2\\x9b" },
	{ "\xe2\x80\xae"
	  "a",
		"\\xe2\\x80\\xaea" },
	{ "\xe2\x80\x8b", "\\xe2\\x80\\x8b" },
	{ "\xf3\xa0\x80\xa0", "\\xf3\\xa0\\x80\\xa0" },
	/* Not UTF-8: overlong, a surrogate, past the last, cut off, alone. */
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\xe2\x82", "\\xe2\\x82" },
	{ "\x80"
	  "a",
		"\\x80a" },
	{ "\xff", "\\xff" },
	{ "\xc3"
	  "a",
		"\\xc3a" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_BUF struct buf b = { 0 };
		struct err e = { 0 };

		buf_init(&b, 4096);
		assert_ok(escape(&b, (const uint8_t *)texts[i].text,
				  strlen(texts[i].text), &e),
			&e);
		assert_string_equal(buf_string(&b, &e), texts[i].escaped);
	}
}

static void test_nul(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 4096);
	assert_ok(escape(&b, (const uint8_t *)"a\0b", 3, &e), &e);
	assert_string_equal(buf_string(&b, &e), "a\\x00b");
}

static void test_no_room(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 3);
	assert_int_equal(escape(&b, (const uint8_t *)"\xff", 1, &e), -EFBIG);
	assert_int_equal(escape(&b, (const uint8_t *)"abcd", 4, &e), -EFBIG);
}

static void expect_printed(const char *text, const char *want, size_t len)
{
	FILE *f = tmpfile();
	char got[64];

	assert_non_null(f);
	escape_print(f, text);
	rewind(f);
	assert_int_equal(fread(got, 1, sizeof(got), f), len);
	if (want)
		assert_memory_equal(got, want, len);
	(void)fclose(f);
}

static void test_print(void **state)
{
	char *longest = calloc(1, (64 << 10) + 2);
	FILE *f = tmpfile();

	(void)state;
	expect_printed("a\x1b[2Jb", "a\\x1b[2Jb", 9);
	expect_printed("", "", 0);
	expect_printed(NULL, "?", 1);
	/* What has no room is told. */
	assert_non_null(longest);
	assert_non_null(f);
	memset(longest, 'a', (64 << 10) + 1);
	escape_print(f, longest);
	assert_int_equal(fseek(f, -3, SEEK_END), 0);
	assert_int_equal(fgetc(f), '.');
	(void)fclose(f);
	free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
