/* SPDX-License-Identifier: Apache-2.0 */
/* What writers and uploaders share: buffers, and the queue between them. */
#ifndef STREAM_STREAM_INTERNAL_H
#define STREAM_STREAM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "stream/ledger.h"
#include "stream/stream.h"

/* A segment on its way: free, being filled, waiting, being put. */
struct segment_buffer {
	uint8_t *data; /* SEGMENT_BYTES, page aligned */
	size_t len;
	Icecore__V1__SegmentEntry *entry; /* of a segment that waits */
	struct segment_buffer *next; /* in the free list or the queue */
};

struct stream {
	struct stream_config config;
	struct ledger *ledger;
	pthread_mutex_t lock;
	pthread_cond_t freed; /* a buffer came back, or the stream failed */
	pthread_cond_t queued; /* a segment waits, or it is time to stop */
	struct segment_buffer buffers[STREAM_BUFFERS_MAX];
	struct segment_buffer *free;
	struct segment_buffer *head, **tail; /* the queue */
	unsigned next_number;
	bool stopping;
	int failed; /* the first error of a put, and what it was */
	struct err why;
	pthread_t uploaders[STREAM_UPLOADERS_MAX];
	unsigned uploaders_n;
	atomic_uint_fast64_t written_bytes;
};

/*
 * stream_take(s, ret, ret_number, ret_level, e):
 * Wait for a free buffer; with it comes the number of the segment and the
 * level to compress it at.
 */
int stream_take(struct stream *s, struct segment_buffer **ret,
	unsigned *ret_number, int *ret_level, struct err *e) MUST_CHECK;

/*
 * stream_failure(s, e):
 * The first error of a put, or 0 when there was none up to now.
 */
int stream_failure(struct stream *s, struct err *e) MUST_CHECK;

/*
 * stream_give(s, b):
 * Queue ${b} for the uploaders, or put it back unused if it has no entry.
 */
void stream_give(struct stream *s, struct segment_buffer *b);

#endif
