// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "trigger/kind.h"
#include "watch/sources.h"

struct running {
	struct watch_source source;
	struct feed *feed;
	pthread_t thread;
};

struct watch_sources {
	struct bell *bell;
	struct running v[BELL_FEEDS_MAX];
	size_t n;
	bool stopped;
};

static void *run(void *arg)
{
	struct running *w = arg;
	struct err why = { 0 };

	if (w->source.kind->run(w->source.settings, w->feed, &why) < 0)
		feed_tell(w->feed, FEED_UNUSABLE, "%s", why.msg);
	return NULL;
}

/* Signals are for the thread that waits. */
static int start(struct running *w, struct err *e)
{
	sigset_t all, before;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	r = pthread_create(&w->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? err_set(e, -r, "no thread for the triggers of %s",
			   w->source.kind->name)
		 : 0;
}

int watch_sources_start(struct watch_sources **ret, struct bell *bell,
	const struct watch_source *sources, size_t n, struct err *e)
{
	struct watch_sources *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for trigger sources");
	s->bell = bell;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct running *w = &s->v[i];

		w->source = sources[i];
		r = bell_feed(&w->feed, bell, w->source.kind->name, e);
		if (r == 0)
			r = start(w, e);
		if (r == 0)
			s->n++;
	}
	if (r < 0) {
		watch_sources_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void watch_sources_stop(struct watch_sources *s)
{
	if (!s || s->stopped)
		return;
	bell_end(s->bell);
	for (size_t i = 0; i < s->n; i++)
		(void)pthread_join(s->v[i].thread, NULL);
	s->stopped = true;
}

void watch_sources_free(struct watch_sources *s)
{
	watch_sources_stop(s);
	free(s);
}

const struct watch_source *watch_sources_of(
	const struct watch_sources *s, const struct feed *feed)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].feed == feed)
			return &s->v[i].source;
	return NULL;
}

struct feed *watch_sources_find(const struct watch_sources *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].source.kind->name, name) == 0)
			return s->v[i].feed;
	return NULL;
}
