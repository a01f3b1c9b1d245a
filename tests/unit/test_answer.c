// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/http.h"
#include "cloud/answer.h"
#include "cloud/versions.h"
#include "unit/unit.h"

static int judge(int status, const char *headers, const char *body, struct err *e)
{
	struct http_answer a;
	int r;

	http_answer_init(&a, ANSWER_BYTES);
	a.status = status;
	assert_int_equal(
		buf_append(&a.headers, headers, strlen(headers), NULL), 0);
	assert_int_equal(buf_append(&a.body, body, strlen(body), NULL), 0);
	r = answer_result(&a, e);
	http_answer_done(&a);
	return r;
}

static void judges_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		int result;
	} cases[] = {
		{ 200, "", 0 },
		{ 204, "", 0 },
		{ 201, "<Error><Code>InternalError</Code></Error>", 0 },
		{ 403, "<Error><Code>AccessDenied</Code></Error>", -EACCES },
		{ 403,
			"<Error><Code>AccessDenied</Code><Message>Request has "
			"expired</Message></Error>",
			-EKEYEXPIRED },
		{ 403,
			"<Error><Code>AccessDenied</Code><Message>Invalid "
			"according to Policy: Policy expired.</Message>",
			-EKEYEXPIRED },
		{ 400, "<Code>ExpiredToken</Code>", -EKEYEXPIRED },
		{ 403,
			"<Code>AuthenticationFailed</Code><Message>Signature "
			"not valid in the specified time frame</Message>",
			-EKEYEXPIRED },
		{ 403, "<Code>RequestTimeTooSkewed</Code>", -ETIME },
		{ 400, "<Code>RequestTimeout</Code>", -EAGAIN },
		{ 400, "<Code>BadDigest</Code>", -EAGAIN },
		{ 409, "<Code>BlobAlreadyExists</Code>", -EEXIST },
		{ 409, "<Code>OperationAborted</Code>", -EAGAIN },
		{ 403, "<Code>UnauthorizedBlobOverwrite</Code>", -EEXIST },
		{ 412, "", -EEXIST },
		{ 401, "", -EACCES },
		{ 404, "", -ENOENT },
		{ 408, "", -EAGAIN },
		{ 429, "", -EAGAIN },
		{ 500, "", -EAGAIN },
		{ 503, "<Code>SlowDown</Code>", -EAGAIN },
		{ 507, "", -EAGAIN },
		{ 501, "<Code>NotImplemented</Code>", -EOPNOTSUPP },
		{ 400, "<Code>MalformedPOSTRequest</Code>", -EPROTO },
		{ 405, "", -EPROTO },
		{ 301, "", -EXDEV },
		{ 100, "", -EPROTO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(judge(cases[i].status, "", cases[i].body, &e),
			cases[i].result);
		print_message(
			"%d %s: %s\n", cases[i].status, cases[i].body, e.msg);
	}
}

static void says_where_a_bucket_is(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		judge(301, "x-amz-bucket-region: eu-west-1\r\n", "", &e), -EXDEV);
	assert_non_null(strstr(e.msg, "in region eu-west-1"));
	assert_int_equal(judge(307, "Location: https://evil.example/\r\n",
				 "<Region>us-west-2</Region>", &e),
		-EXDEV);
	assert_non_null(strstr(e.msg, "in region us-west-2"));
	assert_null(strstr(e.msg, "evil"));
	assert_int_equal(
		judge(409, "x-ms-error-code: BlobAlreadyExists\r\n", "", &e),
		-EEXIST);
}

/* Hostile XML: bounded, and nothing that a terminal obeys. */
static void reads_any_xml(void **state)
{
	static char big[ANSWER_BYTES + 100];
	struct answer_error x;

	(void)state;
	memset(big, 'A', sizeof(big) - 1);
	memcpy(big, "<Code>", 6);
	answer_parse_error(&x, big, sizeof(big) - 1);
	assert_int_equal(strlen(x.code), ANSWER_CODE_CHARS - 1);
	answer_parse_error(&x, "<Code>\x1b[2J\xff\n</Code>", 20);
	assert_string_equal(x.code, " [2J  ");
	answer_parse_error(&x, "<Code>", 6);
	assert_string_equal(x.code, "");
	answer_parse_error(&x, "<Code", 5);
	assert_string_equal(x.code, "");
	answer_parse_error(&x, NULL, 0);
	assert_string_equal(x.message, "");
	memset(big, 'A', sizeof(big) - 1);
	memcpy(big + ANSWER_BYTES + 10, "<Code>x</Code>", 14);
	answer_parse_error(&x, big, sizeof(big) - 1);
	assert_string_equal(x.code, "");
}

static void waits_not_too_long(void **state)
{
	static const struct {
		const char *headers;
		unsigned seconds;
	} cases[] = {
		{ "", 0 },
		{ "Retry-After: 7\r\n", 7 },
		{ "retry-after: 99999999\r\n", 3600 },
		{ "Retry-After: -1\r\n", 0 },
		{ "Retry-After: Sat, 31 Jan 2026 23:59:59 GMT\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_answer a;

		http_answer_init(&a, 0);
		assert_int_equal(buf_append(&a.headers, cases[i].headers,
					 strlen(cases[i].headers), NULL),
			0);
		assert_int_equal(answer_retry_after(&a), cases[i].seconds);
		http_answer_done(&a);
	}
}

static void lists_versions(void **state)
{
	static struct versions v;
	static char many[256 << 10];
	size_t n = 0;
	static const char text[] =
		"<Version><Key>a/b</Key><VersionId>two</VersionId></Version>"
		"<Version><Key>a/bc</Key><VersionId>x</VersionId></Version>"
		"<DeleteMarker><Key>a/b</Key><VersionId>m</VersionId>"
		"</DeleteMarker><Version><VersionId>one</VersionId>"
		"<Key>a/b</Key></Version><Version><Key>a/b</Key>";

	(void)state;
	versions_parse(&v, "a/b", text, strlen(text));
	assert_int_equal(v.n, 2);
	assert_string_equal(v.ids[0], "one");
	assert_string_equal(v.ids[1], "two");
	versions_parse(&v, "a/b", NULL, 0);
	assert_int_equal(v.n, 0);
	for (int i = 0; i < VERSIONS_MAX + 5; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n,
			"<Version><Key>k</Key><VersionId>v%d</VersionId>"
			"</Version>",
			i);
	versions_parse(&v, "k", many, n);
	assert_int_equal(v.n, VERSIONS_MAX);
	assert_int_equal(v.more, 5);
	assert_string_equal(v.ids[0], "v68");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_answers),
		cmocka_unit_test(says_where_a_bucket_is),
		cmocka_unit_test(reads_any_xml),
		cmocka_unit_test(waits_not_too_long),
		cmocka_unit_test(lists_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
