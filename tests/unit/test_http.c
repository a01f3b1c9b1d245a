// SPDX-License-Identifier: Apache-2.0
/* base/http over a server that answers by a script; TLS is for the scenarios. */
#include <errno.h>

#include "base/http.h"
#include "unit/loopback.h"
#include "unit/unit.h"

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
			 "Date: Sat, 31 Jan 2026 23:59:59 GMT\r\n"
			 "X-Note:   a b  \r\n\r\nhi";

struct exchange {
	struct loopback *server;
	struct http *http;
	struct http_answer answer;
	struct err e;
};

static void begin(
	struct exchange *x, const struct loopback_answer *answers, size_t n)
{
	const struct http_config config = { .connect_seconds = 2,
		.stall_seconds = 2 };

	*x = (struct exchange){ 0 };
	x->server = loopback_new(answers, n);
	assert_ok(http_new(&x->http, &config, &x->e), &x->e);
	http_answer_init(&x->answer, 4096);
}

static void end(struct exchange *x)
{
	http_free(x->http);
	http_answer_done(&x->answer);
	loopback_free(x->server);
}

static int send_it(struct exchange *x, const char *method, const char *body)
{
	char url[64];
	struct http_request rq = { .method = method,
		.url = url,
		.headers = { "X-Mine: 1" },
		.headers_n = 1 };

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/a",
		loopback_port(x->server));
	if (body) {
		size_t n = strlen(body);

		/* In two parts. */
		rq.body[0] = (struct iovec){ (void *)(uintptr_t)body, n / 2 };
		rq.body[1] = (struct iovec){ (void *)(uintptr_t)(body + n / 2),
			n - n / 2 };
		rq.body_n = 2;
	}
	return http_do(x->http, &x->answer, &rq, &x->e);
}

static void keeps_the_connection(void **state)
{
	const struct loopback_answer answers[] = { { ok, 0, 0 }, { ok, 0, 0 },
		{ "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 0, 0 } };
	char value[HTTP_VALUE_CHARS];
	struct exchange x;

	(void)state;
	begin(&x, answers, 3);
	assert_ok(send_it(&x, "PUT", "hello"), &x.e);
	assert_int_equal(x.answer.status, 200);
	assert_int_equal(x.answer.copies, 1);
	assert_int_equal(x.answer.body.len, 2);
	assert_memory_equal(x.answer.body.data, "hi", 2);
	assert_string_equal(http_header(&x.answer, value, "x-note"), "a b");
	assert_null(http_header(&x.answer, value, "x-not"));
	assert_int_equal(http_date(&x.answer), 1769903999);
	assert_string_equal(http_tls(x.http), "");
	assert_ok(send_it(&x, "POST", ""), &x.e);
	assert_ok(send_it(&x, "GET", NULL), &x.e);
	assert_int_equal(x.answer.status, 404);
	assert_int_equal(x.answer.body.len, 0);
	assert_int_equal(http_date(&x.answer), 0);
	assert_int_equal(loopback_connections(x.server), 1);
	assert_non_null(
		strstr(loopback_request(x.server, 0), "PUT /a HTTP/1.1\r\n"));
	assert_non_null(
		strstr(loopback_request(x.server, 0), "Content-Length: 5\r\n"));
	assert_non_null(strstr(loopback_request(x.server, 0), "X-Mine: 1\r\n"));
	assert_non_null(strstr(loopback_request(x.server, 0), "\r\n\r\nhello"));
	assert_null(strcasestr(loopback_request(x.server, 0), "expect"));
	assert_null(strcasestr(loopback_request(x.server, 0), "chunked"));
	assert_non_null(strstr(loopback_request(x.server, 1), "POST /a "));
	assert_non_null(strstr(loopback_request(x.server, 2), "GET /a "));
	end(&x);
}

static void tells_what_is_worth_another_try(void **state)
{
	static const struct {
		struct loopback_answer answer;
		int result;
	} cases[] = {
		{ { NULL, 0, 0 }, -EAGAIN },
		{ { "", 1, 0 }, -EAGAIN },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 1, 0 },
			-EAGAIN },
		{ { "SSH-2.0-nothing\r\n", 1, 0 }, -EAGAIN },
		{ { "HTTP/1.1 200 OK\r\n\r\nx", 1, 5000 }, -EMSGSIZE },
		{ { "HTTP/1.1 200 OK\r\nA: ", 1, 0 }, -EAGAIN },
		/* Neither answered nor closed. */
		{ { "", 0, 0 }, -EAGAIN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct exchange x;

		begin(&x, &cases[i].answer, 1);
		assert_int_equal(send_it(&x, "PUT", "hello"), cases[i].result);
		print_message("%s\n", x.e.msg);
		assert_int_equal(x.answer.copies, 1);
		end(&x);
	}
}

static void bounds_headers(void **state)
{
	char line[1100] = "X-Filler: ", big[1200] = "HTTP/1.1 200 OK\r\nX: ";
	struct loopback_answer answers[2] = { { line, 1, 100 }, { big, 1, 0 } };
	char value[HTTP_VALUE_CHARS];
	struct exchange x;

	(void)state;
	memset(line + 10, 'x', 1000);
	(void)snprintf(line + 1010, 16, "\r\n");
	memcpy(line, "HTTP/1.1 200 OK\r\nX: ", 20);
	begin(&x, answers, 1);
	/* The status line comes again with every repetition: only so much. */
	assert_true(send_it(&x, "GET", NULL) < 0);
	end(&x);
	memset(big + 20, 'x', HTTP_VALUE_CHARS);
	(void)snprintf(big + 20 + HTTP_VALUE_CHARS, 64,
		"\r\nContent-Length: 0\r\n\r\n");
	begin(&x, answers + 1, 1);
	assert_ok(send_it(&x, "GET", NULL), &x.e);
	assert_null(http_header(&x.answer, value, "X"));
	end(&x);
}

/* libcurl's own bound is that of one header; memory is not what is short. */
static void bounds_one_header(void **state)
{
	static const char begins[] = "HTTP/1.1 503 No\r\nX: ";
	static char line[256 << 10];
	const struct loopback_answer answer = { line, 1, 0 };
	struct exchange x;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, begins, strlen(begins));
	begin(&x, &answer, 1);
	assert_err(send_it(&x, "PUT", "hello"), -EMSGSIZE, &x.e, "too large");
	assert_int_equal(x.answer.status, 503);
	end(&x);
}

