// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "bench/bench_data.h"
#include "bench/bench_stage.h"
#include "evidence/segment_internal.h"
#include "memory/source.h"

enum { FRAME_BYTES = 16 << 20 }; /* of memory in one segment, about */

struct bench_stage {
	const struct bench_data *data;
	struct age_sealer *age;
	struct hash *hash;
	ZSTD_CCtx *zstd;
	uint8_t *batch;
	uint8_t *packed; /* chunks of AGE_CHUNK_BYTES, with room for a tag */
	size_t packed_max;
	size_t chunks;
	size_t last; /* bytes of the last chunk */
	size_t zero_pages;
};

static double seconds_since(uint64_t start)
{
	return (double)(clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
}

int bench_stage_new(
	struct bench_stage **ret, const struct bench_data *d, struct err *e)
{
	struct bench_stage *st = calloc(1, sizeof(*st));
	struct age_identity id = { 0 };
	int r;

	if (!st)
		return err_set(e, -ENOMEM, "no memory for stages");
	st->data = d;
	st->packed_max = d->bytes + d->bytes / 16 + (1 << 20);
	st->packed = mmap(NULL, st->packed_max, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	st->batch = aligned_alloc(SOURCE_PAGE_BYTES, SOURCE_BATCH_BYTES);
	st->zstd = ZSTD_createCCtx();
	r = age_identity_new(&id, e);
	if (r == 0)
		r = age_sealer_new(&st->age, &id.recipient, 1, e);
	if (r == 0)
		r = hash_new(&st->hash, e);
	if (st->packed == MAP_FAILED || !st->batch || !st->zstd)
		r = err_set(e, -ENOMEM, "no memory for stages");
	age_identity_done(&id);
	if (r < 0) {
		bench_stage_free(st);
		return r;
	}
	*ret = st;
	return 0;
}

void bench_stage_free(struct bench_stage *st)
{
	if (!st)
		return;
	if (st->packed && st->packed != MAP_FAILED)
		(void)munmap(st->packed, st->packed_max);
	free(st->batch);
	ZSTD_freeCCtx(st->zstd);
	age_sealer_free(st->age);
	hash_free(st->hash);
	free(st);
}

const struct bench_data *bench_stage_data(const struct bench_stage *st)
{
	return st->data;
}

size_t bench_stage_packed(const struct bench_stage *st)
{
	return st->chunks ? (st->chunks - 1) * AGE_CHUNK_BYTES + st->last : 0;
}

double bench_stage_copy(struct bench_stage *st)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);

	for (size_t at = 0; at < st->data->bytes; at += SOURCE_BATCH_BYTES) {
		memcpy(st->batch, st->data->p + at, SOURCE_BATCH_BYTES);
		/* The copy is for somebody. */
		__asm__ volatile("" ::"r"(st->batch) : "memory");
	}
	return seconds_since(start);
}

double bench_stage_scan(struct bench_stage *st)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	size_t zeros = 0;

	for (size_t at = 0; at < st->data->bytes; at += SOURCE_PAGE_BYTES)
		zeros += bytes_are_zero(st->data->p + at, SOURCE_PAGE_BYTES);
	st->zero_pages = zeros;
	return seconds_since(start);
}

/* As compress() of segment.c, without sealing. */
static int pack(struct bench_stage *st, const void *buf, size_t len,
	ZSTD_EndDirective mode, struct err *e)
{
	ZSTD_inBuffer in = { buf, len, 0 };
	size_t left;

	do {
		uint8_t *to =
			st->packed + (st->chunks - 1) * AGE_SEALED_CHUNK_BYTES;
		ZSTD_outBuffer out = { to, AGE_CHUNK_BYTES, st->last };

		if (to + AGE_SEALED_CHUNK_BYTES > st->packed + st->packed_max)
			return err_set(e, -ENOSPC, "more than was put in");
		left = ZSTD_compressStream2(st->zstd, &out, &in, mode);
		if (ZSTD_isError(left))
			return err_set(
				e, -EIO, "zstd: %s", ZSTD_getErrorName(left));
		st->last = out.pos;
		if (out.pos == out.size) {
			st->chunks++;
			st->last = 0;
		}
	} while (mode == ZSTD_e_end ? left : in.pos < in.size);
	return 0;
}

/* The pages of [at, at + FRAME_BYTES), neighbours in one go. */
static int pack_frame(struct bench_stage *st, size_t at, struct err *e)
{
	const uint8_t *p = st->data->p;
	size_t end = at + FRAME_BYTES;
	int r = 0;

	end = end < st->data->bytes ? end : st->data->bytes;
	while (r == 0 && at < end) {
		size_t stop = at + SOURCE_BATCH_BYTES, from = at;

		stop = stop < end ? stop : end;
		while (at < stop && !bytes_are_zero(p + at, SOURCE_PAGE_BYTES))
			at += SOURCE_PAGE_BYTES;
		if (at > from)
			r = pack(st, p + from, at - from, ZSTD_e_continue, e);
		else
			at += SOURCE_PAGE_BYTES;
	}
	return r < 0 ? r : pack(st, NULL, 0, ZSTD_e_end, e);
}

int bench_stage_zstd(
	struct bench_stage *st, double *ret, int level, struct err *e)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	int r = 0;

	st->chunks = 1;
	st->last = 0;
	for (size_t at = 0; r == 0 && at < st->data->bytes; at += FRAME_BYTES) {
		r = segment_zstd_set(st->zstd, level, e);
		if (r == 0)
			r = pack_frame(st, at, e);
	}
	*ret = seconds_since(start);
	return r;
}

int bench_stage_age(struct bench_stage *st, double *ret, struct err *e)
{
	uint8_t head[AGE_BEGIN_MAX_BYTES];
	size_t head_len = 0;
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	int r = age_sealer_begin(st->age, head, &head_len, e);

	for (size_t i = 0; r == 0 && i < st->chunks; i++) {
		bool last = i == st->chunks - 1;

		r = age_sealer_chunk(st->age,
			st->packed + i * AGE_SEALED_CHUNK_BYTES,
			last ? st->last : AGE_CHUNK_BYTES, last, e);
	}
	*ret = seconds_since(start);
	return r;
}

int bench_stage_sha(struct bench_stage *st, double *ret, struct err *e)
{
	uint8_t sum[HASH_BYTES];
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	int r = hash_begin(st->hash, e);

	for (size_t i = 0; r == 0 && i < st->chunks; i++)
		r = hash_add(st->hash, st->packed + i * AGE_SEALED_CHUNK_BYTES,
			i == st->chunks - 1 ? st->last : AGE_SEALED_CHUNK_BYTES,
			e);
	if (r == 0)
		r = hash_end(st->hash, sum, e);
	*ret = seconds_since(start);
	return r;
}
