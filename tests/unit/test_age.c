// SPDX-License-Identifier: Apache-2.0
/*
 * The cases of the age specification (C2SP age.md): each a file that is built
 * here by its rules, or against one of them.
 */
#include <errno.h>

#include "base/buf.h"
#include "evidence/age_internal.h"
#include "unit/unit.h"

static struct age_identity me, other;
static const uint8_t file_key[AGE_FILE_KEY_BYTES] = "YELLOW SUBMARINE";

static int make_keys(void **state)
{
	struct err e = { 0 };

	(void)state;
	return age_identity_new(&me, &e) || age_identity_new(&other, &e);
}

/* A whole file: header by ${seal}, then ${len} bytes in chunks. */
static void seal(struct buf *ret, const struct age_recipient *to, size_t n,
	const uint8_t *plain, size_t len)
{
	uint8_t begin[AGE_BEGIN_MAX_BYTES];
	static uint8_t chunk[AGE_SEALED_CHUNK_BYTES];
	struct age_sealer *s = NULL;
	struct err e = { 0 };
	size_t k = 0;
	int last;

	assert_ok(age_sealer_new(&s, to, n, &e), &e);
	assert_ok(age_sealer_begin(s, begin, &k, &e), &e);
	assert_ok(buf_append(ret, begin, k, &e), &e);
	do {
		k = len > AGE_CHUNK_BYTES ? AGE_CHUNK_BYTES : len;
		last = k == len;
		memcpy(chunk, plain, k);
		assert_ok(age_sealer_chunk(s, chunk, k, last, &e), &e);
		assert_ok(buf_append(ret, chunk, k + AGE_TAG_BYTES, &e), &e);
		plain += k;
		len -= k;
	} while (!last);
	age_sealer_free(s);
}

/* The number of bytes in ${file}, or the error of opening it. */
static ssize_t open_file(const struct buf *file, const struct age_identity *id,
	uint8_t *ret, struct err *e)
{
	struct age_opener *o = NULL;
	size_t at = 0, total = 0;
	int r = age_opener_new(&o, &at, id, 1, file->data, file->len, e);

	while (r >= 0) {
		size_t k = file->len - at;
		int last = k <= AGE_SEALED_CHUNK_BYTES;

		k = last ? k : AGE_SEALED_CHUNK_BYTES;
		r = age_opener_chunk(o, ret + total, file->data + at, k, last, e);
		if (r < 0)
			break;
		total += (size_t)r;
		at += k;
		if (last)
			break;
	}
	age_opener_free(o);
	return r < 0 ? r : (ssize_t)total;
}

static void sizes_around_the_chunk(void **state)
{
	static const size_t sizes[] = { 0, 1, AGE_CHUNK_BYTES - 1,
		AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, 3 * AGE_CHUNK_BYTES };
	static uint8_t plain[3 * AGE_CHUNK_BYTES], back[sizeof(plain)];
	struct age_recipient to[2] = { me.recipient, other.recipient };

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 31 + i / 251);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO_BUF struct buf b = { 0 };
		struct err e = { 0 };

		buf_init(&b, 1 << 20);
		seal(&b, to, 2, plain, sizes[i]);
		assert_int_equal(open_file(&b, &me, back, &e), sizes[i]);
		assert_memory_equal(plain, back, sizes[i]);
		memset(back, 0, sizeof(back));
		assert_int_equal(open_file(&b, &other, back, &e), sizes[i]);
		assert_memory_equal(plain, back, sizes[i]);
	}
}

/* One flipped bit in any byte, and any cut, is seen. */
static void each_byte_counts(void **state)
{
	static uint8_t back[AGE_CHUNK_BYTES];
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 1 << 16);
	seal(&b, &me.recipient, 1, (const uint8_t *)"ice", 3);
	for (size_t i = 0; i < b.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			ssize_t r;

			b.data[i] ^= (uint8_t)(1 << bit);
			r = open_file(&b, &me, back, &e);
			assert_true(r == -EBADMSG || r == -ENOKEY);
			b.data[i] ^= (uint8_t)(1 << bit);
		}
	for (size_t full = b.len; --b.len > 0;) {
		ssize_t r = open_file(&b, &me, back, &e);

		assert_true(r == -EBADMSG || r == -ENOKEY);
		assert_true(full > b.len);
	}
}

static void for_others(void **state)
{
	static uint8_t back[AGE_CHUNK_BYTES];
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	buf_init(&b, 1 << 16);
	seal(&b, &me.recipient, 1, (const uint8_t *)"ice", 3);
	assert_err(open_file(&b, &other, back, &e), -ENOKEY, &e,
		"other recipients");
}

/* A header of the test's own: ${lines} (with the stanza for me as %s), a MAC
 * that is right for it, and the payload "ice". */
