// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/uio.h>

#include <zstd.h>

#include "base/buf.h"
#include "evidence/segment.h"
#include "unit/unit.h"

static struct age_identity me;
static uint8_t *out;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	out = malloc(SEGMENT_BYTES);
	return age_identity_new(&me, &e) || !out;
}

static int tear_down(void **state)
{
	(void)state;
	free(out);
	return 0;
}

/* Bytes that no compressor makes smaller, the same for the same ${seed}. */
static void noise(uint8_t *p, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		p[i] = (uint8_t)(seed >> 33);
	}
}

static int put(struct segment_writer *w, const uint8_t *data, size_t len,
	uint64_t offset, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__File f = ICECORE__V1__FILE__INIT;
	struct iovec bulk = { (void *)(uintptr_t)data, len };
	struct record r = { &m, &bulk, len ? 1 : 0 };

	f.path = "/proc/test";
	f.offset = offset;
	m.body_case = ICECORE__V1__RECORD__BODY_FILE;
	m.file = &f;
	return segment_add(w, &r, e);
}

/* What the reading callback compares with. */
struct expect {
	uint64_t next;
	uint64_t seed;
	size_t len;
	unsigned n;
	int stop_after;
};

static int see(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	struct expect *x = arg;
	Icecore__V1__Record *m = NULL;
	AUTO_FREE uint8_t *want = malloc(x->len + 1);
	int r = record_decode(&m, buf, len, e);

	if (r < 0)
		return r;
	assert_int_equal(m->body_case, ICECORE__V1__RECORD__BODY_FILE);
	assert_int_equal(m->file->offset, x->next);
	noise(want, x->len, x->seed + x->n);
	assert_int_equal(m->file->data.len, x->len);
	assert_memory_equal(m->file->data.data, want, x->len);
	x->next += x->len;
	x->n++;
	record_free(m);
	if (x->stop_after && (int)x->n == x->stop_after)
		return err_set(e, -ECANCELED, "enough");
	return 0;
}

/* Fill a segment with records of ${len} until it says no; how many fitted. */
static unsigned fill(
	size_t len, uint64_t seed, struct segment_info *info, unsigned max)
{
	AUTO_FREE uint8_t *data = malloc(len + 1);
	struct segment_writer *w = NULL;
	struct err e = { 0 };
	unsigned n = 0;
	int r = 0;

	assert_ok(segment_writer_new(&w, &me.recipient, 1, &e), &e);
	assert_ok(segment_begin(w, out, SEGMENT_BYTES, SEGMENT_LEVEL_FAST, &e),
		&e);
	while (n < max) {
		noise(data, len, seed + n);
		r = put(w, data, len, n * len, &e);
		if (r < 0)
			break;
		n++;
	}
	assert_true(r == 0 || r == -ENOSPC);
	assert_ok(segment_end(w, info, &e), &e);
	segment_writer_free(w);
	return n;
}

static void read_back(
	size_t len, uint64_t seed, const struct segment_info *info, unsigned n)
{
	struct expect x = { .seed = seed, .len = len };
	uint8_t sha[HASH_BYTES];
	struct err e = { 0 };

	assert_ok(hash_bytes(sha, out, info->size_bytes, &e), &e);
	assert_memory_equal(sha, info->sha256, HASH_BYTES);
	assert_ok(segment_read(out, info->size_bytes, &me, 1, see, &x, &e), &e);
	assert_int_equal(x.n, n);
}

static void incompressible_records_never_overflow(void **state)
{
	static const size_t sizes[] = { 1, 4096, 65521, 262144,
		RECORD_MAX_BYTES - 100 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct segment_info info = { 0 };
		unsigned n = fill(sizes[i], i, &info, 100000);

		assert_true(n >= 1);
		assert_in_range(info.size_bytes, 1, SEGMENT_BYTES);
		/* Large records must use the room: three of 2 MiB fit. */
		if (sizes[i] > 100000)
			assert_true(n * sizes[i] > SEGMENT_BYTES / 2);
		read_back(sizes[i], i, &info, n);
	}
}

static void plain_bytes_have_a_limit(void **state)
{
	static uint8_t zeros[1 << 20];
	struct segment_writer *w = NULL;
	struct segment_info info = { 0 };
	struct err e = { 0 };
	int n = 0;

	(void)state;
	assert_ok(segment_writer_new(&w, &me.recipient, 1, &e), &e);
	assert_ok(segment_begin(w, out, SEGMENT_BYTES, 3, &e), &e);
	while (put(w, zeros, sizeof(zeros), 0, &e) == 0)
		n++;
	assert_in_range(n, 62, 63);
	assert_ok(segment_end(w, &info, &e), &e);
	assert_true(info.plain_bytes <= SEGMENT_PLAIN_BYTES);
	segment_writer_free(w);
}

static void writer_is_used_again(void **state)
{
	struct segment_writer *w = NULL;
	struct segment_info info = { 0 };
	struct err e = { 0 };
	uint8_t data[100];

	(void)state;
	assert_ok(segment_writer_new(&w, &me.recipient, 1, &e), &e);
	for (unsigned i = 0; i < 3; i++) {
		assert_ok(segment_begin(w, out, SEGMENT_BYTES, -1, &e), &e);
		noise(data, sizeof(data), 7);
		assert_ok(put(w, data, sizeof(data), 0, &e), &e);
		assert_ok(segment_end(w, &info, &e), &e);
		read_back(sizeof(data), 7, &info, 1);
	}
	assert_err(segment_begin(w, out, 1000, -1, &e), -EINVAL, &e, "1000");
	segment_writer_free(w);
}