/* A kept connection that died: curl sends anew, and that is told. */
static void counts_copies(void **state)
{
	const struct loopback_answer answers[] = { { ok, 0, 0 }, { NULL, 0, 0 },
		{ ok, 0, 0 } };
	struct exchange x;

	(void)state;
	begin(&x, answers, 3);
	assert_ok(send_it(&x, "PUT", "one"), &x.e);
	assert_int_equal(x.answer.copies, 1);
	assert_ok(send_it(&x, "PUT", "two"), &x.e);
	assert_int_equal(x.answer.copies, 2);
	assert_non_null(strstr(loopback_request(x.server, 2), "\r\n\r\ntwo"));
	end(&x);
}

static void goes_nowhere_in_the_clear(void **state)
{
	static const struct {
		const char *url;
		int result;
	} cases[] = {
		{ "http://192.0.2.1:9/x", -EPERM },
		{ "http://169.254.169.254/x", -EPERM },
		{ "ftp://127.0.0.1/x", -EINVAL },
		{ "file:///etc/hostname", -EINVAL },
		{ "http://127.0.0.1:1/x", -EAGAIN },
		{ "https://127.0.0.1:1/x", -EAGAIN },
		{ "http://", -EINVAL },
	};
	const struct http_config config = { .connect_seconds = 2 };
	struct http_answer a;
	struct http *h = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(http_new(&h, &config, &e), &e);
	http_answer_init(&a, 100);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct http_request rq = { .method = "GET",
			.url = cases[i].url };

		assert_int_equal(http_do(h, &a, &rq, &e), cases[i].result);
		print_message("%s: %s\n", cases[i].url, e.msg);
		assert_int_equal(a.copies, 0);
	}
	http_answer_done(&a);
	http_free(h);
}

static void does_not_follow(void **state)
{
	const struct loopback_answer answers[] = {
		{ "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\n"
		  "Content-Length: 0\r\n\r\n",
			0, 0 }
	};
	struct exchange x;

	(void)state;
	begin(&x, answers, 1);
	assert_ok(send_it(&x, "PUT", "hello"), &x.e);
	assert_int_equal(x.answer.status, 307);
	assert_int_equal(loopback_connections(x.server), 1);
	end(&x);
}

static bool at_once(void *arg)
{
	++*(int *)arg;
	return true;
}

/* An answer that never ends is given up when it is not wanted any more. */
static void is_given_up(void **state)
{
	const struct loopback_answer answers[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 0, 0 }
	};
	int asked = 0;
	const struct http_config config = {
		.stall_seconds = 20, .stop = at_once, .stop_arg = &asked
	};
	struct exchange x;

	(void)state;
	begin(&x, answers, 1);
	http_free(x.http);
	assert_ok(http_new(&x.http, &config, &x.e), &x.e);
	assert_err(send_it(&x, "GET", NULL), -EINTR, &x.e, "given up");
	assert_int_equal(asked, 1);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_connection),
		cmocka_unit_test(tells_what_is_worth_another_try),
		cmocka_unit_test(bounds_headers),
		cmocka_unit_test(bounds_one_header),
		cmocka_unit_test(counts_copies),
		cmocka_unit_test(goes_nowhere_in_the_clear),
		cmocka_unit_test(does_not_follow),
		cmocka_unit_test(is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