static ssize_t open_header(const char *lines, const char *mac_line)
{
	uint8_t share[AGE_KEY_BYTES], body[AGE_WRAPPED_BYTES];
	uint8_t mac[AGE_MAC_BYTES], nonce[AGE_NONCE_BYTES] = { 0 };
	char share64[64], body64[64], mac64[64], stanza[160];
	static uint8_t back[AGE_CHUNK_BYTES];
	AUTO_BUF struct buf b = { 0 };
	struct age_opener *o = NULL;
	const char *mine = strstr(lines, "@");
	struct err e = { 0 };
	size_t at = 0;
	int r;

	buf_init(&b, 1 << 17);
	assert_ok(age_wrap(share, body, &me.recipient, file_key, &e), &e);
	(void)text_b64_encode(share64, share, sizeof(share));
	(void)text_b64_encode(body64, body, sizeof(body));
	(void)snprintf(
		stanza, sizeof(stanza), "-> X25519 %s\n%s\n", share64, body64);
	assert_ok(buf_text(&b, &e, "%.*s%s%s",
			  (int)(mine ? mine - lines : (long)strlen(lines)),
			  lines, mine ? stanza : "", mine ? mine + 1 : ""),
		&e);
	assert_ok(buf_append(&b, "---", 3, &e), &e);
	assert_ok(age_header_mac(mac, file_key, b.data, b.len, &e), &e);
	(void)text_b64_encode(mac64, mac, sizeof(mac));
	assert_ok(buf_text(&b, &e, "%s%s\n", mac_line ? mac_line : " ",
			  mac_line ? "" : mac64),
		&e);
	assert_ok(buf_append(&b, nonce, sizeof(nonce), &e), &e);
	r = age_opener_new(&o, &at, &me, 1, b.data, b.len, &e);
	age_opener_free(o);
	(void)back;
	return r;
}

#define V1 "age-encryption.org/v1\n"

static void headers_that_are_right(void **state)
{
	(void)state;
	assert_int_equal(open_header(V1 "@", NULL), 0);
	/* Unknown stanzas are passed over, "grease" of any shape. */
	assert_int_equal(open_header(V1 "-> other arg1 arg2\n\n@", NULL), 0);
	assert_int_equal(open_header(V1 "@-> grease\nQUJD\n", NULL), 0);
	assert_int_equal(
		open_header(V1
			"-> ! ~\n"
			"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
			"\n@",
			NULL),
		0);
}

