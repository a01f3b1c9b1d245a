/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from records to the sink: writers fill segments, uploaders put
 * them, and the ledger signs what was acknowledged.  Memory is bounded by the
 * number of segment buffers; when all are in use, writers wait.
 */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "evidence/age.h"
#include "icecore/v1/manifest.pb-c.h"

struct buf;
struct courier;
struct err;
struct stream;
struct writer;

enum {
	STREAM_BUFFERS_MIN = 2,
	STREAM_BUFFERS_MAX = 64,
	STREAM_UPLOADERS_MAX = 16,
	/* Fast while the sink keeps up, dense when a writer waited for it. */
	STREAM_LEVEL_AUTO = 1000,
	STREAM_LEVEL_MIN = -7,
	STREAM_LEVEL_MAX = 19,
	STREAM_MANIFEST_SECONDS = 10,
	STREAM_MANIFEST_SECONDS_MAX = 3600,
};

/*
 * Who gives time stamps.  ask(arg, token, request, signature): get the
 * TimeStampToken for ${signature} by the TimeStampReq ${request}, in bounded
 * time.  When there is none it says so to the user itself, and returns a
 * negative errno; the manifest then keeps the request.
 */
struct stream_tsa {
	int (*ask)(void *arg, struct buf *token, const struct buf *request,
		const uint8_t *signature); /* NULL = nobody */
	void *arg;
};

/* Borrowed by the stream while it is open. */
struct stream_config {
	const struct age_recipient *recipients;
	size_t recipients_n;
	struct courier *courier;
	const char *capture_id;
	unsigned buffers; /* segments in memory, SEGMENT_BYTES each */
	unsigned uploaders; /* puts at a time */
	int level; /* of zstd, or STREAM_LEVEL_AUTO */
	uint64_t manifest_ns;
	struct stream_tsa tsa; /* of the first and of the final manifest */
};

/*
 * stream_open(ret, config, beginning, e):
 * Begin a capture: put manifest 0, which carries ${beginning}, and start the
 * uploaders.  Free with stream_free().
 */
int stream_open(struct stream **ret, const struct stream_config *config,
	const Icecore__V1__Beginning *beginning, struct err *e) MUST_CHECK;

/*
 * stream_writer(ret, s, e):
 * A writer for the thread that will use it.  Close it, or the stream waits
 * for its segment, with writer_close() of stream/writer.h.
 */
int stream_writer(struct writer **ret, struct stream *s, struct err *e) MUST_CHECK;

/*
 * stream_finish(s, outcome, reason, e):
 * When all writers are closed: wait until all segments are put and put the
 * final manifest.  An error of an earlier put is returned here again; the final
 * manifest is then tried with the outcome FAILED, so that what was
 * acknowledged before is signed for.
 */
int stream_finish(struct stream *s, Icecore__V1__Outcome outcome,
	const char *reason, struct err *e) MUST_CHECK;

/*
 * stream_free(s):
 * Stop, without a final manifest if stream_finish() was not called.
 */
void stream_free(struct stream *s);

/* What was acknowledged by the sink, and listed or about to be listed. */
struct stream_stats {
	uint64_t segments;
	uint64_t records;
	uint64_t sealed_bytes;
	uint64_t plain_bytes;
	uint64_t memory_bytes; /* known pages */
	uint64_t memory_gap_bytes;
	uint64_t memory_doubtful_bytes;
	uint64_t gaps; /* Gap records */
	uint64_t written_bytes; /* memory in records, acknowledged or not */
};

void stream_stats(struct stream *s, struct stream_stats *ret);

/*
 * stream_public_key(s, ret):
 * The public half of the key that signs this capture, MANIFEST_KEY_BYTES.
 */
void stream_public_key(const struct stream *s, uint8_t *ret);

#endif
