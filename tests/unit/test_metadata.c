// SPDX-License-Identifier: Apache-2.0
/* Metadata services that answer by a script. */
#include <errno.h>

#include "base/buf.h"
#include "cloud/metadata.h"
#include "unit/loopback.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#define OK(n, text) "HTTP/1.1 200 OK\r\nContent-Length: " n "\r\n\r\n" text
#define NO(status)  "HTTP/1.1 " status " No\r\nContent-Length: 0\r\n\r\n"

struct talk {
	struct loopback *server;
	struct metadata *m;
	struct buf answer;
	char url[64];
};

static void begin(
	struct talk *t, int kind, const struct loopback_answer *a, size_t n)
{
	struct err e = { 0 };

	*t = (struct talk){ .server = loopback_new(a, n) };
	(void)snprintf(t->url, sizeof(t->url), "http://127.0.0.1:%u",
		loopback_port(t->server));
	assert_ok(metadata_open(&t->m, (enum metadata_kind)kind, t->url, &e), &e);
	buf_init(&t->answer, 64);
}

static void end(struct talk *t)
{
	metadata_close(t->m);
	buf_done(&t->answer);
	loopback_free(t->server);
}

static void expect(struct talk *t, const char *path, const char *want)
{
	struct err e = { 0 };

	assert_ok(metadata_get(&t->answer, t->m, path, &e), &e);
	assert_int_equal(t->answer.len, strlen(want));
	assert_memory_equal(t->answer.data, want, t->answer.len);
}

static void expect_bad(struct talk *t, int code, const char *why)
{
	struct err e = { 0 };

	assert_err(metadata_get(&t->answer, t->m, "/x", &e), code, &e, why);
}

static void has(const struct talk *t, size_t i, const char *part)
{
	const char *rq = loopback_request(t->server, i);

	if (!strstr(rq, part))
		fail_msg("request %zu has no '%s':\n%s", i, part, rq);
}

/* IMDSv2: a token for the session, and a new one when it has run out. */
static void aws(void **state)
{
	static const struct loopback_answer answers[] = {
		{ OK("5", "first"), 0, 0 },
		{ OK("1", "a"), 0, 0 },
		{ OK("1", "b"), 0, 0 },
		{ NO("401"), 0, 0 },
		{ OK("6", "second"), 0, 0 },
		{ OK("1", "c"), 0, 0 },
	};
	struct talk t;

	(void)state;
	begin(&t, METADATA_AWS, answers, ARRAY_LEN(answers));
	expect(&t, "/latest/a", "a");
	expect(&t, "/latest/b", "b");
	expect(&t, "/latest/c", "c");
	has(&t, 0, "PUT /latest/api/token HTTP/1.1\r\n");
	has(&t, 0, "X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n");
	has(&t, 1, "GET /latest/a HTTP/1.1\r\n");
	has(&t, 1, "X-aws-ec2-metadata-token: first\r\n");
	has(&t, 2, "X-aws-ec2-metadata-token: first\r\n");
	has(&t, 4, "PUT /latest/api/token HTTP/1.1\r\n");
	has(&t, 5, "X-aws-ec2-metadata-token: second\r\n");
	assert_int_equal(loopback_connections(t.server), 1);
	end(&t);
}

static void aws_refuses(void **state)
{
	static const struct loopback_answer refused[] = { { NO("403"), 0, 0 } };
	static const struct loopback_answer twice[] = {
		{ OK("1", "t"), 0, 0 },
		{ NO("401"), 0, 0 },
		{ OK("1", "u"), 0, 0 },
		{ NO("401"), 0, 0 },
	};
	static const struct loopback_answer empty[] = { { OK("0", ""), 0, 0 } };
	static const struct loopback_answer binary[] = { { OK("3", "a\rb"), 0,
		0 } };
	struct talk t;

	(void)state;
	begin(&t, METADATA_AWS, refused, 1);
	expect_bad(&t, -EACCES,
		"metadata service: IMDSv2 token: the service refuses (403)");
	end(&t);
	begin(&t, METADATA_AWS, twice, ARRAY_LEN(twice));
	expect_bad(&t, -EACCES, "the service refuses (401)");
	end(&t);
	begin(&t, METADATA_AWS, empty, 1);
	expect_bad(&t, -EPROTO, "an empty session token");
	end(&t);
	begin(&t, METADATA_AWS, binary, 1);
	expect_bad(&t, -EPROTO, "not a session token");
	end(&t);
}

