// SPDX-License-Identifier: Apache-2.0
/* A watch and who asks it, over a socket in a directory of the test. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "trigger/request.h"
#include "trigger/socket.h"
#include "unit/scratch.h"
#include "unit/source_fixture.h"

static char top[SCRATCH_CHARS], place[SCRATCH_CHARS];
static struct trigger_socket_settings settings = { .path = place };
static struct source_fixture s;

static int tell(void *arg, struct buf *ret, struct err *e)
{
	(void)arg;
	return buf_text(ret, e, "{\"state\":\"waiting\"}");
}

static int set_up(void **state)
{
	char dir[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	scratch_path(dir, top, "run");
	scratch_path(place, dir, "watch.sock");
	source_new(&s, &trigger_socket, &settings);
	bell_status(s.bell, tell, NULL);
	source_begin(&s);
	source_says(&s, FEED_WAITING, "watch.sock");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(source_end(&s), 0);
	assert_int_equal(access(place, F_OK), -1);
	scratch_remove(top);
	return 0;
}

struct asked {
	struct trigger_request rq;
	struct buf answer;
	struct err e;
	int r;
};

static void *ask(void *arg)
{
	struct asked *a = arg;

	buf_init(&a->answer, TRIGGER_ANSWER_BYTES);
	a->r = trigger_ask(place, &a->rq, &a->answer, &a->e);
	return NULL;
}

static void asks(void **state)
{
	struct asked a = { .rq = { TRIGGER_ASK_CAPTURE, "C-1", "alarm \"7\"",
				   "ico1.x", "shop/cart" } };
	struct bell_message m;
	struct stat st;
	pthread_t thread;

	(void)state;
	assert_int_equal(lstat(place, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pthread_create(&thread, NULL, ask, &a), 0);
	source_next(&s, &m);
	assert_int_equal(m.what, BELL_RING);
	assert_string_equal(m.event.case_name, "C-1");
	assert_string_equal(m.event.reason, "alarm \"7\"");
	assert_string_equal(m.event.order, "ico1.x");
	assert_string_equal(m.event.pod, "shop/cart");
	assert_int_equal(m.event.flags, TRIGGER_MAY_NAME_CASE);
	assert_true(m.event.seen_realtime_ns > 0);
	feed_answer(m.feed, m.event.key, TRIGGER_BEGUN, NULL);
	feed_answer(m.feed, "of another", TRIGGER_DONE, "{}");
	feed_answer(m.feed, m.event.key, TRIGGER_DONE, "{\"outcome\":1}");
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_ok(a.r, &a.e);
	assert_int_equal(a.answer.len, 13);
	assert_memory_equal(a.answer.data, "{\"outcome\":1}", 13);
	buf_done(&a.answer);
}

static void asks_status(void **state)
{
	struct asked a = { .rq = { .ask = TRIGGER_ASK_STATUS } };

	(void)state;
	(void)ask(&a);
	assert_ok(a.r, &a.e);
	assert_string_equal(
		buf_string(&a.answer, &a.e), "{\"state\":\"waiting\"}");
	buf_done(&a.answer);
}

/* Nonsense is sent away, and the next is served. */
static void nonsense(void **state)
{
	struct sockaddr_un at;
	struct err e = { 0 };
	char text[256] = "";
	int fd;

	assert_ok(trigger_address(&at, place, &e), &e);
	fd = trigger_connect(&at, &e);
	assert_ok(fd, &e);
	assert_int_equal(send(fd, "[1]", 3, 0), 3);
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "no request"));
	(void)close(fd);
	asks_status(state);
}

static void second_listener(void **state)
{
	struct source_fixture other;

	(void)state;
	source_new(&other, &trigger_socket, &settings);
	source_begin(&other);
	assert_int_equal(pthread_join(other.thread, NULL), 0);
	assert_err(other.returned, -EADDRINUSE, &other.why, "listens");
	bell_free(other.bell);
}

/* Who waits when the watch ends is told by the end of the connection; and who
 * does not wait is no error. */
static void ends(void **state)
{
	struct asked a = { .rq = { .case_name = "C" } };
	struct bell_message m;
	struct sockaddr_un at;
	struct err e = { 0 };
	pthread_t thread;
	int fd;

	(void)state;
	assert_ok(trigger_address(&at, place, &e), &e);
	fd = trigger_connect(&at, &e);
	assert_ok(fd, &e);
	assert_int_equal(send(fd, "{}", 2, 0), 2);
	source_next(&s, &m);
	(void)close(fd);
	feed_answer(m.feed, m.event.key, TRIGGER_DONE, "{}");
	assert_int_equal(pthread_create(&thread, NULL, ask, &a), 0);
	source_next(&s, &m);
	bell_end(s.bell);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_err(a.r, -EPIPE, &a.e, "without an answer");
	buf_done(&a.answer);
	assert_int_equal(pthread_join(s.thread, NULL), 0);
	buf_init(&a.answer, TRIGGER_ANSWER_BYTES);
	a.r = trigger_ask(place, &a.rq, &a.answer, &a.e);
	assert_err(a.r, -ENOENT, &a.e, "no watch");
	buf_done(&a.answer);
	bell_free(s.bell);
	source_new(&s, &trigger_socket, &settings);
	source_begin(&s);
	source_says(&s, FEED_WAITING, "");
	assert_err(trigger_address(&at, "watch.sock", &e), -EINVAL, &e,
		"absolute");
}

static void requests(void **state)
{
	struct trigger_request rq = { .case_name = "kept" };
	struct err e = { 0 };
	char text[600];

	(void)state;
	assert_ok(trigger_request_decode(&rq, "{}", 2, &e), &e);
	assert_string_equal(rq.case_name, "");
	assert_int_equal(rq.ask, TRIGGER_ASK_CAPTURE);
	(void)snprintf(text, sizeof(text), "{\"reason\":\"%0*d\"}",
		TRIGGER_REASON_CHARS, 0);
	assert_err(trigger_request_decode(&rq, text, strlen(text), &e),
		-EBADMSG, &e, "\"reason\" is no text");
	assert_err(trigger_request_decode(&rq, "{\"case\":5}", 10, &e),
		-EBADMSG, &e, "\"case\" is no text");
	assert_err(trigger_request_decode(&rq, "{\"ask\":\"x\"}", 11, &e),
		-EBADMSG, &e, "'x' cannot be asked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(asks_status, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nonsense, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			second_listener, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ends, set_up, tear_down),
		cmocka_unit_test(requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
