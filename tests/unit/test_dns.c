// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "recorder/dns.h"
#include "unit/unit.h"

#define HEADER "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define ASK(ret, text)                                                         \
	dns_question(ret, (const uint8_t *)(text), sizeof(text) - 1)

static void names(void **state)
{
	struct dns_question q;

	(void)state;
	assert_int_equal(ASK(&q, HEADER "\x07"
					"example\x03org\x00\x00\x1c\x00\x01"),
		0);
	assert_string_equal(q.name, "example.org");
	assert_int_equal(q.type, 28);
	assert_int_equal(ASK(&q, HEADER "\x00\x00\x02\x00\x01"), 0);
	assert_string_equal(q.name, ".");
	assert_int_equal(ASK(&q, HEADER "\x06"
					"a.b\\ \xff\x00\x00\x10\x00\x01"),
		0);
	assert_string_equal(q.name, "a\\046b\\092\\032\\255");
}

/* The longest name there is, each byte written as four. */
static void longest(void **state)
{
	uint8_t m[512] = HEADER;
	struct dns_question q;
	size_t at = 12;

	(void)state;
	memset(m + 12, 0xff, sizeof(m) - 12);
	for (int i = 0; i < 3; i++, at += 64)
		m[at] = 63;
	m[at] = 61;
	m[at + 62] = 0;
	assert_int_equal(dns_question(&q, m, sizeof(m)), 0);
	assert_int_equal(strlen(q.name), (3 * 63 + 61) * 4 + 3);
	m[at] = 63;
	m[at + 64] = 0;
	assert_int_equal(dns_question(&q, m, sizeof(m)), -EBADMSG);
}

static void lies(void **state)
{
	static const char whole[] = HEADER "\x03"
					   "abc\x00\x00\x01\x00\x01";
	struct dns_question q = { "kept", 7 };

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_int_equal(
			dns_question(&q, (const uint8_t *)whole, n), -EBADMSG);
	/* A pointer, an answer, no question. */
	assert_int_equal(ASK(&q, HEADER "\xc0\x0c\x00\x01\x00\x01"), -EBADMSG);
	assert_int_equal(ASK(&q, "\x12\x34\x81\x00\x00\x01\0\0\0\0\0\0\x00\x00"
				 "\x01\x00\x01"),
		-EBADMSG);
	assert_int_equal(ASK(&q, "\x12\x34\x01\x00\x00\x00\0\0\0\0\0\0\x00\x00"
				 "\x01\x00\x01"),
		-EBADMSG);
	assert_string_equal(q.name, "kept");
	assert_int_equal(q.type, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(longest),
		cmocka_unit_test(lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
