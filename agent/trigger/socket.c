// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "trigger/bell.h"
#include "trigger/request.h"
#include "trigger/socket.h"

enum { BACKLOG = 8 };

struct client {
	int fd;
	char key[TRIGGER_KEY_CHARS];
};

struct server {
	struct feed *feed;
	int fd;
	struct client clients[TRIGGER_CLIENTS_MAX];
	size_t clients_n;
	uint64_t asked;
};

/* Only the last directory is made, and a socket without a listener goes. */
static int make_place(const struct sockaddr_un *at, struct err *e)
{
	AUTO_CLOSE int other = trigger_connect(at, NULL);
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

static int listen_at(const char *path, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	struct sockaddr_un at;
	int r = trigger_address(&at, path, e);

	if (r == 0)
		r = make_place(&at, e);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* bind() takes its mode from the socket: no window, no umask. */
	if (fd < 0 || fchmod(fd, 0600) < 0 ||
		bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
		listen(fd, BACKLOG) < 0)
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

static void answer(int fd, const void *text, size_t len)
{
	/* It is no error of the watch that nobody waits for it any more. */
	(void)send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int refuse(int fd, const char *why)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
		"{\"outcome\": \"refused\", \"error\": \"%s\"}", why);

	answer(fd, text, (size_t)n);
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

static void tell_status(struct server *s, int fd)
{
	AUTO_BUF struct buf text = { 0 };
	struct err why = { 0 };

	buf_init(&text, TRIGGER_ANSWER_BYTES);
	if (feed_status(s->feed, &text, &why) < 0)
		(void)refuse(fd, "the watch cannot say how it is");
	else
		answer(fd, text.data, text.len);
}

/* Takes ${fd}. */
static void ring(struct server *s, int fd, const struct trigger_request *rq)
{
	struct trigger_event ev = { .flags = TRIGGER_MAY_NAME_CASE };
	struct client *c;

	if (s->clients_n == TRIGGER_CLIENTS_MAX) {
		(void)refuse(fd, "too many wait for an answer");
		(void)close(fd);
		return;
	}
	c = &s->clients[s->clients_n++];
	c->fd = fd;
	(void)snprintf(c->key, sizeof(c->key), "ask-%" PRIu64 "-%" PRIu64,
		clock_ns(CLOCK_REALTIME), s->asked++);
	(void)snprintf(ev.key, sizeof(ev.key), "%s", c->key);
	(void)snprintf(ev.reason, sizeof(ev.reason), "%s", rq->reason);
	(void)snprintf(ev.case_name, sizeof(ev.case_name), "%s", rq->case_name);
	(void)snprintf(ev.order, sizeof(ev.order), "%s", rq->order);
	(void)snprintf(ev.pod, sizeof(ev.pod), "%s", rq->pod);
	feed_ring(s->feed, &ev);
}

static void serve(struct server *s)
{
	struct trigger_request rq;
	AUTO_CLOSE int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || !receive(fd, &rq))
		return;
	if (rq.ask == TRIGGER_ASK_STATUS)
		tell_status(s, fd);
	else
		ring(s, TAKE_FD(fd), &rq);
}

static void drop(struct server *s, size_t i)
{
	(void)close(s->clients[i].fd);
	s->clients[i] = s->clients[--s->clients_n];
}

static void report(struct server *s, const struct trigger_report *r)
{
	if (r->stage != TRIGGER_DONE && r->stage != TRIGGER_REFUSED)
		return;
	for (size_t i = 0; i < s->clients_n; i++)
		if (strcmp(s->clients[i].key, r->key) == 0) {
			if (r->text)
				answer(s->clients[i].fd, r->text,
					strlen(r->text));
			drop(s, i);
			return;
		}
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	const struct trigger_socket_settings *set = settings;
	struct server s = { .feed = f, .fd = listen_at(set->path, e) };
	struct pollfd p[2] = { { .fd = s.fd, .events = POLLIN },
		{ .fd = feed_fd(f), .events = POLLIN } };
	bool ends = false;

	if (s.fd < 0)
		return s.fd;
	feed_tell(f, FEED_WAITING, "%s", set->path);
	/* What is reported last is still told. */
	while (!ends) {
		struct trigger_report r;

		(void)poll(p, ARRAY_LEN(p), -1);
		ends = feed_ends(f);
		while (feed_report(f, &r)) {
			report(&s, &r);
			free(r.text);
		}
		if (!ends)
			serve(&s);
	}
	while (s.clients_n)
		drop(&s, 0);
	(void)close(s.fd);
	(void)unlink(set->path);
	return 0;
}

static const struct trigger_socket_settings defaults = {
	.path = TRIGGER_SOCKET_PATH,
};

static const struct trigger_key keys[] = {
	{ "path", TRIGGER_TEXT, offsetof(struct trigger_socket_settings, path),
		0, 0 },
};

const struct trigger_kind trigger_socket = {
	.name = "socket",
	.settings_bytes = sizeof(struct trigger_socket_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.run = run,
};
