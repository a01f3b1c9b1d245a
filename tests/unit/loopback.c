// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"
#include "unit/loopback.h"
#include "unit/unit.h"

struct loopback {
	const struct loopback_answer *answers;
	size_t n, at;
	int fd;
	unsigned port;
	unsigned connections;
	pthread_t thread;
	char requests[LOOPBACK_ANSWERS_MAX][LOOPBACK_REQUEST_BYTES];
};

/* How long the request is with its body, 0 = not known yet. */
static size_t whole(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "\r\nContent-Length: ");
	char digits[16] = "";
	uint64_t n = 0;

	if (!end)
		return 0;
	if (length && length < end) {
		(void)snprintf(digits, sizeof(digits), "%.*s",
			(int)strspn(length + 18, "0123456789"), length + 18);
		(void)!num_u64(&n, digits, NULL);
	}
	return (size_t)(end + 4 - text) + n;
}

/* 1 when a whole request came. */
static int read_request(int c, char *to)
{
	size_t have = 0;

	for (;;) {
		ssize_t n =
			recv(c, to + have, LOOPBACK_REQUEST_BYTES - 1 - have, 0);

		if (n <= 0)
			return 0;
		have += (size_t)n;
		to[have] = 0;
		if (whole(to) && have >= whole(to))
			return 1;
	}
}

static void reset(int c)
{
	const struct linger now = { .l_onoff = 1 };

	(void)setsockopt(c, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* 0 when the connection is to be closed. */
static int answer(int c, const struct loopback_answer *a)
{
	if (!a->text) {
		reset(c);
		return 0;
	}
	for (int i = 0; i <= a->repeat; i++)
		if (send(c, a->text, strlen(a->text), MSG_NOSIGNAL) < 0)
			return 0;
	return !a->close;
}

static void *serve(void *arg)
{
	struct loopback *l = arg;
	int c;

	while ((c = accept(l->fd, NULL, NULL)) >= 0) {
		l->connections++;
		while (read_request(c, l->requests[l->at])) {
			const struct loopback_answer *a = &l->answers[l->at];

			l->at += l->at + 1 < l->n;
			if (!answer(c, a))
				break;
		}
		(void)close(c);
	}
	return NULL;
}

struct loopback *loopback_new(const struct loopback_answer *answers, size_t n)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct loopback *l = calloc(1, sizeof(*l));
	socklen_t len = sizeof(at);

	assert_non_null(l);
	assert_true(n <= LOOPBACK_ANSWERS_MAX);
	l->answers = answers;
	l->n = n;
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(l->fd >= 0);
	assert_int_equal(bind(l->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(l->fd, 8), 0);
	assert_int_equal(getsockname(l->fd, (struct sockaddr *)&at, &len), 0);
	l->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&l->thread, NULL, serve, l), 0);
	return l;
}

void loopback_free(struct loopback *l)
{
	(void)shutdown(l->fd, SHUT_RDWR);
	(void)pthread_join(l->thread, NULL);
	(void)close(l->fd);
	free(l);
}

unsigned loopback_port(const struct loopback *l)
{
	return l->port;
}

const char *loopback_request(const struct loopback *l, size_t i)
{
	return l->requests[i];
}

unsigned loopback_connections(const struct loopback *l)
{
	return l->connections;
}
