// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "collect/sources.h"

struct sources {
	pthread_mutex_t lock;
	const struct source_config *config;
	bool fixed; /* one kind, no fall-back */
	bool exhausted; /* no other opens: do not try again */
	struct source *open[SOURCE_KINDS];
	unsigned n;
	struct source_ladder ladder;
};

/* Open the next source of the ladder, behind the last that is open. */
static int open_next(struct sources *ss, struct err *e)
{
	int after = ss->n ? source_kind(ss->open[ss->n - 1]) : 0;
	struct source_ladder more = { 0 };
	int r;

	if (ss->exhausted || (ss->fixed && ss->n))
		return err_set(e, -ENODEV, "no other source to fall back to");
	r = source_open_auto(&ss->open[ss->n], &more, after, ss->config, e);
	for (size_t i = 0; i < more.n && ss->ladder.n < SOURCE_KINDS; i++)
		if (more.steps[i].result != 1)
			ss->ladder.steps[ss->ladder.n++] = more.steps[i];
	if (r < 0) {
		ss->exhausted = true;
		return -ENODEV;
	}
	ss->n++;
	ss->exhausted = ss->n == SOURCE_KINDS;
	return 0;
}

static int open_fixed(struct sources *ss, int kind, struct err *e)
{
	int r = source_open(&ss->open[0], kind, ss->config, e);

	if (r < 0)
		return err_wrap(e, r, "source %s", source_kind_name(kind));
	ss->n = 1;
	ss->ladder.steps[ss->ladder.n++] = (struct source_step){ .kind = kind };
	return 0;
}

int sources_open(struct sources **ret, int kind,
	const struct source_config *config, struct err *e)
{
	struct sources *ss = calloc(1, sizeof(*ss));
	int r;

	if (!ss)
		return err_set(e, -ENOMEM, "no memory for sources");
	pthread_mutex_init(&ss->lock, NULL);
	ss->config = config;
	ss->fixed = kind != 0;
	r = kind ? open_fixed(ss, kind, e) : open_next(ss, e);
	if (r < 0) {
		sources_close(ss);
		return r;
	}
	*ret = ss;
	return 0;
}

int sources_restore(struct sources *ss, struct err *e)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < ss->n; i++)
		r = source_restore(ss->open[i], e);
	return r;
}

void sources_close(struct sources *ss)
{
	if (!ss)
		return;
	for (unsigned i = 0; i < ss->n; i++)
		source_close(ss->open[i]);
	pthread_mutex_destroy(&ss->lock);
	free(ss);
}

int sources_get(
	struct sources *ss, unsigned i, struct source **ret, struct err *e)
{
	int r = 0;

	pthread_mutex_lock(&ss->lock);
	while (r == 0 && ss->n <= i)
		r = open_next(ss, e);
	if (r == 0)
		*ret = ss->open[i];
	pthread_mutex_unlock(&ss->lock);
	return r;
}

const struct source_ladder *sources_ladder(const struct sources *ss)
{
	return &ss->ladder;
}
