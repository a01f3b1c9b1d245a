// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "evidence/segment.h"
#include "stream/courier.h"
#include "stream/stream_internal.h"

static void fail(struct stream *s, int code, const struct err *why)
{
	if (s->failed)
		return;
	s->failed = code;
	s->why = *why;
	pthread_cond_broadcast(&s->freed);
}

int stream_failure(struct stream *s, struct err *e)
{
	int r;

	pthread_mutex_lock(&s->lock);
	r = s->failed ? err_set(e, s->failed, "%s", s->why.msg) : 0;
	pthread_mutex_unlock(&s->lock);
	return r;
}

int stream_take(struct stream *s, struct segment_buffer **ret,
	unsigned *ret_number, int *ret_level, struct err *e)
{
	bool waited;
	int r = 0;

	pthread_mutex_lock(&s->lock);
	waited = !s->free;
	while (!s->free && !s->failed)
		pthread_cond_wait(&s->freed, &s->lock);
	if (s->failed) {
		r = err_set(e, s->failed, "%s", s->why.msg);
	} else if (s->next_number > SEGMENT_NUMBER_MAX) {
		r = err_set(
			e, -E2BIG, "more than %d segments", SEGMENT_NUMBER_MAX);
	} else {
		*ret = s->free;
		s->free = s->free->next;
		*ret_number = s->next_number++;
		*ret_level = s->config.level;
		if (*ret_level == STREAM_LEVEL_AUTO)
			*ret_level = waited ? SEGMENT_LEVEL_DENSE
					    : SEGMENT_LEVEL_FAST;
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

static void put_back(struct stream *s, struct segment_buffer *b)
{
	b->next = s->free;
	s->free = b;
	pthread_cond_signal(&s->freed);
}

void stream_give(struct stream *s, struct segment_buffer *b)
{
	pthread_mutex_lock(&s->lock);
	if (b->entry) {
		b->next = NULL;
		*s->tail = b;
		s->tail = &b->next;
		pthread_cond_signal(&s->queued);
	} else {
		put_back(s, b);
	}
	pthread_mutex_unlock(&s->lock);
}

/*
 * The next segment, or NULL when it is time to stop.  While it waits, a
 * manifest that falls due is put.  Called and left with the lock held.
 */
static struct segment_buffer *next_segment(struct stream *s)
{
	struct segment_buffer *b;

	while (!s->head && !s->stopping) {
		uint64_t due = ledger_due_ns(s->ledger);
		struct timespec until = clock_timespec(due);
		struct err e = { 0 };
		int r;

		if (due == UINT64_MAX || s->failed) {
			pthread_cond_wait(&s->queued, &s->lock);
			continue;
		}
		if (pthread_cond_timedwait(&s->queued, &s->lock, &until) !=
			ETIMEDOUT)
			continue;
		pthread_mutex_unlock(&s->lock);
		r = ledger_tick(s->ledger, &e);
		pthread_mutex_lock(&s->lock);
		if (r < 0)
			fail(s, r, &e);
	}
	b = s->head;
	if (!b)
		return NULL;
	s->head = b->next;
	if (!s->head)
		s->tail = &s->head;
	return b;
}

static int put(struct stream *s, const struct segment_buffer *b, struct err *e)
{
	const struct sink_object o = { .name = b->entry->name,
		.data = b->data,
		.len = b->len,
		.sha256 = b->entry->sha256.data,
		.padded = true };

	return courier_put(s->config.courier, &o, e);
}

/* Once a put failed nothing more is put: the chain ends where it is whole. */
static void *upload(void *arg)
{
	struct stream *s = arg;
	struct segment_buffer *b;

	pthread_mutex_lock(&s->lock);
	while ((b = next_segment(s))) {
		struct err e = { 0 };
		int r = s->failed;

		pthread_mutex_unlock(&s->lock);
		if (!r)
			r = put(s, b, &e);
		if (r == 0)
			r = ledger_add(s->ledger, TAKE_PTR(b->entry), &e);
		if (b->entry)
			icecore__v1__segment_entry__free_unpacked(b->entry, NULL);
		b->entry = NULL;
		pthread_mutex_lock(&s->lock);
		if (r < 0)
			fail(s, r, &e);
		put_back(s, b);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int make_buffers(struct stream *s, struct err *e)
{
	for (unsigned i = 0; i < s->config.buffers; i++) {
		struct segment_buffer *b = &s->buffers[i];
		void *p = mmap(NULL, SEGMENT_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return err_sys(e, "segment buffer");
		b->data = p;
		b->next = s->free;
		s->free = b;
	}
	return 0;
}

static void init_locks(struct stream *s)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->freed, &attr);
	pthread_cond_init(&s->queued, &attr);
	pthread_condattr_destroy(&attr);
}

static int start_uploaders(struct stream *s, struct err *e)
{
	while (s->uploaders_n < s->config.uploaders) {
		int r = pthread_create(
			&s->uploaders[s->uploaders_n], NULL, upload, s);

		if (r)
			return err_set(e, -r, "uploader thread: %s",
				strerrordesc_np(r));
		s->uploaders_n++;
	}
	return 0;
}

int stream_open(struct stream **ret, const struct stream_config *config,
	const Icecore__V1__Beginning *beginning, struct err *e)
{
	struct stream *s;
	int r;

	if (config->buffers < STREAM_BUFFERS_MIN ||
		config->buffers > STREAM_BUFFERS_MAX || !config->uploaders ||
		config->uploaders > STREAM_UPLOADERS_MAX)
		return err_set(e, -EINVAL, "%u buffers, %u uploaders",
			config->buffers, config->uploaders);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory for a stream");
	s->config = *config;
	s->tail = &s->head;
	init_locks(s);
	r = make_buffers(s, e);
	if (r == 0)
		r = ledger_open(&s->ledger, &s->config, beginning, e);
	if (r == 0)
		r = start_uploaders(s, e);
	if (r < 0) {
		stream_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

/* Let the uploaders empty the queue and end. */
static void stop_uploaders(struct stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->queued);
	pthread_mutex_unlock(&s->lock);
	while (s->uploaders_n)
		pthread_join(s->uploaders[--s->uploaders_n], NULL);
}

int stream_finish(struct stream *s, Icecore__V1__Outcome outcome,
	const char *reason, struct err *e)
{
	stop_uploaders(s);
	if (s->failed) {
		/* What was acknowledged gets its signature all the same. */
		struct err again;

		(void)!ledger_end(s->ledger,
			ICECORE__V1__OUTCOME__OUTCOME_FAILED, s->why.msg, &again);
		return err_set(e, s->failed, "%s", s->why.msg);
	}
	return ledger_end(s->ledger, outcome, reason, e);
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	stop_uploaders(s);
	ledger_free(s->ledger);
	for (unsigned i = 0; i < s->config.buffers; i++)
		if (s->buffers[i].data)
			(void)munmap(s->buffers[i].data, SEGMENT_BYTES);
	pthread_cond_destroy(&s->freed);
	pthread_cond_destroy(&s->queued);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void stream_stats(struct stream *s, struct stream_stats *ret)
{
	ret->written_bytes = s->written_bytes;
	ledger_stats(s->ledger, ret);
}

void stream_public_key(const struct stream *s, uint8_t *ret)
{
	ledger_public_key(s->ledger, ret);
}
