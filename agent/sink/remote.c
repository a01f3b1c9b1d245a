// SPDX-License-Identifier: Apache-2.0
/*
 * Objects in a store: one conditional request each, over connections that are
 * kept open.
 */
#include <errno.h>
#include <pthread.h>

#include "base/err.h"
#include "cloud/answer.h"
#include "sink/sink_internal.h"

struct remote {
	struct sink sink;
	struct store *store;
	char place[3 * (SINK_NAME_MAX + 1) + 1]; /* "case/host/capture/" */
	pthread_mutex_t lock;
	struct http *idle[SINK_CONNECTIONS_MAX];
	size_t idle_n;
};

static void remote_close(struct sink *s)
{
	struct remote *m = (struct remote *)s;

	while (m->idle_n)
		http_free(m->idle[--m->idle_n]);
	store_close(m->store);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static int remote_open(struct sink **ret, const char *url,
	const struct sink_place *place, const struct store_config *config,
	struct err *e)
{
	struct remote *m = calloc(1, sizeof(*m));
	size_t n = strlen(url);
	int r;

	if (!m)
		return err_set(e, -ENOMEM, "no memory for a sink");
	m->sink.ops = &sink_remote;
	pthread_mutex_init(&m->lock, NULL);
	(void)snprintf(m->place, sizeof(m->place), "%.128s/%.128s/%.128s/",
		place->case_name, place->host, place->capture);
	while (n && url[n - 1] == '/')
		n--;
	r = store_open(&m->store, url, config, e);
	if (r < 0) {
		remote_close(&m->sink);
		return err_wrap(e, r, "destination");
	}
	(void)snprintf(m->sink.location, sizeof(m->sink.location), "%.*s/%.*s",
		(int)n, url, (int)strlen(m->place) - 1, m->place);
	*ret = &m->sink;
	return 0;
}

static int take_connection(struct remote *m, struct http **ret, struct err *e)
{
	struct http *h = NULL;

	pthread_mutex_lock(&m->lock);
	if (m->idle_n)
		h = m->idle[--m->idle_n];
	pthread_mutex_unlock(&m->lock);
	if (!h)
		return store_connect(ret, m->store, e);
	*ret = h;
	return 0;
}

static void give_connection(struct remote *m, struct http *h)
{
	pthread_mutex_lock(&m->lock);
	if (m->idle_n < SINK_CONNECTIONS_MAX)
		m->idle[m->idle_n++] = TAKE_PTR(h);
	pthread_mutex_unlock(&m->lock);
	http_free(h);
}

static int remote_put(struct sink *s, const struct sink_object *o,
	struct sink_try *t, struct err *e)
{
	struct remote *m = (struct remote *)s;
	char key[STORE_KEY_CHARS];
	struct store_object object = {
		.key = key, .data = o->data, .len = o->len, .sha256 = o->sha256
	};
	struct store_trace trace = { 0 };
	AUTO_ANSWER struct http_answer a;
	struct http *h = NULL;
	int r;

	(void)snprintf(key, sizeof(key), "%s%.128s", m->place, o->name);
	http_answer_init(&a, ANSWER_BYTES);
	r = take_connection(m, &h, e);
	if (r < 0)
		return r;
	r = store_do(m->store, h, &a, STORE_PUT, &object, &trace, e);
	give_connection(m, h);
	t->ticket = trace.ticket;
	t->retry_after_seconds = trace.retry_after_seconds;
	/* Sent, but not refused: it may be stored.  Of several copies that
	 * went out over dying connections, all but the last may be. */
	if (a.copies > 1 || (a.copies && r == -EAGAIN))
		t->maybe_there = true;
	return r;
}

static int remote_renew(struct sink *s, const struct sink_try *t, struct err *e)
{
	return store_renew(((struct remote *)s)->store, t->ticket, e);
}

const struct sink_ops sink_remote = {
	.open = remote_open,
	.put = remote_put,
	.renew = remote_renew,
	.close = remote_close,
	.uploads = 4,
};
