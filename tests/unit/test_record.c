// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/uio.h>

#include "evidence/record.h"
#include "unit/unit.h"

static Icecore__V1__MemoryExtent extent = ICECORE__V1__MEMORY_EXTENT__INIT;
static Icecore__V1__PageRun run = ICECORE__V1__PAGE_RUN__INIT;
static Icecore__V1__PageRun *runs[] = { &run };

static void make_extent(Icecore__V1__Record *m)
{
	icecore__v1__record__init(m);
	extent.start = 0x1000;
	extent.runs = runs;
	extent.n_runs = 1;
	run.status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA;
	run.bytes = 8;
	m->body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	m->memory_extent = &extent;
}

/* What is sent in pieces is what protobuf-c packs in one. */
static void pieces_are_the_whole(void **state)
{
	struct iovec bulk[2] = { { "0123", 4 }, { "4567", 4 } };
	Icecore__V1__Record m;
	struct record r = { &m, bulk, 2 };
	uint8_t out[256], whole[256];
	size_t head = 0, n = 0, len = 0;
	struct err e = { 0 };
	int k;

	(void)state;
	make_extent(&m);
	assert_ok(record_head(out, &head, sizeof(out), &r, &e), &e);
	memcpy(out + head, "01234567", 8);
	k = record_length(&n, out, head + 8);
	assert_true(k > 0);
	assert_int_equal((size_t)k + n, head + 8);
	extent.data = (ProtobufCBinaryData){ 8, (uint8_t *)"01234567" };
	len = icecore__v1__record__pack(&m, whole);
	extent.data = (ProtobufCBinaryData){ 0 };
	assert_int_equal(len, n);
	assert_memory_equal(whole, out + k, len);
}

static void decode_gives_it_back(void **state)
{
	struct iovec bulk = { "01234567", 8 };
	Icecore__V1__Record m, *back = NULL;
	struct record r = { &m, &bulk, 1 };
	uint8_t out[256];
	size_t head = 0, n = 0;
	struct err e = { 0 };
	int k;

	(void)state;
	make_extent(&m);
	assert_ok(record_head(out, &head, sizeof(out), &r, &e), &e);
	memcpy(out + head, "01234567", 8);
	k = record_length(&n, out, head + 8);
	assert_ok(record_decode(&back, out + k, n, &e), &e);
	assert_int_equal(back->memory_extent->start, 0x1000);
	assert_int_equal(back->memory_extent->data.len, 8);
	assert_memory_equal(back->memory_extent->data.data, "01234567", 8);
	record_free(back);
	assert_err(record_decode(&back, out + k, n - 1, &e), -EBADMSG, &e,
		"Record");
}

static void limits_are_kept(void **state)
{
	static uint8_t big[RECORD_MAX_BYTES];
	struct iovec bulk = { big, sizeof(big) };
	Icecore__V1__Record m, gap = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Gap g = ICECORE__V1__GAP__INIT;
	struct record r = { &m, &bulk, 1 };
	uint8_t out[256];
	size_t head = 0;
	struct err e = { 0 };

	(void)state;
	make_extent(&m);
	assert_err(record_head(out, &head, sizeof(out), &r, &e), -EMSGSIZE, &e,
		"MemoryExtent");
	bulk.iov_len -= 64;
	assert_ok(record_head(out, &head, sizeof(out), &r, &e), &e);
	assert_err(record_head(out, &head, 8, &r, &e), -ENOBUFS, &e, "head");
	gap.body_case = ICECORE__V1__RECORD__BODY_GAP;
	gap.gap = &g;
	r.message = &gap;
	assert_err(record_head(out, &head, sizeof(out), &r, &e), -EINVAL, &e,
		"no bulk");
	icecore__v1__record__init(&gap);
	assert_err(record_head(out, &head, sizeof(out), &r, &e), -EINVAL, &e,
		"without a body");
}

static void lengths(void **state)
{
	static const struct {
		uint8_t bytes[5];
		size_t len;
		int r;
		size_t v;
	} cases[] = {
		{ { 0 }, 0, 0, 0 },
		{ { 0x05 }, 1, 1, 5 },
		{ { 0x80 }, 1, 0, 0 },
		{ { 0x80, 0x01 }, 2, 2, 128 },
		{ { 0x80, 0x00 }, 2, -EBADMSG, 0 },
		{ { 0x80, 0x80, 0x80, 0x01 }, 4, 4, 1 << 21 },
		{ { 0x81, 0x80, 0x80, 0x01 }, 4, -EBADMSG, 0 },
		{ { 0x80, 0x80, 0x80, 0x80, 0x01 }, 5, -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t v = 0;

		assert_int_equal(record_length(&v, cases[i].bytes, cases[i].len),
			cases[i].r);
		assert_int_equal(v, cases[i].v);
	}
}

/* Two bytes of input for each range: decoding must not grow without bound. */
static void decoding_is_bounded(void **state)
{
	size_t len = RECORD_MAX_BYTES - 16, n = 0;
	AUTO_FREE uint8_t *buf = calloc(1, len);
	Icecore__V1__Record *back = NULL;
	struct err e = { 0 };
	size_t body = len - 5;

	(void)state;
	buf[n++] = 2 << 3 | 2; /* memory_map */
	for (; body >= 0x80; body >>= 7)
		buf[n++] = (uint8_t)(body | 0x80);
	buf[n++] = (uint8_t)body;
	while (n + 1 < len) {
		buf[n++] = 1 << 3 | 2; /* system_ram, empty */
		buf[n++] = 0;
	}
	assert_err(record_decode(&back, buf, n, &e), -EBADMSG, &e, "too large");
}

static void unknown_kinds_are_passed_over(void **state)
{
	static const uint8_t future[] = { 0xf2, 0x3f, 0x02, 0x08, 0x01 };
	Icecore__V1__Record *back = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(record_decode(&back, future, sizeof(future), &e), &e);
	assert_int_equal(back->body_case, ICECORE__V1__RECORD__BODY__NOT_SET);
	record_free(back);
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(record_kind_name(3), "memory_extent");
	assert_int_equal(record_kind_find("gap"), 4);
	assert_null(record_kind_name(99));
	assert_int_equal(record_kind_find("nothing"), 0);
	for (unsigned k = 1; record_kind_name(k); k++)
		assert_true(k < RECORD_KINDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_the_whole),
		cmocka_unit_test(decode_gives_it_back),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(lengths),
		cmocka_unit_test(decoding_is_bounded),
		cmocka_unit_test(unknown_kinds_are_passed_over),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
