// SPDX-License-Identifier: Apache-2.0
/* Tokens and base64 that are malformed; good ones are in test_identity.c. */
#include <errno.h>

#include "base/buf.h"
#include "lab/b64.h"
#include "lab/jwt.h"
#include "unit/unit.h"

enum { NOW = 1800000000 };

static void tokens(void **state)
{
	static const char *const bad[] = { "", ".", "..", "...", "a.b",
		"e30.e30.", "eyJhbGciOiJSUzI1NiJ9.bm8.", "W10.e30.e30",
		"e30=.e30.e30", "e+0.e30.e30", "e30.e30.e30.e30" };
	static char large[JWT_MAX_BYTES + 2];
	json_t *j = NULL;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		memset(&e, 0, sizeof(e));
		assert_int_equal(
			jwt_open(&j, bad[i], strlen(bad[i]), NULL, NOW, &e),
			-EBADMSG);
		assert_true(e.msg[0]);
	}
	memset(large, 'a', sizeof(large));
	assert_err(jwt_open(&j, large, JWT_MAX_BYTES + 1, NULL, NOW, &e),
		-EBADMSG, &e, "token of 65537 bytes");
	assert_null(j);
}

static void expect_b64(
	int (*decode)(struct buf *, const char *, size_t, struct err *),
	const char *text, const char *want)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };
	int r;

	buf_init(&b, 64);
	r = decode(&b, text, strlen(text), &e);
	if (!want) {
		assert_err(r, -EBADMSG, &e, "base64");
		return;
	}
	assert_ok(r, &e);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
}

static void base64(void **state)
{
	(void)state;
	expect_b64(b64_lines, "aWNl", "ice");
	expect_b64(b64_lines, "aW\nNl\r\nY28=\n", "iceco");
	expect_b64(b64_lines, "aWNlYw==", "icec");
	expect_b64(b64_lines, "aWNlYw", "icec");
	expect_b64(b64_lines, "aWNlYw=", NULL);
	expect_b64(b64_lines, "aWNlY===", NULL);
	expect_b64(b64_lines, "aWNl====", NULL);
	expect_b64(b64_lines, "aW Nl", NULL);
	expect_b64(b64_url, "-_-_", "\xfb\xff\xbf");
	expect_b64(b64_url, "aWNlYw", "icec");
	expect_b64(b64_url, "aWNlYw==", NULL);
	expect_b64(b64_url, "+/+/", NULL);
	expect_b64(b64_url, "aWNlYx", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
