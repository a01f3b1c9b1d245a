// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "cloud/url.h"
#include "unit/unit.h"

struct good {
	const char *text;
	struct url_options options;
	const char *root, *host, *prefix;
};

static const struct good goods[] = {
	{ "s3://bucket/a/b/", { 0 }, "https://bucket.s3.us-east-1.amazonaws.com",
		"bucket.s3.us-east-1.amazonaws.com", "a/b" },
	{ "s3://bucket", { .region = "eu-central-1" },
		"https://bucket.s3.eu-central-1.amazonaws.com",
		"bucket.s3.eu-central-1.amazonaws.com", "" },
	{ "s3://bucket/x", { .region = "cn-north-1" },
		"https://bucket.s3.cn-north-1.amazonaws.com.cn",
		"bucket.s3.cn-north-1.amazonaws.com.cn", "x" },
	/* No certificate covers *.*.s3: the bucket goes into the path. */
	{ "s3://a.bucket/x", { 0 }, "https://s3.us-east-1.amazonaws.com/a.bucket",
		"s3.us-east-1.amazonaws.com", "x" },
	{ "s3://bucket/x", { .endpoint = "https://ceph.example:7443" },
		"https://ceph.example:7443/bucket", "ceph.example:7443", "x" },
	{ "s3://bucket/x",
		{ .endpoint = "https://ceph.example:443/", .virtual_style = true },
		"https://bucket.ceph.example", "bucket.ceph.example", "x" },
	{ "s3://bucket/x", { .endpoint = "http://127.0.0.1:80" },
		"http://127.0.0.1/bucket", "127.0.0.1", "x" },
	{ "s3://bucket/x", { .endpoint = "http://[::1]:7480" },
		"http://[::1]:7480/bucket", "[::1]:7480", "x" },
	{ "gs://bucket/x", { 0 }, "https://storage.googleapis.com/bucket",
		"storage.googleapis.com", "x" },
	{ "azure://account/container/x", { 0 },
		"https://account.blob.core.windows.net/container",
		"account.blob.core.windows.net", "x" },
	{ "azure://account/$root", { 0 },
		"https://account.blob.core.windows.net/$root",
		"account.blob.core.windows.net", "" },
	{ "azure://account/container/x",
		{ .endpoint = "http://localhost:10000/account/" },
		"http://localhost:10000/account/container", "localhost:10000",
		"x" },
	{ "azure://account/container",
		{ .endpoint = "https://account.blob.core.chinacloudapi.cn" },
		"https://account.blob.core.chinacloudapi.cn/container",
		"account.blob.core.chinacloudapi.cn", "" },
	{ "https://collector.example/in/box", { 0 },
		"https://collector.example", "collector.example", "in/box" },
	{ "https://[2001:db8::1]:8443", { 0 }, "https://[2001:db8::1]:8443",
		"[2001:db8::1]:8443", "" },
	{ "http://127.0.0.1:8080/x", { 0 }, "http://127.0.0.1:8080",
		"127.0.0.1:8080", "x" },
};

static void understands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goods); i++) {
		struct err e = { 0 };
		struct url u;

		print_message("%s\n", goods[i].text);
		assert_true(url_has_scheme(goods[i].text));
		assert_ok(url_parse(&u, goods[i].text, &goods[i].options, &e),
			&e);
		assert_string_equal(u.root, goods[i].root);
		assert_string_equal(u.host, goods[i].host);
		assert_string_equal(u.prefix, goods[i].prefix);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		struct url_options options;
		const char *says;
	} bad[] = {
		{ "s3://", { 0 }, "no bucket" },
		{ "s3://ab", { 0 }, "no bucket" },
		{ "s3:///x", { 0 }, "no bucket" },
		{ "s3://buc ket/x", { 0 }, "no bucket" },
		{ "s3://bucket/../x", { 0 }, "'.' or '..'" },
		{ "s3://bucket/a//x", { 0 }, "empty" },
		{ "s3://bucket/a?versionId=1", { 0 }, "a prefix is of" },
		{ "s3://bucket/a%2e", { 0 }, "a prefix is of" },
		{ "s3://bucket/\n", { 0 }, "a prefix is of" },
		{ "s3://bucket/x", { .region = "eu west" }, "no region" },
		{ "s3://bucket/x", { .region = "" }, "no region" },
		{ "s3://bucket/x", { .endpoint = "ceph:7480" }, "begins with" },
		{ "s3://bucket/x", { .endpoint = "http://ceph:7480" },
			"loopback only" },
		{ "s3://bucket/x", { .endpoint = "https://ceph/a" },
			"has no path" },
		{ "azure://ab/container", { 0 }, "no account" },
		{ "azure://account", { 0 }, "no container" },
		{ "azure://account/c", { 0 }, "no container" },
		{ "azure://account/container",
			{ .endpoint = "https://127.0.0.1/other" },
			"is its account" },
		{ "azure://account/container",
			{ .endpoint = "https://127.0.0.1?account" },
			"is its account" },
		{ "http://10.0.0.1/x", { 0 }, "loopback only" },
		{ "http://127.0.0.1.evil.example/x", { 0 }, "loopback only" },
		{ "http://localhost.evil.example/x", { 0 }, "loopback only" },
		{ "https://user:secret@host/x", { 0 }, "no host" },
		{ "https://host:99999/x", { 0 }, "no host" },
		{ "https://host:/x", { 0 }, "no host" },
		{ "https://host:0/x", { 0 }, "no host" },
		{ "https://-host/x", { 0 }, "no host" },
		{ "https://[::1/x", { 0 }, "no host" },
		{ "https://host?x=1", { 0 }, "no query" },
		{ "https://host/x?sig=secret", { 0 }, "a prefix is of" },
		{ "https://", { 0 }, "no host" },
		{ "ftp://host/x", { 0 }, "not a URL" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = { 0 };
		struct url u;
		int r = url_parse(&u, bad[i].text, &bad[i].options, &e);

		print_message("%s: %s\n", bad[i].text, e.msg);
		assert_true(r < 0);
		assert_non_null(strstr(e.msg, bad[i].says));
		assert_null(strstr(e.msg, "secret"));
	}
}

static void bounds_lengths(void **state)
{
	const struct url_options options = { 0 };
	char text[URL_CHARS + 64];
	struct err e = { 0 };
	struct url u;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "s3://bucket/", 12);
	text[12 + URL_PREFIX_CHARS - 1] = 0;
	assert_ok(url_parse(&u, text, &options, &e), &e);
	text[12 + URL_PREFIX_CHARS - 1] = 'a';
	text[12 + URL_PREFIX_CHARS] = 0;
	assert_err(url_parse(&u, text, &options, &e), -EINVAL, &e, "longer");
	text[12 + URL_PREFIX_CHARS] = 'a';
	text[URL_CHARS] = 0;
	assert_err(url_parse(&u, text, &options, &e), -EINVAL, &e, "longer");
}

static void encodes(void **state)
{
	char text[32];

	(void)state;
	assert_int_equal(url_encode(text, sizeof(text), "a/b-c_d.e~f"), 11);
	assert_string_equal(text, "a/b-c_d.e~f");
	assert_int_equal(url_encode(text, sizeof(text), "a b$\xc3\xa9"), 14);
	assert_string_equal(text, "a%20b%24%C3%A9");
	assert_int_equal(url_encode(text, 4, "abcd"), -ENAMETOOLONG);
	assert_int_equal(url_encode(text, 4, "a$"), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understands),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bounds_lengths),
		cmocka_unit_test(encodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
