// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "trigger/socket.h"

enum { BACKLOG = 4 };

/* ${key} of ${j} into ${ret}, which stays empty where it is not there. */
static int get_text(
	char *ret, size_t cap, const json_t *j, const char *key, struct err *e)
{
	const json_t *v = json_object_get(j, key);

	ret[0] = 0;
	if (!v)
		return 0;
	if (!json_is_string(v) || json_string_length(v) >= cap)
		return err_set(e, -EBADMSG,
			"\"%s\" is no text of less than %zu bytes", key, cap);
	(void)snprintf(ret, cap, "%s", json_string_value(v));
	return 0;
}

int trigger_request_decode(struct trigger_request *ret, const void *text,
	size_t len, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	struct trigger_request rq = { "", "" };
	int r = json_decode(&j, text, len, e);

	if (r == 0)
		r = get_text(rq.case_name, sizeof(rq.case_name), j, "case", e);
	if (r == 0)
		r = get_text(rq.reason, sizeof(rq.reason), j, "reason", e);
	if (r == 0)
		*ret = rq;
	return r;
}

static int address_of(struct sockaddr_un *ret, const char *path, struct err *e)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path) || path[0] != '/')
		return err_set(e, -EINVAL,
			"socket '%.100s' is no absolute path of less than %zu "
			"bytes",
			path, sizeof(ret->sun_path));
	(void)snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", path);
	return 0;
}

static int connect_to(const struct sockaddr_un *at, struct err *e)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0)
		return err_sys(e, "connect to %s", at->sun_path);
	return TAKE_FD(fd);
}

/* Only the last directory is made, and a socket without a listener goes. */
static int make_place(const struct sockaddr_un *at, struct err *e)
{
	AUTO_CLOSE int other = connect_to(at, NULL);
	char dir[sizeof(at->sun_path)];
	struct stat st;

	if (other >= 0)
		return err_set(
			e, -EADDRINUSE, "a watch listens at %s", at->sun_path);
	(void)snprintf(dir, sizeof(dir), "%s", at->sun_path);
	*strrchr(dir, '/') = 0;
	if (dir[0] && mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make %s", dir);
	if (lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(at->sun_path);
	return 0;
}

int trigger_listen(const char *path, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	struct sockaddr_un at;
	mode_t mask;
	int r = address_of(&at, path, e);

	if (r == 0)
		r = make_place(&at, e);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	if (fd >= 0)
		r = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	(void)umask(mask);
	if (fd < 0 || r < 0 || listen(fd, BACKLOG) < 0)
		return err_sys(e, "listen at %s", path);
	return TAKE_FD(fd);
}

static bool may_ask(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

static int refuse(int fd, const char *why)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
		"{\"outcome\": \"refused\", "
		"\"error\": \"%s\"}",
		why);

	(void)send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	return 0;
}

/* 1 and the request, or 0 when there is none in time. */
static int receive(int fd, struct trigger_request *ret)
{
	const struct timeval patience = { .tv_sec = TRIGGER_RECEIVE_SECONDS };
	char text[TRIGGER_REQUEST_BYTES];
	struct err why = { 0 };
	ssize_t n;

	if (!may_ask(fd))
		return refuse(fd, "only root and the user of the watch may ask");
	(void)setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	n = recv(fd, text, sizeof(text), MSG_TRUNC);
	if (n <= 0)
		return 0;
	if ((size_t)n > sizeof(text) ||
		trigger_request_decode(ret, text, (size_t)n, &why) < 0)
		return refuse(fd, "that is no request");
	return 1;
}

int trigger_wait(int fd, struct trigger_request *ret, const sigset_t *mask,
	const atomic_bool *ending, struct err *e)
{
	while (!*ending) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		AUTO_CLOSE int client = -1;

		if (ppoll(&p, 1, NULL, mask) < 0 && errno != EINTR)
			return err_sys(e, "wait for a trigger");
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (client >= 0 && receive(client, ret))
			return TAKE_FD(client);
	}
	return err_set(e, -EINTR, "the watch was ended");
}

int trigger_answer(int fd, const void *text, size_t len, struct err *e)
{
	AUTO_CLOSE int client = fd;

	if (send(client, text, len, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
		errno != ECONNRESET)
		return err_sys(e, "answer the trigger");
	return 0;
}

int trigger_ask(const char *path, const struct trigger_request *rq,
	struct buf *ret, struct err *e)
{
	AUTO_JSON json_t *j = json_pack("{s:o, s:o}", "case",
		json_text(rq->case_name), "reason", json_text(rq->reason));
	AUTO_BUF struct buf text = { 0 };
	AUTO_CLOSE int fd = -1;
	struct sockaddr_un at;
	uint8_t *room = NULL;
	ssize_t n;
	int r = address_of(&at, path, e);

	buf_init(&text, TRIGGER_REQUEST_BYTES);
	if (r == 0)
		r = json_encode(&text, j, JSON_COMPACT, e);
	if (r == 0)
		r = buf_reserve(ret, &room, TRIGGER_ANSWER_BYTES, e);
	if (r < 0)
		return r;
	fd = connect_to(&at, e);
	if (fd < 0)
		return err_wrap(e, fd, "no watch");
	if (send(fd, text.data, text.len, MSG_NOSIGNAL) < 0)
		return err_sys(e, "ask the watch");
	do
		n = recv(fd, room, TRIGGER_ANSWER_BYTES, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "the watch's answer");
	if (n == 0)
		return err_set(e, -EPIPE, "the watch ended without an answer");
	ret->len += (size_t)n;
	return 0;
}
