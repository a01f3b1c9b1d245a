// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "base/io.h"
#include "base/num.h"
#include "cloud/ticket.h"
#include "cloud/time.h"
#include "unit/unit.h"

#define SECRET "s3cr3t/That+nobody=sees"

static struct ticket *parse(const char *text)
{
	struct ticket *t = NULL;
	struct err e = { 0 };

	assert_ok(ticket_parse(&t, text, strlen(text), &e), &e);
	assert_non_null(t);
	return t;
}

static void takes_keys(void **state)
{
	static const char *const texts[] = {
		"{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"" SECRET "\"}",
		"{\"Credentials\": {\"AccessKeyId\": \"AK\", "
		"\"SecretAccessKey\": \"" SECRET "\", \"SessionToken\": \"tok\", "
		"\"Expiration\": \"2026-01-31T23:59:59+00:00\"}}\n",
		"{\"Code\": \"Success\", \"AccessKeyId\": \"AK\", "
		"\"SecretAccessKey\": \"" SECRET "\", \"Token\": \"tok\", "
		"\"Expiration\": \"2026-01-31T23:59:59Z\"}",
		"{\"metadata\": {\"accessId\": \"AK\"}, \"secret\": \"" SECRET
		"\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct ticket *t = parse(texts[i]);
		bool token = i == 1 || i == 2;

		assert_int_equal(t->kind, TICKET_KEYS);
		assert_string_equal(t->access_key, "AK");
		assert_string_equal(t->secret_key, SECRET);
		assert_string_equal(t->token, token ? "tok" : "");
		assert_int_equal(t->expires, token ? 1769903999 : 0);
		ticket_free(t);
	}
}

static void takes_a_policy(void **state)
{
	/* {"expiration": "2026-01-31T23:59:59Z", "conditions": []} */
	struct ticket *t = parse(
		"{\"url\": \"https://b.s3.amazonaws.com/\", \"fields\": {"
		"\"policy\": \"eyJleHBpcmF0aW9uIjogIjIwMjYtMDEtMzFUMjM6NTk6NTla"
		"IiwgImNvbmRpdGlvbnMiOiBbXX0=\", \"x-amz-signature\": \"00\"}}");

	(void)state;
	assert_int_equal(t->kind, TICKET_POST);
	assert_int_equal(t->pairs_n, 2);
	assert_string_equal(t->url, "https://b.s3.amazonaws.com/");
	assert_string_equal(ticket_find(t, "x-amz-signature"), "00");
	assert_null(ticket_find(t, "key"));
	assert_string_equal(t->policy,
		"{\"expiration\": \"2026-01-31T23:59:59Z\", \"conditions\": []}");
	assert_int_equal(t->expires, 1769903999);
	ticket_free(t);
}

static void takes_presigned_urls(void **state)
{
	struct ticket *t = parse(
		"{\"presigned\": {\"segment-000000.age\": "
		"\"https://b/s?X-Amz-Date=20260131T225959Z&X-Amz-Expires=3600\", "
		"\"manifest-000000.pb\": "
		"\"https://b/m?X-Amz-Date=20260131T225959Z&X-Amz-Expires=7200\"}}");

	(void)state;
	assert_int_equal(t->kind, TICKET_PRESIGNED);
	assert_int_equal(t->pairs_n, 2);
	assert_non_null(ticket_find(t, "manifest-000000.pb"));
	assert_int_equal(t->expires, 1769903999);
	ticket_free(t);
}

static void takes_tokens(void **state)
{
	static const char *const sas[] = {
		"sv=2021-12-02&se=2026-01-31T23%3A59%3A59Z&sr=c&sp=c&sig=" SECRET,
		"?se=2026-01-31T23%3A59%3A59Z&sv=2021-12-02&sig=" SECRET "\n",
		"\"sv=2021-12-02&se=2026-01-31T23%3A59%3A59Z&sig=" SECRET "\"",
		"{\"sas\": \"sv=1&se=2026-01-31T23%3A59%3A59Z&sig=" SECRET "\"}",
	};
	struct ticket *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sas); i++) {
		t = parse(sas[i]);
		assert_int_equal(t->kind, TICKET_SAS);
		assert_int_equal(t->expires, 1769903999);
		assert_true(t->token[0] == 's');
		ticket_free(t);
	}
	t = parse("{\"access_token\": \"" SECRET
		  "\", \"expires_on\": \"1769903999\"}");
	assert_int_equal(t->kind, TICKET_BEARER);
	assert_int_equal(t->expires, 1769903999);
	assert_string_equal(t->token, SECRET);
	ticket_free(t);
	t = parse("{\"accessToken\": \"" SECRET "\", \"expires_on\": 7}");
	assert_int_equal(t->expires, 7);
	ticket_free(t);
	t = parse("{\"bearer\": \"" SECRET "\"}");
	assert_string_equal(ticket_kind_name(t->kind), "bearer token");
	ticket_free(t);
}

