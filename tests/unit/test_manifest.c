// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/buf.h"
#include "evidence/contents.h"
#include "evidence/manifest.h"
#include "evidence/timestamp.h"
#include "unit/unit.h"

static struct manifest_key *key;

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	return manifest_key_new(&key, &e);
}

static int tear_down(void **state)
{
	(void)state;
	manifest_key_free(key);
	return 0;
}

static void make(struct buf *ret, Icecore__V1__Manifest *m)
{
	struct err e = { 0 };

	icecore__v1__manifest__init(m);
	m->format_version = 1;
	m->capture_id = "test";
	m->number = 3;
	buf_init(ret, MANIFEST_MAX_BYTES);
	assert_ok(manifest_seal(ret, NULL, m, key, &e), &e);
}

static void round_trip(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	uint8_t public_key[MANIFEST_KEY_BYTES], sha[HASH_BYTES];
	Icecore__V1__Manifest m;
	struct manifest back = { 0 };
	struct err e = { 0 };

	(void)state;
	make(&b, &m);
	assert_ok(manifest_open(&back, b.data, b.len, &e), &e);
	assert_int_equal(back.body->number, 3);
	manifest_key_public(public_key, key);
	assert_memory_equal(back.public_key, public_key, MANIFEST_KEY_BYTES);
	assert_ok(hash_bytes(sha, b.data, b.len, &e), &e);
	assert_memory_equal(back.sha256, sha, HASH_BYTES);
	manifest_done(&back);
}

/* Any change of any byte, and any cut, is seen. */
static void each_byte_counts(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	Icecore__V1__Manifest m;
	struct manifest back = { 0 };
	struct err e = { 0 };

	(void)state;
	make(&b, &m);
	for (size_t i = 0; i < b.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			b.data[i] ^= (uint8_t)(1 << bit);
			assert_true(manifest_open(&back, b.data, b.len, &e) < 0);
			assert_true(e.msg[0]);
			manifest_done(&back);
			b.data[i] ^= (uint8_t)(1 << bit);
		}
	for (size_t n = 0; n < b.len; n++) {
		assert_true(manifest_open(&back, b.data, n, &e) < 0);
		manifest_done(&back);
	}
}

/* The same content, said in another way, is another object. */
static void other_encodings(void **state)
{
	static const uint8_t unknown[] = { 0xf8, 0x3f, 0x01 };
	static const uint8_t empty_token[] = { 0x22, 0x00 };
	AUTO_BUF struct buf b = { 0 };
	Icecore__V1__Manifest m;
	struct manifest back = { 0 };
	struct err e = { 0 };
	size_t len;

	(void)state;
	make(&b, &m);
	len = b.len;
	assert_ok(buf_append(&b, unknown, sizeof(unknown), &e), &e);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EBADMSG, &e,
		"canonical");
	manifest_done(&back);
	b.len = len;
	assert_ok(buf_append(&b, empty_token, sizeof(empty_token), &e), &e);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EBADMSG, &e,
		"canonical");
	manifest_done(&back);
}

static void versions_and_limits(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	char id[MANIFEST_CAPTURE_ID_CHARS + 1];
	Icecore__V1__Manifest m;
	struct manifest back = { 0 };
	struct err e = { 0 };

	(void)state;
	make(&b, &m);
	b.len = 0;
	m.format_version = 2;
	assert_ok(manifest_seal(&b, NULL, &m, key, &e), &e);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EPROTONOSUPPORT,
		&e, "version 2");
	manifest_done(&back);
	b.len = 0;
	m.format_version = 1;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = 0;
	m.capture_id = id;
	assert_ok(manifest_seal(&b, NULL, &m, key, &e), &e);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EBADMSG, &e,
		"limits");
	manifest_done(&back);
}

static void make_stamped(
	struct buf *ret, const struct buf *token, const struct buf *request)
{
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;
	struct err e = { 0 };

	m.format_version = 1;
	m.capture_id = "test";
	buf_init(ret, MANIFEST_MAX_BYTES);
	assert_ok(manifest_seal(ret, NULL, &m, key, &e), &e);
	assert_ok(manifest_stamp(ret, token, request, &e), &e);
}

