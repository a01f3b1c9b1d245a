// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "bench/bench_data.h"
#include "bench/bench_pipeline.h"
#include "collect/extent.h"
#include "memory/source.h"
#include "sink/sink_internal.h"
#include "stream/courier.h"
#include "stream/stream.h"

enum {
	CHUNK_BYTES = 16 << 20, /* as the sweep shares memory out */
	WORKERS_MAX = 4,
	BUFFERS_PER_WORKER = 2,
};

struct job {
	const struct bench_data *data;
	atomic_size_t next;
};

struct worker {
	struct job *job;
	struct extents out;
	uint8_t *batch;
	pthread_t thread;
	int result;
	struct err why;
};

static int forget(struct sink *s, const struct sink_object *object,
	struct sink_try *t, struct err *e)
{
	(void)t;
	(void)s;
	(void)object;
	(void)e;
	return 0;
}

static const struct sink_ops forgets = { .put = forget, .uploads = 1 };

static int send_batch(struct worker *w, size_t at, size_t len)
{
	static const uint8_t status[SOURCE_BATCH_PAGES] = {
		[0 ... SOURCE_BATCH_PAGES - 1] = PAGE_DATA
	};
	struct source_batch batch = {
		.data = w->batch,
		.status = status,
		.pages = len / SOURCE_PAGE_BYTES,
		.start_ns = clock_ns(CLOCK_MONOTONIC),
	};

	memcpy(w->batch, w->job->data->p + at, len);
	batch.end_ns = clock_ns(CLOCK_MONOTONIC);
	return extents_put(&w->out, SOURCE_BPF, &batch, at, len, &w->why);
}

static void *run(void *arg)
{
	struct worker *w = arg;
	size_t all = w->job->data->bytes, at;

	while ((at = atomic_fetch_add(&w->job->next, CHUNK_BYTES)) < all) {
		size_t end = at + CHUNK_BYTES < all ? at + CHUNK_BYTES : all;

		for (; w->result == 0 && at < end; at += SOURCE_BATCH_BYTES) {
			size_t left = end - at;

			w->result = send_batch(w, at,
				left < SOURCE_BATCH_BYTES ? left
							  : SOURCE_BATCH_BYTES);
		}
	}
	return NULL;
}

static int run_workers(
	struct stream *s, struct job *job, unsigned n, struct err *e)
{
	struct worker workers[WORKERS_MAX] = { 0 };
	int r = 0;

	for (unsigned i = 0; r == 0 && i < n; i++) {
		struct worker *w = &workers[i];

		w->job = job;
		w->batch = aligned_alloc(SOURCE_PAGE_BYTES, SOURCE_BATCH_BYTES);
		r = w->batch ? stream_writer(&w->out.w, s, e) : -ENOMEM;
		if (r == 0)
			r = -pthread_create(&w->thread, NULL, run, w);
	}
	for (unsigned i = 0; i < n; i++) {
		struct worker *w = &workers[i];
		struct err closing = { 0 };

		if (w->thread)
			(void)pthread_join(w->thread, NULL);
		if (w->result < 0)
			r = err_set(e, w->result, "%s", w->why.msg);
		if (w->out.w && writer_close(w->out.w, &closing) < 0 && r == 0)
			r = err_set(e, -EIO, "%s", closing.msg);
		free(w->batch);
	}
	return r;
}

int bench_pipeline(double *ret, const struct bench_data *d, unsigned workers,
	int level, struct err *e)
{
	Icecore__V1__Beginning beginning = ICECORE__V1__BEGINNING__INIT;
	struct sink sink = { .ops = &forgets, .location = "nothing" };
	struct job job = { .data = d };
	struct age_identity id = { 0 };
	struct stream_config config = {
		.recipients = &id.recipient,
		.recipients_n = 1,
		.capture_id = "bench",
		.buffers = workers * BUFFERS_PER_WORKER,
		.uploaders = 1,
		.level = level,
		.manifest_ns = STREAM_MANIFEST_SECONDS * 1000000000ULL,
	};
	struct courier_config courier = { .sink = &sink,
		.patience_ns = COURIER_FOREVER };
	struct stream *s = NULL;
	uint64_t start;
	int r = age_identity_new(&id, e);

	if (r == 0)
		r = courier_new(&config.courier, &courier, e);
	start = clock_ns(CLOCK_MONOTONIC);
	if (r == 0)
		r = stream_open(&s, &config, &beginning, e);
	if (r == 0)
		r = run_workers(s, &job, workers, e);
	if (r == 0)
		r = stream_finish(
			s, ICECORE__V1__OUTCOME__OUTCOME_COMPLETE, "", e);
	*ret = (double)(clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
	stream_free(s);
	courier_free(config.courier);
	age_identity_done(&id);
	return r;
}
