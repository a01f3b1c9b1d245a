// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/http_internal.h"
#include "base/http_stream.h"

struct http_streams {
	CURLM *multi;
	struct http_stream *going[HTTP_STREAMS_MAX]; /* NULL = free */
};

int http_streams_new(struct http_streams **ret, struct err *e)
{
	struct http_streams *s = calloc(1, sizeof(*s));

	if (s)
		s->multi = curl_multi_init();
	if (!s || !s->multi) {
		http_streams_free(s);
		return err_set(e, -ENOMEM, "no memory for streams");
	}
	*ret = s;
	return 0;
}

void http_streams_free(struct http_streams *s)
{
	if (!s)
		return;
	if (s->multi)
		(void)curl_multi_cleanup(s->multi);
	free(s);
}

static int take(void *arg, const char *p, size_t len)
{
	struct http_stream *st = arg;
	struct buf *kept = &st->answer.body;
	long status = 0;

	(void)curl_easy_getinfo(st->http->curl, CURLINFO_RESPONSE_CODE, &status);
	/* Of an error the status says enough. */
	if (status != 200)
		return 0;
	while (len) {
		const char *eol = memchr(p, '\n', len);
		size_t n = eol ? (size_t)(eol - p) : len;

		if (buf_append(kept, p, n, NULL) < 0)
			return -EMSGSIZE;
		if (!eol)
			return 0;
		if (kept->len)
			st->line(st->arg, (const char *)kept->data, kept->len);
		kept->len = 0;
		p += n + 1;
		len -= n + 1;
	}
	return 0;
}

static struct http_stream **slot_of(
	struct http_streams *s, const struct http_stream *st)
{
	for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
		if (s->going[i] == st)
			return &s->going[i];
	return NULL;
}

/* It is over, whatever libcurl said of it. */
static void conclude(struct http_streams *s, struct http_stream *st, CURLcode c)
{
	struct http_stream **slot = slot_of(s, st);

	if (slot)
		*slot = NULL;
	(void)curl_multi_remove_handle(s->multi, st->http->curl);
	st->r = http_conclude(st->http, c, &st->why);
	st->status = st->answer.status;
	st->over = true;
	st->http->take = NULL;
	http_answer_done(&st->answer);
}

int http_stream_begin(
	struct http_streams *s, struct http_stream *st, struct err *e)
{
	struct http_stream **slot = slot_of(s, NULL);
	int r;

	if (!slot)
		return err_set(
			e, -E2BIG, "more than %d streams", HTTP_STREAMS_MAX);
	st->over = false;
	st->r = st->status = 0;
	st->why.msg[0] = 0;
	http_answer_init(&st->answer, st->line_max);
	r = http_prepare(st->http, &st->answer, st->rq, e);
	st->http->take = take;
	st->http->take_arg = st;
	if (r == 0 && curl_multi_add_handle(s->multi, st->http->curl) != CURLM_OK)
		r = err_set(e, -ENOMEM, "no memory for a stream");
	if (r == 0)
		*slot = st;
	else
		conclude(s, st, CURLE_OK);
	return r;
}

void http_stream_end(struct http_streams *s, struct http_stream *st)
{
	if (st->http && slot_of(s, st))
		conclude(s, st, CURLE_ABORTED_BY_CALLBACK);
}

/* How many ended. */
static int collect(struct http_streams *s)
{
	CURLMsg *m;
	int left, n = 0;

	while ((m = curl_multi_info_read(s->multi, &left))) {
		CURLcode c = m->data.result;

		for (size_t i = 0; i < HTTP_STREAMS_MAX; i++)
			if (m->msg == CURLMSG_DONE && s->going[i] &&
				s->going[i]->http->curl == m->easy_handle) {
				conclude(s, s->going[i], c);
				n++;
				break;
			}
	}
	return n;
}

void http_streams_wait(struct http_streams *s, int fd, unsigned ms)
{
	struct curl_waitfd extra = { .fd = fd, .events = CURL_WAIT_POLLIN };
	int running = 0;

	(void)curl_multi_perform(s->multi, &running);
	if (collect(s))
		return;
	(void)curl_multi_poll(
		s->multi, &extra, 1, (int)(ms < INT_MAX ? ms : INT_MAX), NULL);
	(void)curl_multi_perform(s->multi, &running);
	(void)collect(s);
}