/* A token as it is; a request only if it is that of the signature. */
static void time_stamps(void **state)
{
	AUTO_BUF struct buf token = { 0 };
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf b = { 0 };
	struct buf none = { 0 };
	struct manifest back = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES + 1);
	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES + 1);
	assert_ok(buf_append(&token, "token", 5, &e), &e);
	make_stamped(&b, &token, &none);
	assert_ok(manifest_open(&back, b.data, b.len, &e), &e);
	assert_int_equal(back.token.len, 5);
	assert_memory_equal(back.token.data, "token", 5);
	assert_int_equal(back.request.len, 0);
	assert_ok(timestamp_request(&request, back.signature, &e), &e);
	manifest_done(&back);
	/* Ed25519 is deterministic: the same manifest, the same signature. */
	buf_done(&b);
	make_stamped(&b, &none, &request);
	assert_ok(manifest_open(&back, b.data, b.len, &e), &e);
	assert_int_equal(back.request.len, request.len);
	assert_int_equal(back.token.len, 0);
	manifest_done(&back);
	buf_done(&b);
	request.data[request.len - 1] ^= 1;
	make_stamped(&b, &none, &request);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EBADMSG, &e,
		"for something else");
	manifest_done(&back);
	request.data[request.len - 1] ^= 1;
	buf_done(&b);
	make_stamped(&b, &token, &none);
	assert_ok(manifest_stamp(&b, &none, &request, &e), &e);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EBADMSG, &e,
		"a time stamp and its request");
	manifest_done(&back);
}

static void time_stamps_too_large(void **state)
{
	static uint8_t bytes[MANIFEST_TOKEN_MAX_BYTES + 1] = { 1 };
	struct buf none = { 0 };
	struct buf token = { bytes, sizeof(bytes), 0, 0 };
	struct buf request = { bytes, MANIFEST_REQUEST_MAX_BYTES + 1, 0, 0 };
	AUTO_BUF struct buf b = { 0 };
	AUTO_BUF struct buf c = { 0 };
	struct manifest back = { 0 };
	struct err e = { 0 };

	(void)state;
	make_stamped(&b, &token, &none);
	assert_err(manifest_open(&back, b.data, b.len, &e), -EBADMSG, &e,
		"too large");
	manifest_done(&back);
	make_stamped(&c, &none, &request);
	assert_err(manifest_open(&back, c.data, c.len, &e), -EBADMSG, &e,
		"too large");
	manifest_done(&back);
}

static void expect_identity(
	Icecore__V1__Beginning *beginning, int code, const char *why)
{
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;
	AUTO_BUF struct buf b = { 0 };
	struct manifest back = { 0 };
	struct err e = { 0 };

	m.format_version = 1;
	m.capture_id = "test";
	m.beginning = beginning;
	buf_init(&b, MANIFEST_MAX_BYTES);
	assert_ok(manifest_seal(&b, NULL, &m, key, &e), &e);
	assert_err(manifest_open(&back, b.data, b.len, &e), code, &e, why);
	manifest_done(&back);
}

static void identity_limits(void **state)
{
	static uint8_t bytes[MANIFEST_DOCUMENT_MAX_BYTES + 1] = { 1 };
	Icecore__V1__IdentityProof p = ICECORE__V1__IDENTITY_PROOF__INIT;
	Icecore__V1__IdentityProof *list[] = { &p, &p, &p, &p, &p };
	Icecore__V1__Beginning b = ICECORE__V1__BEGINNING__INIT;
	char text[MANIFEST_TEXT_CHARS + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[MANIFEST_TEXT_CHARS - 1] = 0;
	p.kind = ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_GCE_TOKEN;
	p.document = (ProtobufCBinaryData){ sizeof(bytes) - 1, bytes };
	p.signature = p.document;
	p.nonce = p.error = text;
	b.identity = list;
	b.n_identity = MANIFEST_IDENTITIES_MAX;
	expect_identity(&b, 0, "");
	b.n_identity++;
	expect_identity(&b, -EBADMSG, "5 identity proofs");
	b.n_identity = 1;
	p.document.len++;
	expect_identity(&b, -EBADMSG, "too large");
	p.document.len--;
	p.signature.len++;
	expect_identity(&b, -EBADMSG, "too large");
	p.signature.len--;
	text[MANIFEST_TEXT_CHARS - 1] = 'x';
	text[MANIFEST_TEXT_CHARS] = 0;
	p.nonce = (char *)"";
	expect_identity(&b, -EBADMSG, "too large");
	p.nonce = p.error;
	p.error = (char *)"";
	expect_identity(&b, -EBADMSG, "too large");
}

static void seeds_give_the_key_of_rfc_8032(void **state)
{
	/* RFC 8032 section 7.1, test 1. */
	static const uint8_t seed[] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd,
		0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
		0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b,
		0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60 };
	static const uint8_t want[] = { 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1,
		0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
		0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02,
		0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a };
	uint8_t got[MANIFEST_KEY_BYTES];
	struct manifest_key *k = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(manifest_key_from_seed(&k, seed, &e), &e);
	manifest_key_public(got, k);
	assert_memory_equal(got, want, sizeof(want));
	manifest_key_free(k);
}