static void others(void **state)
{
	static const struct loopback_answer answers[] = { { OK("2", "{}"), 0,
		0 } };
	struct talk t;

	(void)state;
	begin(&t, METADATA_AZURE, answers, 1);
	expect(&t, "/metadata/x?y=1", "{}");
	has(&t, 0, "GET /metadata/x?y=1 HTTP/1.1\r\n");
	has(&t, 0, "Metadata: true\r\n");
	end(&t);
	begin(&t, METADATA_GCE, answers, 1);
	expect(&t, "/computeMetadata/v1/x", "{}");
	has(&t, 0, "Metadata-Flavor: Google\r\n");
	end(&t);
}

static void errors(void **state)
{
	static const struct loopback_answer answers[] = {
		{ NO("404"), 0, 0 },
		{ NO("429"), 0, 0 },
		{ NO("503"), 0, 0 },
		{ NO("302"), 0, 0 },
		{ OK("65", "0123456789012345678901234567890123456789"
			   "0123456789012345678901234"),
			0, 0 },
		{ NULL, 0, 0 },
	};
	static const char *const no_path = "/";
	char path[METADATA_URL_CHARS + 1];
	struct metadata *m = NULL;
	struct err e = { 0 };
	struct talk t;

	(void)state;
	begin(&t, METADATA_GCE, answers, ARRAY_LEN(answers));
	expect_bad(&t, -ENOENT, "does not have it (404)");
	expect_bad(&t, -EAGAIN, "busy (429)");
	expect_bad(&t, -EAGAIN, "busy (503)");
	expect_bad(&t, -EPROTO, "answers 302");
	expect_bad(&t, -EMSGSIZE, "too large");
	expect_bad(&t, -EAGAIN, "");
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	assert_err(metadata_get(&t.answer, t.m, path, &e), -EINVAL, &e,
		"characters");
	end(&t);
	assert_err(metadata_open(&m, METADATA_NONE, NULL, &e), -EINVAL, &e,
		"no cloud");
	/* Cleartext reaches no further than the host and its link. */
	assert_ok(metadata_open(&m, METADATA_AZURE, "http://192.0.2.1", &e), &e);
	buf_init(&t.answer, 64);
	assert_err(metadata_get(&t.answer, m, no_path, &e), -EPERM, &e,
		"loopback");
	metadata_close(m);
	buf_done(&t.answer);
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(metadata_kind_find("aws"), METADATA_AWS);
	assert_int_equal(metadata_kind_find("azure"), METADATA_AZURE);
	assert_int_equal(metadata_kind_find("gcp"), METADATA_GCE);
	assert_int_equal(metadata_kind_find("none"), METADATA_NONE);
	assert_int_equal(metadata_kind_find("gce"), -1);
	assert_string_equal(metadata_kind_name(METADATA_GCE), "gcp");
}

static void firmware(void **state)
{
	static const struct {
		const char *file, *text;
		int kind;
	} cases[] = {
		{ "sys_vendor", "Amazon EC2\n", METADATA_AWS },
		{ "bios_vendor", "Amazon EC2\n", METADATA_AWS },
		{ "board_vendor", "Amazon EC2\n", METADATA_AWS },
		{ "bios_version", "4.11.amazon\n", METADATA_AWS },
		{ "bios_version", "amazon.4.11\n", METADATA_NONE },
		{ "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n",
			METADATA_AZURE },
		{ "sys_vendor", "Microsoft Corporation\n", METADATA_NONE },
		{ "product_name", "Google Compute Engine\n", METADATA_GCE },
		{ "product_name", "Google\n", METADATA_NONE },
		{ "sys_vendor", "", METADATA_NONE },
	};
	char top[SCRATCH_CHARS];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		scratch_new(top);
		assert_int_equal(metadata_detect(top), METADATA_NONE);
		scratch_write(top, cases[i].file, cases[i].text,
			strlen(cases[i].text));
		if ((int)metadata_detect(top) != cases[i].kind)
			fail_msg("%s: %s", cases[i].file, cases[i].text);
		scratch_remove(top);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aws),
		cmocka_unit_test(aws_refuses),
		cmocka_unit_test(others),
		cmocka_unit_test(errors),
		cmocka_unit_test(names),
		cmocka_unit_test(firmware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
