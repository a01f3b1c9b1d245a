/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that go on for as long as the server has something to say, such as
 * the watch of an API: several at a time, in one thread, a line at a time.
 *
 *     http_stream_begin(all, &st, e);
 *     while (!st.over)
 *             http_streams_wait(all, fd, ms);
 *
 * Other requests have connections of their own, by http_do().
 */
#ifndef BASE_HTTP_STREAM_H
#define BASE_HTTP_STREAM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/http.h"

struct http_streams;

enum { HTTP_STREAMS_MAX = 4 };

struct http_stream {
	/* Of the caller, and borrowed until it is over. */
	struct http *http; /* a connection of its own */
	const struct http_request *rq;
	size_t line_max; /* a longer line ends it with -EMSGSIZE */
	/* A line without its end, when the status is 200. */
	void (*line)(void *arg, const char *text, size_t len);
	void *arg;
	/* What became of it. */
	bool over;
	int r; /* as http_do() returns */
	int status;
	struct err why;
	struct http_answer answer; /* of which it keeps the part of a line */
};

int http_streams_new(struct http_streams **ret, struct err *e) MUST_CHECK;
/* After all of them were ended. */
void http_streams_free(struct http_streams *s);

/*
 * http_stream_begin(s, st, e):
 * Nothing is sent before http_streams_wait().  It goes on until it is over or
 * http_stream_end() stops it, which may be called of one that did not begin.
 */
int http_stream_begin(struct http_streams *s, struct http_stream *st,
	struct err *e) MUST_CHECK;
void http_stream_end(struct http_streams *s, struct http_stream *st);

/*
 * http_streams_wait(s, fd, ms):
 * Hand lines over until there was something to do, ${fd} is readable, or so
 * many ms are over.
 */
void http_streams_wait(struct http_streams *s, int fd, unsigned ms);

#endif