static void nonces(void **state)
{
	char nonce[MANIFEST_NONCE_CHARS];
	struct err e = { 0 };

	/* printf example | sha256sum, first 8 bytes, little-endian, modulo. */
	(void)state;
	assert_ok(manifest_nonce(nonce, "example", &e), &e);
	assert_string_equal(nonce, "8757780560");
}

static void names(void **state)
{
	char name[MANIFEST_NAME_CHARS];

	(void)state;
	manifest_name(name, 7);
	assert_string_equal(name, "manifest-000007.pb");
	manifest_name(name, MANIFEST_NUMBER_MAX);
	assert_string_equal(name, "manifest-999999.pb");
}

/* What a segment holds is what its entry says. */
static void contents_are_counted(void **state)
{
	Icecore__V1__PageRun run[3] = { ICECORE__V1__PAGE_RUN__INIT,
		ICECORE__V1__PAGE_RUN__INIT, ICECORE__V1__PAGE_RUN__INIT };
	Icecore__V1__PageRun *runs[] = { &run[0], &run[1], &run[2] };
	Icecore__V1__MemoryExtent x = ICECORE__V1__MEMORY_EXTENT__INIT;
	Icecore__V1__Range range = ICECORE__V1__RANGE__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	Icecore__V1__Record r = ICECORE__V1__RECORD__INIT;
	Icecore__V1__SegmentEntry *s = NULL;
	struct contents c = { 0 };
	struct err e = { 0 };

	(void)state;
	x.start = 0x10000;
	x.runs = runs;
	x.n_runs = 3;
	run[0].status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO;
	run[0].bytes = 0x1000;
	run[1].status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_PRIVATE_MAP;
	run[1].bytes = 0x2000;
	run[2].status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO_DOUBTFUL;
	run[2].bytes = 0x3000;
	r.body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	r.memory_extent = &x;
	assert_ok(contents_add(&c, &r, &e), &e);
	range.start = 0x16000;
	range.end = 0x17000;
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY;
	gap.range = &range;
	r.body_case = ICECORE__V1__RECORD__BODY_GAP;
	r.gap = &gap;
	assert_ok(contents_add(&c, &r, &e), &e);
	assert_ok(contents_entry(&s, &c, &e), &e);
	assert_int_equal(s->zero_bytes, 0x1000);
	assert_int_equal(s->private_map_bytes, 0x2000);
	assert_int_equal(s->doubtful_bytes, 0x3000);
	assert_int_equal(s->n_memory, 1);
	assert_int_equal(s->memory[0]->start, 0x10000);
	assert_int_equal(s->memory[0]->end, 0x16000);
	assert_int_equal(s->n_memory_gaps, 1);
	assert_int_equal(s->n_kinds, 2);
	icecore__v1__segment_entry__free_unpacked(s, NULL);
	contents_done(&c);
	run[0].bytes = UINT64_MAX;
	r.body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	r.memory_extent = &x;
	assert_err(contents_add(&c, &r, &e), -ERANGE, &e, "2^64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(each_byte_counts),
		cmocka_unit_test(other_encodings),
		cmocka_unit_test(versions_and_limits),
		cmocka_unit_test(time_stamps),
		cmocka_unit_test(time_stamps_too_large),
		cmocka_unit_test(identity_limits),
		cmocka_unit_test(seeds_give_the_key_of_rfc_8032),
		cmocka_unit_test(nonces),
		cmocka_unit_test(names),
		cmocka_unit_test(contents_are_counted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