/* What is wrong is said, and nothing of what it was wrong with. */
static void refuses_without_repeating(void **state)
{
	static const char *const bad[] = {
		"",
		"   \n",
		SECRET,
		"{",
		"[\"" SECRET "\"]",
		"{\"secret\": \"" SECRET "\"}",
		"{\"AccessKeyId\": \"A\", \"AccessKeyId\": \"" SECRET "\"}",
		"{\"AccessKeyId\": \"A B\", \"SecretAccessKey\": \"" SECRET "\"}",
		"{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"" SECRET
		"\\r\\nHost: x\"}",
		"{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"" SECRET
		"\", \"Expiration\": \"soon " SECRET "\"}",
		"{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"\"}",
		"{\"url\": \"https://b/\", \"fields\": {}}",
		"{\"url\": \"https://b/\", \"fields\": {\"k\": \"" SECRET "\"}}",
		"{\"url\": \"https://b/\", \"fields\": {\"policy\": \"" SECRET
		"=\"}}",
		"{\"url\": \"https://b/\", \"fields\": {\"policy\": 7}}",
		"{\"url\": \"https://b/\", \"fields\": {\"policy\": \"AAAA\"}}",
		"{\"presigned\": {}}",
		"{\"presigned\": {\"a\": \"https://b/" SECRET "\"}}",
		"{\"bearer\": \"" SECRET "\\u0000\"}",
		"{\"bearer\": \"" SECRET "\\u00e9\"}",
		"sv=1&se=" SECRET "&sig=1",
		"se=2026-01-31&sv=1",
		"\"" SECRET "\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct ticket *t = NULL;
		struct err e = { 0 };

		assert_int_equal(
			ticket_parse(&t, bad[i], strlen(bad[i]), &e), -EBADMSG);
		print_message("%s\n", e.msg);
		assert_null(t);
		assert_non_null(strstr(e.msg, "ticket"));
		assert_null(strstr(e.msg, "s3cr3t"));
	}
}

static void bounds_sizes(void **state)
{
	size_t n = TICKET_BYTES + 1;
	AUTO_FREE char *text = malloc(n + 1);
	struct ticket *t = NULL;
	struct err e = { 0 };

	(void)state;
	assert_non_null(text);
	memset(text, 'x', n);
	text[n] = 0;
	assert_err(ticket_parse(&t, text, n, &e), -EBADMSG, &e, "4 MiB");
	(void)snprintf(
		text, n, "{\"bearer\": \"%0*d\"}", TICKET_TOKEN_CHARS + 1, 7);
	assert_err(ticket_parse(&t, text, strlen(text), &e), -EBADMSG, &e,
		"longer than");
}

/* How often the text is in the writable memory of this process. */
static unsigned in_memory(const char *text, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	AUTO_CLOSE int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512];
	unsigned n = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t from, to;
		AUTO_FREE uint8_t *copy = NULL;
		int k = num_hex(&from, line);
		const uint8_t *p;

		assert_true(k > 0 && num_hex(&to, line + k + 1) > 0);
		if (!strstr(line, " rw-p ") || to - from > 64 << 20)
			continue;
		copy = malloc(to - from);
		assert_non_null(copy);
		if (pread(mem, copy, to - from, (off_t)from) !=
			(ssize_t)(to - from))
			continue;
		for (p = copy; (p = memmem(p, (size_t)(copy + (to - from) - p),
					text, len));
			p++)
			n++;
		explicit_bzero(copy, to - from);
	}
	(void)fclose(maps);
	return n;
}

static void leaves_nothing_behind(void **state)
{
	static const char format[] = "{\"AccessKeyId\": \"AK\", "
				     "\"SecretAccessKey\": \"%s\"}";
	char secret[33], text[128];
	struct ticket *t = NULL;
	struct err e = { 0 };
	unsigned here, used, after;

	(void)state;
	for (size_t i = 0; i < 32; i++)
		secret[i] = (char)('a' + random() % 26);
	secret[32] = 0;
	(void)snprintf(text, sizeof(text), format, secret);
	here = in_memory(secret, 32);
	assert_ok(ticket_parse(&t, text, strlen(text), &e), &e);
	used = in_memory(secret, 32);
	ticket_free(t);
	after = in_memory(secret, 32);
	print_message("copies: %u ours, %u with the ticket, %u after\n", here,
		used, after);
	assert_int_equal(used, here + 1);
	assert_int_equal(after, here);
}

static void reads_times(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} good[] = {
		{ "2026-01-31T23:59:59Z", 1769903999 },
		{ "2026-01-31T23:59:59.123456Z", 1769903999 },
		{ "2026-02-01T00:59:59+01:00", 1769903999 },
		{ "2026-01-31 20:59:59-0300", 1769903999 },
		{ "20260131T235959Z", 1769903999 },
		{ "2026-01-31T23:59Z", 1769903940 },
		{ "2026-01-31", 1769817600 },
	};
	static const char *const bad_http[] = { "",
		"Mon, 19 Sep 2016 18:29:47 UTC", "Mon, 19 Sep 2016 18:29:47 GMT ",
		"Mon, 19 Sop 2016 18:29:47 GMT", "Mon, 00 Sep 2016 18:29:47 GMT",
		"Mon, 19 Sep 2016 24:29:47 GMT", "Mon, 19 Sep 2016 18-29-47 GMT",
		"Mon, xx Sep 2016 18:29:47 GMT" };
	static const char *const bad[] = { "", "now", "2026", "2026-13-01",
		"2026-01-00", "2026-01-31T24:00Z", "2026-01-31T23:59:59X",
		"2026-01-31T23:59:59+1", "2026-01-31T2", "26-01-31" };
	int64_t t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(time_parse(&t, good[i].text), 0);
		assert_int_equal(t, good[i].t);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(time_parse(&t, bad[i]), -EBADMSG);
	assert_int_equal(time_parse_http(&t, "Mon, 19 Sep 2016 18:29:47 GMT"), 0);
	assert_int_equal(t, 1474309787);
	for (size_t i = 0; i < ARRAY_LEN(bad_http); i++)
		assert_int_equal(time_parse_http(&t, bad_http[i]), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_keys),
		cmocka_unit_test(takes_a_policy),
		cmocka_unit_test(takes_presigned_urls),
		cmocka_unit_test(takes_tokens),
		cmocka_unit_test(refuses_without_repeating),
		cmocka_unit_test(bounds_sizes),
		cmocka_unit_test(leaves_nothing_behind),
		cmocka_unit_test(reads_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
