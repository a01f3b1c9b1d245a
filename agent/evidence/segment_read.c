// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "base/err.h"
#include "evidence/segment.h"

enum {
	PLAIN_BYTES = 256 << 10, /* what zstd writes at a time */
	HELD_BYTES = RECORD_MAX_BYTES + RECORD_LENGTH_MAX_BYTES,
};

struct reading {
	struct age_opener *age;
	ZSTD_DCtx *zstd;
	uint8_t chunk[AGE_CHUNK_BYTES];
	uint8_t plain[PLAIN_BYTES];
	uint8_t *held; /* a record that is not whole yet */
	size_t held_len;
	uint64_t total;
	bool frame_ended;
	segment_record_fn *fn;
	void *arg;
};

static void reading_freep(struct reading **p)
{
	struct reading *rd = *p;

	if (!rd)
		return;
	age_opener_free(rd->age);
	ZSTD_freeDCtx(rd->zstd);
	free(rd->held);
	free(rd);
}

/* Hand out the whole records at ${buf}; return how many bytes they were. */
static ssize_t split(
	struct reading *rd, const uint8_t *buf, size_t len, struct err *e)
{
	size_t at = 0, n = 0;

	for (;;) {
		int k = record_length(&n, buf + at, len - at);
		int r;

		if (k < 0)
			return err_set(e, k, "record of an impossible length");
		if (k == 0 || len - at - (size_t)k < n)
			return (ssize_t)at;
		r = rd->fn(rd->arg, buf + at + k, n, e);
		if (r < 0)
			return r;
		at += (size_t)k + n;
	}
}

/* Records that end in this piece; what is left over waits in held. */
static int take_plain(
	struct reading *rd, const uint8_t *buf, size_t len, struct err *e)
{
	ssize_t used = 0;

	rd->total += len;
	if (rd->total > SEGMENT_PLAIN_BYTES)
		return err_set(e, -EBADMSG, "more than %d bytes of records",
			SEGMENT_PLAIN_BYTES);
	while (rd->held_len && len) {
		size_t n = HELD_BYTES - rd->held_len;

		n = n > len ? len : n;
		memcpy(rd->held + rd->held_len, buf, n);
		rd->held_len += n;
		buf += n;
		len -= n;
		used = split(rd, rd->held, rd->held_len, e);
		if (used < 0)
			return (int)used;
		rd->held_len -= (size_t)used;
		memmove(rd->held, rd->held + used, rd->held_len);
	}
	if (rd->held_len || !len)
		return 0;
	used = split(rd, buf, len, e);
	if (used < 0)
		return (int)used;
	rd->held_len = len - (size_t)used;
	memcpy(rd->held, buf + used, rd->held_len);
	return 0;
}

static int inflate_chunk(struct reading *rd, size_t len, struct err *e)
{
	ZSTD_inBuffer in = { rd->chunk, len, 0 };
	ZSTD_outBuffer out;

	do {
		size_t left;
		int r;

		if (rd->frame_ended && in.pos < in.size)
			return err_set(e, -EBADMSG, "bytes behind the frame");
		out = (ZSTD_outBuffer){ rd->plain, sizeof(rd->plain), 0 };
		left = ZSTD_decompressStream(rd->zstd, &out, &in);
		if (ZSTD_isError(left))
			return err_set(e, -EBADMSG, "zstd: %s",
				ZSTD_getErrorName(left));
		rd->frame_ended = left == 0;
		r = take_plain(rd, rd->plain, out.pos, e);
		if (r < 0)
			return r;
	} while (in.pos < in.size || (out.pos == out.size && !rd->frame_ended));
	return 0;
}

static int read_chunks(
	struct reading *rd, const uint8_t *sealed, size_t len, struct err *e)
{
	size_t at = 0;

	do {
		size_t n = len - at;
		int last = n <= AGE_SEALED_CHUNK_BYTES;
		int r;

		n = last ? n : AGE_SEALED_CHUNK_BYTES;
		r = age_opener_chunk(rd->age, rd->chunk, sealed + at, n, last, e);
		if (r < 0)
			return r;
		r = inflate_chunk(rd, (size_t)r, e);
		if (r < 0)
			return r;
		at += n;
	} while (at < len);
	if (!rd->frame_ended)
		return err_set(e, -EBADMSG, "the zstd frame is cut off");
	if (rd->held_len)
		return err_set(e, -EBADMSG, "the last record is cut off");
	return 0;
}

int segment_read(const uint8_t *sealed, size_t len,
	const struct age_identity *ids, size_t n, segment_record_fn *fn,
	void *arg, struct err *e)
{
	CLEANUP(reading_freep)
	struct reading *rd = calloc(1, sizeof(*rd));
	size_t header = 0;
	int r;

	if (!rd)
		return err_set(e, -ENOMEM, "no memory to read a segment");
	rd->fn = fn;
	rd->arg = arg;
	rd->held = malloc(HELD_BYTES);
	rd->zstd = ZSTD_createDCtx();
	if (!rd->held || !rd->zstd ||
		ZSTD_isError(ZSTD_DCtx_setParameter(rd->zstd,
			ZSTD_d_windowLogMax, SEGMENT_READ_WINDOW_LOG)))
		return err_set(e, -ENOMEM, "no memory to read a segment");
	r = age_opener_new(&rd->age, &header, ids, n, sealed, len, e);
	if (r < 0)
		return r;
	return read_chunks(rd, sealed + header, len - header, e);
}