static void headers_that_are_wrong(void **state)
{
	static const char *const bad[] = {
		"age-encryption.org/v2\n@",
		"age-encryption.org/v1\r\n@",
		"@",
		V1 "->\n\n@",
		V1 "-> \n\n@",
		V1 "->  x\n\n@",
		V1 "-> x \n\n@",
		V1 "-> x\ty\n\n@",
		V1 "->x\n\n@",
		V1 "-> x\nQUJD",
		V1 "-> x\nQUJD=\n@",
		V1 "-> x\nQUJ\n@",
		V1 "-> x\n"
		   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		   "@",
		V1 "-> x\n"
		   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		   "\n@",
		V1 "-> X25519\n\n@",
		V1 "-> X25519 QUJD\n\n@",
		V1 "-> X25519 "
		   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA extra\n\n@",
		V1 "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
		   "QUJD\n@",
		V1 "\n@",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (open_header(bad[i], NULL) != -EBADMSG)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(open_header(V1, NULL), -ENOKEY);
	assert_int_equal(open_header(V1 "@", ""), -EBADMSG);
	assert_int_equal(open_header(V1 "@", " "), -EBADMSG);
	assert_int_equal(open_header(V1 "@",
				 " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
		-EBADMSG);
	assert_int_equal(open_header(V1 "@",
				 " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
		-EBADMSG);
	assert_int_equal(open_header(V1 "@",
				 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
		-EBADMSG);
}

/* A share of low order gives a shared secret of zeros: refused. */
static void low_order_share(void **state)
{
	static const uint8_t zero[AGE_KEY_BYTES];
	uint8_t body[AGE_WRAPPED_BYTES] = { 0 }, key[AGE_FILE_KEY_BYTES];
	struct err e = { 0 };

	(void)state;
	assert_err(age_unwrap(key, zero, body, &me, &e), -EBADMSG, &e,
		"low order");
}

static void too_many(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct age_opener *o = NULL;
	struct err e = { 0 };
	size_t at;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_ok(buf_text(&b, &e, V1), &e);
	for (int i = 0; i <= AGE_STANZAS_MAX; i++)
		assert_ok(buf_text(&b, &e, "-> x\n\n"), &e);
	assert_err(age_opener_new(&o, &at, &me, 1, b.data, b.len, &e), -EBADMSG,
		&e, "without an end");
	while (b.len <= AGE_HEADER_MAX_BYTES)
		assert_ok(buf_text(&b, &e, "-> x %0200d\n\n", 0), &e);
	assert_err(age_opener_new(&o, &at, &me, 1, b.data, b.len, &e), -EBADMSG,
		&e, "without an end");
}

static void chunks_in_their_order(void **state)
{
	static uint8_t plain[2 * AGE_CHUNK_BYTES + 5], back[sizeof(plain)];
	AUTO_BUF struct buf b = { 0 };
	struct age_opener *o = NULL;
	struct err e = { 0 };
	const uint8_t *c;
	size_t at = 0;

	(void)state;
	buf_init(&b, 1 << 20);
	seal(&b, &me.recipient, 1, plain, sizeof(plain));
	assert_ok(age_opener_new(&o, &at, &me, 1, b.data, b.len, &e), &e);
	c = b.data + at;
	/* Said to be the last while it is not, and not the first in line. */
	assert_int_equal(
		age_opener_chunk(o, back, c, AGE_SEALED_CHUNK_BYTES, 1, &e),
		-EBADMSG);
	age_opener_free(o);
	assert_ok(age_opener_new(&o, &at, &me, 1, b.data, b.len, &e), &e);
	assert_int_equal(age_opener_chunk(o, back, c + AGE_SEALED_CHUNK_BYTES,
				 AGE_SEALED_CHUNK_BYTES, 0, &e),
		-EBADMSG);
	age_opener_free(o);
	assert_ok(age_opener_new(&o, &at, &me, 1, b.data, b.len, &e), &e);
	assert_int_equal(age_opener_chunk(o, back, c, 100, 0, &e), -EBADMSG);
	assert_int_equal(age_opener_chunk(o, back, c, 15, 1, &e), -EBADMSG);
	age_opener_free(o);
}

/* An empty last chunk is only allowed in an empty file. */
static void empty_last_chunk(void **state)
{
	static uint8_t chunk[AGE_SEALED_CHUNK_BYTES], back[AGE_CHUNK_BYTES];
	uint8_t begin[AGE_BEGIN_MAX_BYTES];
	AUTO_BUF struct buf b = { 0 };
	struct age_sealer *s = NULL;
	struct err e = { 0 };
	size_t k = 0;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_ok(age_sealer_new(&s, &me.recipient, 1, &e), &e);
	assert_ok(age_sealer_begin(s, begin, &k, &e), &e);
	assert_ok(buf_append(&b, begin, k, &e), &e);
	assert_ok(age_sealer_chunk(s, chunk, AGE_CHUNK_BYTES, 0, &e), &e);
	assert_ok(buf_append(&b, chunk, sizeof(chunk), &e), &e);
	assert_int_equal(age_sealer_chunk(s, chunk, 9, 0, &e), -EINVAL);
	assert_ok(age_sealer_chunk(s, chunk, 0, 1, &e), &e);
	assert_ok(buf_append(&b, chunk, AGE_TAG_BYTES, &e), &e);
	assert_int_equal(age_sealer_chunk(s, chunk, 0, 1, &e), -EINVAL);
	age_sealer_free(s);
	assert_err(open_file(&b, &me, back, &e), -EBADMSG, &e, "empty");
}

static void keys_as_text(void **state)
{
	char text[TEXT_KEY_CHARS];
	struct age_recipient r;
	struct age_identity id;
	struct err e = { 0 };

	(void)state;
	age_identity_encode(text, &me);
	assert_ok(age_identity_decode(&id, text, &e), &e);
	assert_memory_equal(&id, &me, sizeof(id));
	age_recipient_encode(text, &me.recipient);
	assert_ok(age_recipient_decode(&r, text, &e), &e);
	assert_memory_equal(&r, &me.recipient, sizeof(r));
	assert_err(age_recipient_decode(&r, "ssh-ed25519 AAAA", &e), -EINVAL,
		&e, "ssh-ed25519");
	assert_err(age_identity_decode(&id, text, &e), -EINVAL, &e,
		"AGE-SECRET-KEY");
	assert_null(strstr(e.msg, text));
}

static void recipients_have_a_limit(void **state)
{
	struct age_recipient to[AGE_RECIPIENTS_MAX + 1] = { 0 };
	struct age_sealer *s = NULL;
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(to); i++)
		to[i] = me.recipient;
	assert_int_equal(age_sealer_new(&s, to, ARRAY_LEN(to), &e), -EINVAL);
	assert_int_equal(age_sealer_new(&s, to, 0, &e), -EINVAL);
	buf_init(&b, 1 << 20);
	seal(&b, to, AGE_RECIPIENTS_MAX, (const uint8_t *)"ice", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_around_the_chunk),
		cmocka_unit_test(each_byte_counts),
		cmocka_unit_test(for_others),
		cmocka_unit_test(headers_that_are_right),
		cmocka_unit_test(headers_that_are_wrong),
		cmocka_unit_test(low_order_share),
		cmocka_unit_test(too_many),
		cmocka_unit_test(chunks_in_their_order),
		cmocka_unit_test(empty_last_chunk),
		cmocka_unit_test(keys_as_text),
		cmocka_unit_test(recipients_have_a_limit),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
