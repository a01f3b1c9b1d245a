// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "trigger/kubernetes_watch.h"

enum { GRACE_SECONDS = 30, IDLE_MS = 1000, PATH_CHARS = 3072 };

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

static bool stop(void *arg)
{
	return feed_ends(arg);
}

static void on_line(void *arg, const char *text, size_t len)
{
	struct kube_watch *w = arg;
	AUTO_KUBE_EVENT struct kube_event ev = { .code = 0 };
	int r = w->broken ? 0 : kube_event_decode(&ev, text, len, NULL);

	if (w->broken)
		return;
	/* What cannot be read may have been a change: look at all of it. */
	if (r < 0 || ev.what == KUBE_ERROR) {
		w->broken = true;
		w->version[0] = 0;
		return;
	}
	if (ev.what == KUBE_THERE)
		w->there(w->arg, &ev.object);
	else if (ev.what == KUBE_GONE)
		w->gone(w->arg, &ev.object);
	memcpy(w->version, ev.version, sizeof(w->version));
	w->back_off_ms = 0;
}

int kube_watch_open(struct kube_watch *w, struct kube_api *api, struct feed *f,
	struct err *e)
{
	/* Silence is no fault of a stream; keep-alives find a dead peer. */
	const struct http_config config = {
		.ca_file = api->ca_file,
		.stall_seconds = KUBE_STREAM_SECONDS + GRACE_SECONDS,
		.whole_seconds = KUBE_STREAM_SECONDS + GRACE_SECONDS,
		.stop = stop,
		.stop_arg = f,
	};

	w->api = api;
	w->stream = (struct http_stream){
		.rq = &w->rq.rq,
		.line_max = KUBE_LINE_BYTES,
		.line = on_line,
		.arg = w,
	};
	return http_new(&w->stream.http, &config, e);
}

void kube_watch_close(struct kube_watch *w, struct http_streams *all)
{
	if (all)
		http_stream_end(all, &w->stream);
	http_free(w->stream.http);
	kube_request_done(&w->rq);
}

static int take_page(
	struct kube_watch *w, const struct kube_list *l, struct err *e)
{
	for (size_t i = 0; i < json_array_size(l->items); i++) {
		struct kube_object o;
		int r = kube_list_item(&o, l, i, e);

		if (r < 0)
			return r;
		w->there(w->arg, &o);
	}
	return 0;
}

static int list(struct kube_watch *w, struct err *e)
{
	char path[PATH_CHARS], more[KUBE_CONTINUE_CHARS] = "";
	int r;

	w->begin(w->arg);
	do {
		AUTO_KUBE_LIST struct kube_list l = { .j = NULL };

		(void)snprintf(path, sizeof(path), "%s&limit=%d%s%s", w->select,
			KUBE_PAGE_OBJECTS, more[0] ? "&continue=" : "", more);
		r = kube_api_list(&l, w->api, path, w->accept_list, e);
		if (r == 0)
			r = take_page(w, &l, e);
		if (r < 0)
			return r;
		memcpy(more, l.more, sizeof(more));
		memcpy(w->version, l.version, sizeof(w->version));
	} while (more[0]);
	w->end(w->arg);
	return 0;
}

static int begin(struct kube_watch *w, struct http_streams *all, struct err *e)
{
	char path[PATH_CHARS];
	int r;

	(void)snprintf(path, sizeof(path),
		"%s&watch=1&allowWatchBookmarks=true&timeoutSeconds=%d"
		"&resourceVersion=%s",
		w->select, KUBE_STREAM_SECONDS, w->version);
	r = kube_request_get(&w->rq, w->api, path, w->accept, e);
	if (r == 0)
		r = http_stream_begin(all, &w->stream, e);
	w->going = r == 0;
	w->broken = false;
	return r;
}

static void tell(struct kube_watch *w, int r, const struct err *e)
{
	if (r == 0) {
		w->state = FEED_WAITING;
		w->text[0] = 0;
		return;
	}
	w->state = r == -EACCES || r == -ENOENT ? FEED_UNUSABLE : FEED_AWAY;
	(void)snprintf(w->text, sizeof(w->text), "%.16s: %.90s", w->name, e->msg);
}

static void wait_longer(struct kube_watch *w)
{
	w->back_off_ms =
		w->back_off_ms ? w->back_off_ms * 2 : KUBE_BACK_OFF_FIRST_MS;
	if (w->back_off_ms > KUBE_BACK_OFF_MS)
		w->back_off_ms = KUBE_BACK_OFF_MS;
	w->due_ms = now_ms() + w->back_off_ms;
}

/* A stream that ended in order is no failure, but is not begun at once. */
static void judge_end(struct kube_watch *w)
{
	struct err e = w->stream.why;
	int r = w->stream.r;

	w->going = false;
	kube_request_done(&w->rq);
	if (r == 0)
		r = kube_status(w->stream.status, &e);
	/* An answer that was cut short lost nothing: it goes on after the
	 * version that was seen last. */
	if (r == -ESTALE || r == -EMSGSIZE)
		w->version[0] = 0;
	if (r < 0 && r != -ESTALE)
		tell(w, r, &e);
	if (r == 0)
		w->back_off_ms = 0;
	wait_longer(w);
}

unsigned kube_watch_step(struct kube_watch *w, struct http_streams *all)
{
	struct err e = { 0 };
	uint64_t now = now_ms();
	int r = 0;

	if (w->going && w->broken)
		http_stream_end(all, &w->stream);
	if (w->going && w->stream.over && w->broken) {
		w->going = false;
		wait_longer(w);
	} else if (w->going && w->stream.over) {
		judge_end(w);
	}
	if (w->going)
		return IDLE_MS;
	if (now < w->due_ms)
		return (unsigned)(w->due_ms - now);
	if (!w->version[0])
		r = list(w, &e);
	if (r < 0)
		w->version[0] = 0;
	if (r == 0)
		r = begin(w, all, &e);
	tell(w, r, &e);
	if (r < 0)
		wait_longer(w);
	return r < 0 ? w->back_off_ms : IDLE_MS;
}
