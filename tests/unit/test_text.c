// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "evidence/text.h"
#include "unit/unit.h"

/* The 52 digits of the bytes 0 to 31; that the checksum is right too is shown
 * by age itself, in tests/scenario. */
static const char known[] =
	"age1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0s";

static void fill(uint8_t key[TEXT_KEY_BYTES])
{
	for (int i = 0; i < TEXT_KEY_BYTES; i++)
		key[i] = (uint8_t)i;
}

static void bech32_round_trip(void **state)
{
	uint8_t key[TEXT_KEY_BYTES], back[TEXT_KEY_BYTES];
	char text[TEXT_KEY_CHARS];

	(void)state;
	fill(key);
	text_bech32_encode(text, "age", key);
	assert_memory_equal(text, known, sizeof(known) - 1);
	assert_int_equal(text_bech32_decode(back, "age", text), 0);
	assert_memory_equal(key, back, sizeof(key));
	memcpy(text + strlen(text), "\r\n", 3);
	assert_int_equal(text_bech32_decode(back, "age", text), 0);
}

/* Every single changed character must be seen. */
static void bech32_sees_each_change(void **state)
{
	uint8_t key[TEXT_KEY_BYTES], back[TEXT_KEY_BYTES];
	char text[TEXT_KEY_CHARS], bad[TEXT_KEY_CHARS];
	size_t len;

	(void)state;
	fill(key);
	text_bech32_encode(text, "age", key);
	len = strlen(text);
	for (size_t i = 0; i < len; i++)
		for (int c = 1; c < 128; c++) {
			if (c == text[i] || c == '\n' || c == '\r')
				continue;
			memcpy(bad, text, len + 1);
			bad[i] = (char)c;
			assert_int_equal(
				text_bech32_decode(back, "age", bad), -EBADMSG);
		}
	for (size_t i = 0; i < len; i++) {
		memcpy(bad, text, i);
		bad[i] = 0;
		assert_int_equal(text_bech32_decode(back, "age", bad), -EBADMSG);
	}
}

static void bech32_keeps_to_its_case(void **state)
{
	uint8_t key[TEXT_KEY_BYTES], back[TEXT_KEY_BYTES];
	char text[TEXT_KEY_CHARS];

	(void)state;
	fill(key);
	text_bech32_encode(text, "AGE-SECRET-KEY-", key);
	assert_int_equal(
		text_bech32_decode(back, "AGE-SECRET-KEY-", text), -EBADMSG);
	for (char *p = text; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	assert_int_equal(text_bech32_decode(back, "AGE-SECRET-KEY-", text), 0);
	assert_memory_equal(key, back, sizeof(key));
	assert_int_equal(text_bech32_decode(back, "age", text), -EBADMSG);
}

static void b64_is_canonical(void **state)
{
	static const char *const bad[] = { "A", "AB", "AAB", "QQ==", "QQ\n",
		"Q Q", "AAAAA", "A-_A", "QUJD=" };
	uint8_t out[16];
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_b64_decode(out, sizeof(out), bad[i],
					 strlen(bad[i])),
			-EBADMSG);
	assert_int_equal(text_b64_decode(out, sizeof(out), "", 0), 0);
	assert_int_equal(text_b64_decode(out, sizeof(out), "QQ", 2), 1);
	assert_int_equal(out[0], 'A');
	assert_int_equal(text_b64_decode(out, 2, "QUJD", 4), -EBADMSG);
	for (size_t n = 0; n < sizeof(out); n++) {
		uint8_t in[16], back[16];
		size_t len;

		for (size_t i = 0; i < n; i++)
			in[i] = (uint8_t)(i * 37 + 200);
		len = text_b64_encode(text, in, n);
		assert_int_equal(len, (n * 4 + 2) / 3);
		assert_int_equal(
			text_b64_decode(back, sizeof(back), text, len), n);
		assert_memory_equal(in, back, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bech32_round_trip),
		cmocka_unit_test(bech32_sees_each_change),
		cmocka_unit_test(bech32_keeps_to_its_case),
		cmocka_unit_test(b64_is_canonical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