static void damage_is_seen(void **state)
{
	struct segment_info info = { 0 };
	unsigned n = fill(500, 3, &info, 5);

	(void)state;
	assert_int_equal(n, 5);
	for (size_t i = 0; i < info.size_bytes; i++) {
		struct expect x = { .seed = 3, .len = 500 };
		struct err e = { 0 };
		int r;

		out[i] ^= 0x10;
		r = segment_read(out, info.size_bytes, &me, 1, see, &x, &e);
		assert_true(r == -EBADMSG || r == -ENOKEY);
		assert_true(e.msg[0]);
		out[i] ^= 0x10;
		r = segment_read(out, i, &me, 1, see, &x, &e);
		assert_true(r == -EBADMSG || r == -ENOKEY);
	}
}

static void callback_ends_the_reading(void **state)
{
	struct expect x = { .seed = 3, .len = 500, .stop_after = 2 };
	struct segment_info info = { 0 };
	struct err e = { 0 };

	(void)state;
	(void)fill(500, 3, &info, 5);
	assert_err(segment_read(out, info.size_bytes, &me, 1, see, &x, &e),
		-ECANCELED, &e, "enough");
	assert_int_equal(x.n, 2);
}

static int count(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	(void)buf;
	(void)len;
	(void)e;
	(*(unsigned *)arg)++;
	return 0;
}

/* A sealed segment of ${len} bytes that somebody compressed in his own way. */
static int read_frame(const void *frame, size_t len, unsigned *n, struct err *e)
{
	struct age_sealer *s = NULL;
	AUTO_BUF struct buf b = { 0 };
	static uint8_t chunk[AGE_SEALED_CHUNK_BYTES];
	const uint8_t *p = frame;
	uint8_t begin[AGE_BEGIN_MAX_BYTES];
	size_t k = 0;
	int last;

	buf_init(&b, 32 << 20);
	assert_ok(age_sealer_new(&s, &me.recipient, 1, e), e);
	assert_ok(age_sealer_begin(s, begin, &k, e), e);
	assert_ok(buf_append(&b, begin, k, e), e);
	do {
		k = len > AGE_CHUNK_BYTES ? AGE_CHUNK_BYTES : len;
		last = k == len;
		memcpy(chunk, p, k);
		assert_ok(age_sealer_chunk(s, chunk, k, last, e), e);
		assert_ok(buf_append(&b, chunk, k + AGE_TAG_BYTES, e), e);
		p += k;
		len -= k;
	} while (!last);
	age_sealer_free(s);
	*n = 0;
	return segment_read(b.data, b.len, &me, 1, count, n, e);
}

static void frames_of_others(void **state)
{
	static const uint8_t two[] = { 2, 'a', 'b', 1, 'c' };
	static const uint8_t cut[] = { 2, 'a', 'b', 3, 'c' };
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0x7f };
	uint8_t frame[256], twice[512];
	struct err e = { 0 };
	unsigned n;
	size_t k;

	(void)state;
	k = ZSTD_compress(frame, sizeof(frame), two, sizeof(two), 1);
	assert_ok(read_frame(frame, k, &n, &e), &e);
	assert_int_equal(n, 2);
	/* Exactly one frame. */
	memcpy(twice, frame, k);
	memcpy(twice + k, frame, k);
	assert_err(read_frame(twice, 2 * k, &n, &e), -EBADMSG, &e, "behind");
	assert_err(read_frame(frame, k - 1, &n, &e), -EBADMSG, &e, "cut off");
	assert_err(read_frame("no frame", 8, &n, &e), -EBADMSG, &e, "zstd");
	assert_err(read_frame("", 0, &n, &e), -EBADMSG, &e, "cut off");
	k = ZSTD_compress(frame, sizeof(frame), cut, sizeof(cut), 1);
	assert_err(read_frame(frame, k, &n, &e), -EBADMSG, &e, "record");
	k = ZSTD_compress(frame, sizeof(frame), huge, sizeof(huge), 1);
	assert_err(read_frame(frame, k, &n, &e), -EBADMSG, &e, "impossible");
}

/* 65 MiB in a few kilobytes. */
static void bombs_are_refused(void **state)
{
	size_t len = SEGMENT_PLAIN_BYTES + (1 << 20);
	AUTO_FREE uint8_t *plain = calloc(1, len);
	AUTO_FREE uint8_t *frame = malloc(ZSTD_compressBound(len));
	struct err e = { 0 };
	unsigned n = 0;
	size_t k = ZSTD_compress(frame, ZSTD_compressBound(len), plain, len, 1);

	(void)state;
	assert_err(read_frame(frame, k, &n, &e), -EBADMSG, &e, "more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incompressible_records_never_overflow),
		cmocka_unit_test(plain_bytes_have_a_limit),
		cmocka_unit_test(writer_is_used_again),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(callback_ends_the_reading),
		cmocka_unit_test(frames_of_others),
		cmocka_unit_test(bombs_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
