// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/uio.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "base/err.h"
#include "evidence/segment_internal.h"

struct segment_writer {
	ZSTD_CCtx *zstd;
	struct age_sealer *age;
	struct hash *hash;
	uint8_t *head; /* scratch for what precedes bulk bytes */
	uint8_t *out;
	size_t cap;
	size_t sealed; /* bytes of out that are final */
	size_t pending; /* bytes of the chunk that begins at sealed */
	uint64_t plain; /* bytes of records */
};

void segment_name(char ret[SEGMENT_NAME_CHARS], unsigned number)
{
	(void)snprintf(ret, SEGMENT_NAME_CHARS, "segment-%06u.age", number);
}

int segment_writer_new(struct segment_writer **ret,
	const struct age_recipient *recipients, size_t n, struct err *e)
{
	struct segment_writer *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return err_set(e, -ENOMEM, "no memory for segments");
	r = age_sealer_new(&w->age, recipients, n, e);
	if (r == 0)
		r = hash_new(&w->hash, e);
	if (r == 0) {
		w->head = malloc(RECORD_HEAD_MAX_BYTES);
		w->zstd = ZSTD_createCCtx();
		if (!w->head || !w->zstd)
			r = err_set(e, -ENOMEM, "no memory for zstd");
	}
	if (r < 0) {
		segment_writer_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void segment_writer_free(struct segment_writer *w)
{
	if (!w)
		return;
	ZSTD_freeCCtx(w->zstd);
	age_sealer_free(w->age);
	hash_free(w->hash);
	free(w->head);
	free(w);
}

/*
 * Tables and window that stay in the L2 cache beside the batch: on memory of
 * machines a fifth faster at the dense level than zstd's own choice, a twelfth
 * at the fast one, and less than 1 % larger.  0 = zstd's choice.
 */
int segment_zstd_set(ZSTD_CCtx *zstd, int level, struct err *e)
{
	bool fast = level < 0, dense = level == SEGMENT_LEVEL_DENSE;
	const struct {
		ZSTD_cParameter name;
		int value;
	} set[] = {
		{ ZSTD_c_compressionLevel, level },
		{ ZSTD_c_windowLog,
			fast ? SEGMENT_FAST_WINDOW_LOG : SEGMENT_WINDOW_LOG },
		{ ZSTD_c_hashLog, dense ? SEGMENT_DENSE_TABLE_LOG : 0 },
		{ ZSTD_c_chainLog, dense ? SEGMENT_DENSE_TABLE_LOG : 0 },
	};
	size_t z = ZSTD_CCtx_reset(zstd, ZSTD_reset_session_only);

	for (size_t i = 0; !ZSTD_isError(z) && i < ARRAY_LEN(set); i++)
		z = ZSTD_CCtx_setParameter(zstd, set[i].name, set[i].value);
	if (ZSTD_isError(z))
		return err_set(e, -EINVAL, "zstd level %d: %s", level,
			ZSTD_getErrorName(z));
	return 0;
}

int segment_begin(struct segment_writer *w, uint8_t *out, size_t cap, int level,
	struct err *e)
{
	size_t n = 0;
	int r;

	if (cap < SEGMENT_MIN_BYTES)
		return err_set(e, -EINVAL, "segment of %zu bytes", cap);
	r = segment_zstd_set(w->zstd, level, e);
	if (r == 0)
		r = age_sealer_begin(w->age, out, &n, e);
	if (r == 0)
		r = hash_begin(w->hash, e);
	if (r == 0)
		r = hash_add(w->hash, out, n, e);
	if (r < 0)
		return r;
	w->out = out;
	w->cap = cap;
	w->sealed = n;
	w->pending = 0;
	w->plain = 0;
	return 0;
}

/*
 * The room that is left when the worst is assumed of what zstd still holds
 * (one block) and of the record: both incompressible, with tags.
 */
bool segment_fits(const struct segment_writer *w, size_t bytes)
{
	size_t worst = ZSTD_compressBound(bytes) + (size_t)2 * ZSTD_BLOCKSIZE_MAX;
	size_t used = w->sealed + w->pending;

	worst += (worst / AGE_CHUNK_BYTES + 2) * AGE_TAG_BYTES;
	return used < w->cap && worst <= w->cap - used &&
	       w->plain + bytes <= SEGMENT_PLAIN_BYTES;
}

static int seal_chunk(
	struct segment_writer *w, size_t len, int last, struct err *e)
{
	uint8_t *chunk = w->out + w->sealed;
	int r = age_sealer_chunk(w->age, chunk, len, last, e);

	if (r == 0)
		r = hash_add(w->hash, chunk, len + AGE_TAG_BYTES, e);
	if (r < 0)
		return r;
	w->sealed += len + AGE_TAG_BYTES;
	w->pending = 0;
	return 0;
}

/*
 * Let zstd write into the chunk that is open; seal it when it is full and
 * more is to come, so that the last chunk is never empty.
 */
static int compress(struct segment_writer *w, const void *buf, size_t len,
	ZSTD_EndDirective mode, struct err *e)
{
	ZSTD_inBuffer in = { buf, len, 0 };
	size_t left;
	int r;

	do {
		ZSTD_outBuffer out = { w->out + w->sealed, AGE_CHUNK_BYTES,
			w->pending };

		if (w->cap - w->sealed < AGE_SEALED_CHUNK_BYTES)
			out.size = w->cap - w->sealed - AGE_TAG_BYTES;
		left = ZSTD_compressStream2(w->zstd, &out, &in, mode);
		if (ZSTD_isError(left))
			return err_set(
				e, -EIO, "zstd: %s", ZSTD_getErrorName(left));
		w->pending = out.pos;
		if (mode == ZSTD_e_continue)
			left = in.size - in.pos;
		if (left == 0)
			return 0;
		if (w->pending < AGE_CHUNK_BYTES && w->pending == out.size)
			return err_set(e, -ENOSPC, "segment is full");
		if (w->pending == AGE_CHUNK_BYTES) {
			r = seal_chunk(w, AGE_CHUNK_BYTES, 0, e);
			if (r < 0)
				return r;
		}
	} while (left);
	return 0;
}

int segment_add(struct segment_writer *w, const struct record *rec, struct err *e)
{
	size_t head = 0, bytes = record_bulk_bytes(rec);
	int r = record_head(w->head, &head, RECORD_HEAD_MAX_BYTES, rec, e);

	if (r < 0)
		return r;
	if (!segment_fits(w, head + bytes))
		return err_set(e, -ENOSPC, "segment is full");
	r = compress(w, w->head, head, ZSTD_e_continue, e);
	for (size_t i = 0; r == 0 && i < rec->bulk_n; i++)
		r = compress(w, rec->bulk[i].iov_base, rec->bulk[i].iov_len,
			ZSTD_e_continue, e);
	w->plain += head + bytes;
	return r;
}

int segment_end(struct segment_writer *w, struct segment_info *ret, struct err *e)
{
	struct segment_info info = { 0 };
	int r = compress(w, NULL, 0, ZSTD_e_end, e);

	if (r == 0)
		r = seal_chunk(w, w->pending, 1, e);
	if (r == 0)
		r = hash_end(w->hash, info.sha256, e);
	if (r < 0)
		return r;
	info.size_bytes = w->sealed;
	info.plain_bytes = w->plain;
	*ret = info;
	return 0;
}
