/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that reports progress until it is stopped. */
#ifndef CAPTURE_TICKER_H
#define CAPTURE_TICKER_H

#include "capture/capture.h"

struct stream;
struct ticker;

/*
 * ticker_start(stream, progress, memory_total_bytes):
 * Call ${progress} a few times a second with the figures of ${stream}.  NULL
 * when ${progress} is NULL or there is no thread to be had: a capture goes on
 * without.  Stop it with ticker_stop(), before the stream is freed.
 */
struct ticker *ticker_start(struct stream *stream,
	void (*progress)(const struct capture_progress *p),
	uint64_t memory_total_bytes);
void ticker_stop(struct ticker *t);

#endif
