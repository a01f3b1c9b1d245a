// SPDX-License-Identifier: Apache-2.0
/* A watch and who asks it, over a socket in a directory of the test. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "trigger/socket.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char top[SCRATCH_CHARS], place[SCRATCH_CHARS];
static atomic_bool ending;
static sigset_t none;

static int set_up(void **state)
{
	char dir[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	scratch_path(dir, top, "run");
	scratch_path(place, dir, "watch.sock");
	(void)sigemptyset(&none);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static void *serve(void *arg)
{
	struct trigger_request rq;
	struct err e = { 0 };
	int fd = trigger_wait(*(int *)arg, &rq, &none, &ending, &e);

	if (fd < 0 || strcmp(rq.case_name, "C-1") != 0 ||
		strcmp(rq.reason, "alarm \"7\"") != 0)
		return NULL;
	return trigger_answer(fd, "{\"outcome\":1}", 13, &e) == 0 ? arg : NULL;
}

static void asks(void **state)
{
	struct trigger_request rq = { "C-1", "alarm \"7\"" };
	AUTO_BUF struct buf answer = { 0 };
	struct err e = { 0 };
	struct stat st;
	pthread_t thread;
	void *served;
	int fd = trigger_listen(place, &e);

	(void)state;
	assert_ok(fd, &e);
	assert_int_equal(lstat(place, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_err(trigger_listen(place, &e), -EADDRINUSE, &e, "listens");
	/* That knocked, and went. */
	buf_init(&answer, TRIGGER_ANSWER_BYTES);
	assert_int_equal(pthread_create(&thread, NULL, serve, &fd), 0);
	assert_ok(trigger_ask(place, &rq, &answer, &e), &e);
	assert_int_equal(pthread_join(thread, &served), 0);
	assert_ptr_equal(served, &fd);
	assert_int_equal(answer.len, 13);
	assert_memory_equal(answer.data, "{\"outcome\":1}", 13);
	(void)close(fd);
	/* Whose listener is gone is listened at again. */
	assert_err(trigger_ask(place, &rq, &answer, &e), -EFBIG, &e, "");
	fd = trigger_listen(place, &e);
	assert_ok(fd, &e);
	(void)close(fd);
}

/* Nonsense is sent away, and the next is served. */
static void nonsense(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct trigger_request rq = { "C-1", "alarm \"7\"" };
	AUTO_BUF struct buf answer = { 0 };
	struct err e = { 0 };
	char text[256] = "";
	pthread_t thread;
	void *served;
	int fd = trigger_listen(place, &e), s;

	(void)state;
	assert_ok(fd, &e);
	buf_init(&answer, TRIGGER_ANSWER_BYTES);
	assert_true(strlen(place) < sizeof(at.sun_path));
	memcpy(at.sun_path, place, strlen(place));
	s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(s, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(send(s, "[1]", 3, 0), 3);
	assert_int_equal(pthread_create(&thread, NULL, serve, &fd), 0);
	assert_true(recv(s, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "no request"));
	(void)close(s);
	assert_ok(trigger_ask(place, &rq, &answer, &e), &e);
	assert_int_equal(pthread_join(thread, &served), 0);
	assert_ptr_equal(served, &fd);
	(void)close(fd);
}

static void ends(void **state)
{
	struct trigger_request rq;
	struct err e = { 0 };
	int fd = trigger_listen(place, &e);

	(void)state;
	assert_ok(fd, &e);
	ending = true;
	assert_err(trigger_wait(fd, &rq, &none, &ending, &e), -EINTR, &e,
		"the watch was ended");
	ending = false;
	(void)close(fd);
	assert_err(trigger_listen("watch.sock", &e), -EINVAL, &e, "absolute");
}

static void requests(void **state)
{
	struct trigger_request rq = { "kept", "" };
	struct err e = { 0 };
	char text[600];

	(void)state;
	assert_ok(trigger_request_decode(&rq, "{}", 2, &e), &e);
	assert_string_equal(rq.case_name, "");
	(void)snprintf(text, sizeof(text), "{\"reason\":\"%0*d\"}",
		TRIGGER_REASON_CHARS, 0);
	assert_err(trigger_request_decode(&rq, text, strlen(text), &e),
		-EBADMSG, &e, "\"reason\" is no text");
	assert_err(trigger_request_decode(&rq, "{\"case\":5}", 10, &e),
		-EBADMSG, &e, "\"case\" is no text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nonsense, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ends, set_up, tear_down),
		cmocka_unit_test(requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
