// SPDX-License-Identifier: Apache-2.0
/*
 * The published examples: "Signature calculations for the Authorization header"
 * of the Amazon S3 API reference, and the test suite of Signature Version 4.
 */
#include <errno.h>

#include "cloud/sigv4.h"
#include "unit/unit.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define WELCOME                                                                \
	"44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"

static const struct sigv4_key s3 = {
	.access = "AKIAIOSFODNN7EXAMPLE",
	.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "s3",
	.time = "20130524T000000Z",
};

static const struct sigv4_key suite = {
	.access = "AKIDEXAMPLE",
	.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
	.service = "service",
	.time = "20150830T123600Z",
};

struct example {
	const char *name;
	const struct sigv4_key *key;
	struct sigv4_request rq;
	const char *signature;
	const char *signed_headers;
};

static const struct example examples[] = {
	{ "GET object", &s3,
		{ "GET", "/test.txt", "",
			{ { "host", "examplebucket.s3.amazonaws.com" },
				{ "range", "bytes=0-9" },
				{ "x-amz-content-sha256", EMPTY },
				{ "x-amz-date", "20130524T000000Z" } },
			4, EMPTY },
		"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		"host;range;x-amz-content-sha256;x-amz-date" },
	/* Given in another order than they are signed in. */
	{ "PUT object", &s3,
		{ "PUT", "/test%24file.text", "",
			{ { "x-amz-storage-class", "REDUCED_REDUNDANCY" },
				{ "x-amz-date", "20130524T000000Z" },
				{ "host", "examplebucket.s3.amazonaws.com" },
				{ "date", "Fri, 24 May 2013 00:00:00 GMT" },
				{ "x-amz-content-sha256", WELCOME } },
			5, WELCOME },
		"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class" },
	{ "GET bucket lifecycle", &s3,
		{ "GET", "/", "lifecycle=",
			{ { "host", "examplebucket.s3.amazonaws.com" },
				{ "x-amz-content-sha256", EMPTY },
				{ "x-amz-date", "20130524T000000Z" } },
			3, EMPTY },
		"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		"host;x-amz-content-sha256;x-amz-date" },
	{ "GET bucket (list objects)", &s3,
		{ "GET", "/", "max-keys=2&prefix=J",
			{ { "host", "examplebucket.s3.amazonaws.com" },
				{ "x-amz-content-sha256", EMPTY },
				{ "x-amz-date", "20130524T000000Z" } },
			3, EMPTY },
		"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		"host;x-amz-content-sha256;x-amz-date" },
	{ "suite: get-vanilla", &suite,
		{ "GET", "/", "",
			{ { "host", "example.amazonaws.com" },
				{ "x-amz-date", "20150830T123600Z" } },
			2, EMPTY },
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
		"host;x-amz-date" },
	{ "suite: get-vanilla-query-order-key-case", &suite,
		{ "GET", "/", "Param1=value1&Param2=value2",
			{ { "host", "example.amazonaws.com" },
				{ "x-amz-date", "20150830T123600Z" } },
			2, EMPTY },
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
		"host;x-amz-date" },
	{ "suite: post-vanilla", &suite,
		{ "POST", "/", "",
			{ { "host", "example.amazonaws.com" },
				{ "x-amz-date", "20150830T123600Z" } },
			2, EMPTY },
		"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
		"host;x-amz-date" },
};

static void signs_as_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		const struct example *x = &examples[i];
		char got[SIGV4_AUTHORIZATION_CHARS], want[1024];
		struct err e = { 0 };

		assert_ok(sigv4_sign(got, &sigv4_aws, &x->rq, x->key, &e), &e);
		(void)snprintf(want, sizeof(want),
			"AWS4-HMAC-SHA256 Credential=%s/%.8s/us-east-1/%s/"
			"aws4_request,SignedHeaders=%s,Signature=%s",
			x->key->access, x->key->time, x->key->service,
			x->signed_headers, x->signature);
		print_message("%s: %s\n", x->name, x->signature);
		assert_string_equal(got, want);
	}
}

/* No example is published for Google's: the same construction, other words. */
static void signs_for_google(void **state)
{
	struct sigv4_key key = s3;
	char got[SIGV4_AUTHORIZATION_CHARS];
	struct err e = { 0 };

	(void)state;
	key.region = "auto";
	key.service = "storage";
	assert_ok(sigv4_sign(got, &sigv4_google, &examples[0].rq, &key, &e), &e);
	assert_non_null(strstr(got,
		"GOOG4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
		"auto/storage/goog4_request,SignedHeaders=host;range;"));
	assert_null(strstr(got, examples[0].signature));
}

static void refuses_what_does_not_fit(void **state)
{
	char got[SIGV4_AUTHORIZATION_CHARS], long_text[2000];
	struct sigv4_key key = s3;
	struct err e = { 0 };

	(void)state;
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	key.region = long_text;
	assert_err(sigv4_sign(got, &sigv4_aws, &examples[0].rq, &key, &e),
		-EINVAL, &e, "too long");
	key = s3;
	key.secret = long_text;
	assert_err(sigv4_sign(got, &sigv4_aws, &examples[0].rq, &key, &e),
		-EINVAL, &e, "too long");
	key = s3;
	key.access = long_text;
	assert_err(sigv4_sign(got, &sigv4_aws, &examples[0].rq, &key, &e),
		-EINVAL, &e, "too long");
	assert_null(strstr(e.msg, "aaa"));
}

static void writes_times(void **state)
{
	char text[SIGV4_TIME_CHARS];

	(void)state;
	sigv4_time(text, 1369353600);
	assert_string_equal(text, "20130524T000000Z");
	sigv4_time(text, 0);
	assert_string_equal(text, "19700101T000000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_published),
		cmocka_unit_test(signs_for_google),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(writes_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
