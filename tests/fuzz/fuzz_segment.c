// SPDX-License-Identifier: Apache-2.0
/*
 * A segment from a stranger.  By the first byte: the rest is a sealed file;
 * or it is a zstd frame, which is sealed here, so that the fuzzer gets past
 * the encryption; or it is records, compressed and sealed here.
 */
#include <zstd.h>

#include "base/buf.h"
#include "evidence/segment.h"
#include "fuzz/fuzz_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int see(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	Icecore__V1__Record *m = NULL;
	size_t *total = arg;

	*total += len;
	if (len > RECORD_MAX_BYTES || *total > SEGMENT_PLAIN_BYTES)
		abort();
	if (record_decode(&m, buf, len, e) == 0)
		record_free(m);
	return 0;
}

static void seal(struct buf *ret, const struct age_identity *id,
	const uint8_t *data, size_t len)
{
	static uint8_t chunk[AGE_SEALED_CHUNK_BYTES];
	struct age_sealer *s = NULL;
	uint8_t begin[AGE_BEGIN_MAX_BYTES];
	struct err e;
	size_t n = 0;
	int last;

	if (age_sealer_new(&s, &id->recipient, 1, &e) < 0 ||
		age_sealer_begin(s, begin, &n, &e) < 0 ||
		buf_append(ret, begin, n, &e) < 0)
		abort();
	do {
		n = len > AGE_CHUNK_BYTES ? AGE_CHUNK_BYTES : len;
		last = n == len;
		memcpy(chunk, data, n);
		if (age_sealer_chunk(s, chunk, n, last, &e) < 0 ||
			buf_append(ret, chunk, n + AGE_TAG_BYTES, &e) < 0)
			abort();
		data += n;
		len -= n;
	} while (!last);
	age_sealer_free(s);
}

static void compress_and_seal(struct buf *ret, const struct age_identity *id,
	const uint8_t *data, size_t len)
{
	size_t n = ZSTD_compressBound(len);
	uint8_t *frame = malloc(n);

	if (!frame)
		abort();
	n = ZSTD_compress(frame, n, data, len, 1);
	seal(ret, id, frame, n);
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf sealed = { 0 };
	struct age_identity id;
	size_t total = 0;
	struct err e;

	if (!size)
		return 0;
	fuzz_key(&id);
	buf_init(&sealed, 4 << 20);
	if (data[0] == 'a' && buf_append(&sealed, data + 1, size - 1, &e) < 0)
		abort();
	if (data[0] == 'z')
		seal(&sealed, &id, data + 1, size - 1);
	if (data[0] == 'r')
		compress_and_seal(&sealed, &id, data + 1, size - 1);
	if (segment_read(sealed.data, sealed.len, &id, 1, see, &total, &e) < 0 &&
		!e.msg[0])
		abort();
	return 0;
}
