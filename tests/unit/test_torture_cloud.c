// SPDX-License-Identifier: Apache-2.0
/*
 * Every allocation and every call on the way to a store fails once: tickets,
 * requests by each kind of ticket, a courier with its spool, a push.  The store
 * is a server on loopback that answers 200 to everything.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cloud/answer.h"
#include "cloud/store_options.h"
#include "sink/sink.h"
#include "stream/courier.h"
#include "stream/push.h"
#include "unit/fault.h"
#include "unit/loopback.h"
#include "unit/scratch.h"
#include "unit/torture.h"
#include "unit/unit.h"

static const struct loopback_answer fine = {
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0
};
static char top[SCRATCH_CHARS], ticket[SCRATCH_CHARS];
static struct loopback *server;
static const char *to;
static struct store_config config;
static char endpoint[64];

static const char keys[] = "{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": "
			   "\"secret\", \"SessionToken\": \"token\"}";
static const char policy[] =
	"{\"url\": \"http://127.0.0.1:1/bucket\", \"fields\": {\"policy\": "
	"\"eyJleHBpcmF0aW9uIjogIjIwMjYtMDEtMzFUMjM6NTk6NTlaIn0=\"}}";
static const char sas[] = "sv=2021-12-02&sp=c&sig=x";
static const char bearer[] = "{\"bearer\": \"x\"}";

static void no_secret(int r, const struct err *e)
{
	if (r < 0 && strstr(e->msg, "secret"))
		fail_msg("it tells the secret: %s", e->msg);
}

/* One object through a sink that is opened and closed. */
static int put_one(struct err *e)
{
	const struct sink_place place = {
		.case_name = "c", .host = "h", .capture = "x"
	};
	const struct sink_object o = {
		.name = "segment-000000.age", .data = "hello", .len = 5
	};
	struct sink_try t = { 0 };
	struct sink *s = NULL;
	int r = sink_open(&s, to, &place, &config, e);

	if (r == 0)
		r = sink_put(s, &o, &t, e);
	sink_close(s);
	no_secret(r, e);
	return r;
}

static void run_put(const char *url, const char *kind, unsigned port)
{
	to = url;
	scratch_write(top, "ticket", kind, strlen(kind));
	scratch_path(ticket, top, "ticket");
	store_options_init(&config);
	config.ticket_file = ticket;
	(void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u", port);
	config.url.endpoint = endpoint;
	config.http.connect_seconds = 2;
	(void)torture_run(url, put_one);
}

/* Nobody listens there: all of the way but the answer. */
static void puts_by_every_ticket(void **state)
{
	(void)state;
	run_put("s3://bucket/p", keys, 1);
	run_put("gs://bucket/p", keys, 1);
	run_put("s3://bucket/p", policy, 1);
	run_put("azure://account/container/p", sas, 1);
	run_put("http://127.0.0.1:1/p", bearer, 1);
}

static int parse_answer(struct err *e)
{
	struct http_answer a;
	struct http *h = NULL;
	const struct http_config c = { .connect_seconds = 2 };
	char url[64];
	struct http_request rq = { .method = "PUT",
		.url = url,
		.body = { { (void *)(uintptr_t) "x", 1 } },
		.body_n = 1 };
	int r = http_new(&h, &c, e);

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/",
		loopback_port(server));
	http_answer_init(&a, ANSWER_BYTES);
	if (r == 0)
		r = http_do(h, &a, &rq, e);
	http_answer_done(&a);
	http_free(h);
	return r;
}

static void reads_an_answer(void **state)
{
	(void)state;
	server = loopback_new(&fine, 1);
	(void)torture_run("answer", parse_answer);
	loopback_free(server);
}

static int push_spool(struct err *e)
{
	char spool[SCRATCH_CHARS], dest[SCRATCH_CHARS];
	struct push_config c = {
		.spool = spool, .destination = dest, .store = &config
	};
	struct push_result res;

	scratch_path(spool, top, "spool");
	scratch_path(dest, top, "dest");
	return push_run(&res, &c, e);
}

static void pushes_a_spool(void **state)
{
	static const char *const parts[] = { "spool", "spool/c", "spool/c/h",
		"spool/c/h/x", "dest" };
	char dir[SCRATCH_CHARS];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		scratch_path(dir, top, parts[i]);
		assert_int_equal(mkdir(dir, 0700), 0);
	}
	scratch_path(dir, top, "spool/c/h/x");
	scratch_write(dir, "manifest-000000.pb", "zero", 4);
	scratch_write(dir, "segment-000000.age", "a", 1);
	store_options_init(&config);
	(void)torture_run("push", push_spool);
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			puts_by_every_ticket, set_up, tear_down),
		cmocka_unit_test(reads_an_answer),
		cmocka_unit_test_setup_teardown(pushes_a_spool, set_up, tear_down),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
