// SPDX-License-Identifier: Apache-2.0
/* Time stamps by an authority that is made here. */
#include <errno.h>

#include "evidence/timestamp.h"
#include "unit/pki.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { DAY = 86400, NOW = 1800000000 }; /* 2027-01-15 08:00:00 UTC */

static const uint8_t signature[MANIFEST_SIGNATURE_BYTES] = "a signature";
static const uint8_t other[MANIFEST_SIGNATURE_BYTES] = "another one";
static struct pki root, stranger, tsa, expired, signer;
static STACK_OF(X509) * roots, *strangers;
static char top[SCRATCH_CHARS];

static STACK_OF(X509) * load(const struct pki *p)
{
	char path[SCRATCH_CHARS];
	STACK_OF(X509) *list = NULL;
	struct err e = { 0 };

	scratch_path(path, top, "ca.pem");
	pki_save(path, p, NULL);
	assert_ok(certs_load(&list, path, &e), &e);
	return list;
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	pki_new(&root, NULL, "Root", PKI_AUTHORITY, NOW - 900 * DAY,
		NOW + 900 * DAY);
	pki_new(&stranger, NULL, "Stranger", PKI_AUTHORITY, NOW - 900 * DAY,
		NOW + 900 * DAY);
	pki_new(&tsa, &root, "TSA", PKI_TSA, NOW - DAY, NOW + DAY);
	pki_new(&expired, &root, "Old TSA", PKI_TSA, NOW - 9 * DAY,
		NOW - 8 * DAY);
	pki_new(&signer, &root, "No TSA", PKI_SIGNER, NOW - DAY, NOW + DAY);
	roots = load(&root);
	strangers = load(&stranger);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	certs_free(roots);
	certs_free(strangers);
	pki_done(&root);
	pki_done(&stranger);
	pki_done(&tsa);
	pki_done(&expired);
	pki_done(&signer);
	scratch_remove(top);
	return 0;
}

static void ask(struct buf *request, const uint8_t *what)
{
	struct err e = { 0 };

	buf_init(request, MANIFEST_REQUEST_MAX_BYTES);
	assert_ok(timestamp_request(request, what, &e), &e);
}

/* The token of ${by} for ${what} at ${at}. */
static void get(
	struct buf *token, const uint8_t *what, const struct pki *by, time_t at)
{
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	struct err e = { 0 };

	ask(&request, what);
	buf_init(&reply, TIMESTAMP_REPLY_MAX_BYTES);
	buf_init(token, MANIFEST_TOKEN_MAX_BYTES);
	pki_stamp(&reply, by, &request, at);
	assert_ok(timestamp_accept(token, &request, &reply, &e), &e);
}

static void round_trip(void **state)
{
	struct timestamp_trust trust = { .authorities = roots };
	AUTO_BUF struct buf token = { 0 };
	struct timestamp_info info = { 0 };
	struct err e = { 0 };

	(void)state;
	get(&token, signature, &tsa, NOW);
	assert_ok(timestamp_verify(&info, &token, signature, &trust, &e), &e);
	assert_int_equal(info.time, NOW);
	assert_string_equal(info.policy, "1.2.3.4.1");
	assert_string_equal(info.authority, "CN=TSA");
	assert_true(strlen(info.serial) == 4);
	memset(&info, 0, sizeof(info));
	assert_ok(timestamp_verify(&info, &token, signature, NULL, &e), &e);
	assert_int_equal(info.time, NOW);
}

/* The whole request follows from the signature (FORMAT.md 5.1). */
static void requests(void **state)
{
	static const uint8_t begin[] = { 0x30, 0x43, 0x02, 0x01, 0x01, 0x30,
		0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
		0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	AUTO_BUF struct buf a = { 0 };
	AUTO_BUF struct buf b = { 0 };
	AUTO_BUF struct buf c = { 0 };
	uint8_t sha[HASH_BYTES], text[17 + MANIFEST_SIGNATURE_BYTES];
	struct err e = { 0 };

	(void)state;
	ask(&a, signature);
	ask(&b, signature);
	ask(&c, other);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	assert_true(a.len != c.len || memcmp(a.data, c.data, a.len) != 0);
	assert_memory_equal(a.data + 2, begin + 2, sizeof(begin) - 2);
	assert_ok(hash_bytes(sha, signature, sizeof(signature), &e), &e);
	assert_memory_equal(a.data + sizeof(begin), sha, HASH_BYTES);
	memcpy(text, "icecore.v1.nonce", 17);
	memcpy(text + 17, signature, sizeof(signature));
	assert_ok(hash_bytes(sha, text, sizeof(text), &e), &e);
	/* INTEGER, big-endian, here without leading zeros; then certReq. */
	for (int i = 0; i < 8; i++) {
		int carry = i ? sha[8 - i] & 1 : 0;
		const uint8_t *p = a.data + a.len - 3 - 8;

		assert_int_equal(p[i], (sha[7 - i] >> 1) | carry << 7);
	}
	assert_memory_equal(a.data + a.len - 3, "\x01\x01\xff", 3);
}

static void not_for_this(void **state)
{
	struct timestamp_trust trust = { .authorities = roots };
	AUTO_BUF struct buf token = { 0 };
	struct timestamp_info info;
	struct err e = { 0 };

	(void)state;
	get(&token, other, &tsa, NOW);
	assert_err(timestamp_verify(&info, &token, signature, &trust, &e),
		-EBADMSG, &e, "imprint");
	assert_err(timestamp_verify(&info, &token, signature, NULL, &e),
		-EBADMSG, &e, "imprint");
}

static void whom_to_believe(void **state)
{
	struct timestamp_trust good = { .authorities = roots };
	struct timestamp_trust bad = { .authorities = strangers };
	AUTO_BUF struct buf token = { 0 };
	AUTO_BUF struct buf late = { 0 };
	AUTO_BUF struct buf old = { 0 };
	struct timestamp_info info;
	struct err e = { 0 };

	(void)state;
	get(&token, signature, &tsa, NOW);
	assert_err(timestamp_verify(&info, &token, signature, &bad, &e),
		-EBADMSG, &e, "unable to get local issuer certificate");
	/* Run out since, but good when it stamped. */
	get(&old, signature, &expired, NOW - 8 * DAY - 1);
	assert_ok(timestamp_verify(&info, &old, signature, &good, &e), &e);
	assert_int_equal(info.time, NOW - 8 * DAY - 1);
	/* Run out when it stamped. */
	get(&late, signature, &expired, NOW);
	assert_err(timestamp_verify(&info, &late, signature, &good, &e),
		-EBADMSG, &e, "certificate has expired");
}

/* What leads to the authority may come from elsewhere. */
static void chains(void **state)
{
	struct timestamp_trust trust = { .authorities = roots };
	AUTO_BUF struct buf token = { 0 };
	struct pki middle = { 0 }, leaf = { 0 };
	struct timestamp_info info;
	struct err e = { 0 };
	STACK_OF(X509) * more;

	(void)state;
	pki_new(&middle, &root, "Middle", PKI_AUTHORITY, NOW - DAY, NOW + DAY);
	pki_new(&leaf, &middle, "Leaf", PKI_TSA, NOW - DAY, NOW + DAY);
	more = load(&middle);
	get(&token, signature, &leaf, NOW);
	assert_err(timestamp_verify(&info, &token, signature, &trust, &e),
		-EBADMSG, &e, "unable to get local issuer certificate");
	trust.untrusted = more;
	assert_ok(timestamp_verify(&info, &token, signature, &trust, &e), &e);
	/* The one in the middle may be the authority. */
	trust.authorities = more;
	trust.untrusted = NULL;
	assert_ok(timestamp_verify(&info, &token, signature, &trust, &e), &e);
	certs_free(more);
	pki_done(&middle);
	pki_done(&leaf);
}

/* A PKCS#7 of somebody whom the authority vouches for, over something else. */
static void no_time_stamp(void **state)
{
	struct timestamp_trust trust = { .authorities = roots };
	AUTO_BUF struct buf token = { 0 };
	AUTO_BUF struct buf base64 = { 0 };
	struct timestamp_info info;
	struct err e = { 0 };
	uint8_t *room;
	int len;

	(void)state;
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES);
	buf_init(&base64, MANIFEST_TOKEN_MAX_BYTES);
	pki_pkcs7(&base64, &signer, "no TSTInfo", 0);
	assert_ok(buf_reserve(&token, &room, base64.len, &e), &e);
	len = EVP_DecodeBlock(room, base64.data, (int)base64.len);
	assert_true(len > 0);
	while (base64.data[--base64.len] == '=')
		len--;
	token.len = (size_t)len;
	assert_err(timestamp_verify(&info, &token, signature, &trust, &e),
		-EBADMSG, &e, "not a time-stamp token");
}

static void each_bit_of_the_token(void **state)
{
	struct timestamp_trust trust = { .authorities = roots };
	AUTO_BUF struct buf token = { 0 };
	struct timestamp_info info;
	struct err e = { 0 };
	int seen = 0, same = 0;

	(void)state;
	get(&token, signature, &tsa, NOW);
	for (size_t i = 0; i < token.len; i += 3) {
		token.data[i] ^= 4;
		if (timestamp_verify(&info, &token, signature, &trust, &e) == 0) {
			/* NULL parameters of algorithms and the like. */
			assert_int_equal(info.time, NOW);
			same++;
		} else {
			assert_true(e.msg[0]);
			seen++;
		}
		token.data[i] ^= 4;
	}
	print_message("%d changes seen, %d without meaning\n", seen, same);
	assert_true(seen > 50 * same);
	for (size_t n = 0; n < token.len; n += 7) {
		struct buf cut = token;

		cut.len = n;
		assert_err(timestamp_verify(&info, &cut, signature, &trust, &e),
			-EBADMSG, &e, "token");
	}
	assert_ok(buf_append(&token, "", 1, &e), &e);
	assert_err(timestamp_verify(&info, &token, signature, &trust, &e),
		-EBADMSG, &e, "not a time-stamp token");
}

static void bad_replies(void **state)
{
	/* TimeStampResp { status rejection, failInfo badAlg } */
	static const uint8_t rejection[] = { 0x30, 0x09, 0x30, 0x07, 0x02, 0x01,
		0x02, 0x03, 0x02, 0x07, 0x80 };
	static const uint8_t granted[] = { 0x30, 0x05, 0x30, 0x03, 0x02, 0x01,
		0x00 };
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf foreign = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	AUTO_BUF struct buf token = { 0 };
	struct err e = { 0 };

	(void)state;
	ask(&request, signature);
	ask(&foreign, other);
	buf_init(&reply, TIMESTAMP_REPLY_MAX_BYTES);
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES);
	assert_err(timestamp_accept(&token, &request, &reply, &e), -EBADMSG, &e,
		"not a time-stamp reply");
	assert_ok(buf_append(&reply, rejection, sizeof(rejection), &e), &e);
	assert_err(timestamp_accept(&token, &request, &reply, &e), -EPROTO, &e,
		"rejection");
	assert_ok(buf_append(&reply, "", 1, &e), &e);
	assert_err(timestamp_accept(&token, &request, &reply, &e), -EBADMSG, &e,
		"not a time-stamp reply");
	reply.len = 0;
	assert_ok(buf_append(&reply, granted, sizeof(granted), &e), &e);
	assert_err(timestamp_accept(&token, &request, &reply, &e), -EBADMSG, &e,
		"time-stamp reply");
	reply.len = 0;
	assert_ok(buf_append(&reply, "<html>", 6, &e), &e);
	assert_err(timestamp_accept(&token, &request, &reply, &e), -EBADMSG, &e,
		"not a time-stamp reply");
	reply.len = 0;
	pki_stamp(&reply, &tsa, &foreign, NOW);
	assert_err(timestamp_accept(&token, &request, &reply, &e), -EBADMSG, &e,
		"mismatch");
	assert_int_equal(token.len, 0);
}

static void certificate_files(void **state)
{
	char path[SCRATCH_CHARS];
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";
	STACK_OF(X509) *list = NULL;
	struct err e = { 0 };

	(void)state;
	scratch_path(path, top, "bad.pem");
	assert_err(certs_load(&list, path, &e), -ENOENT, &e, "bad.pem");
	scratch_write(top, "bad.pem", "", 0);
	assert_err(certs_load(&list, path, &e), -EINVAL, &e, "no certificate");
	scratch_write(top, "bad.pem", broken, strlen(broken));
	assert_err(certs_load(&list, path, &e), -EINVAL, &e, "PEM");
	assert_null(list);
	pki_save(path, &root, &tsa, &signer, NULL);
	assert_ok(certs_load(&list, path, &e), &e);
	assert_int_equal(sk_X509_num(list), 3);
	certs_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(requests),
		cmocka_unit_test(not_for_this),
		cmocka_unit_test(whom_to_believe),
		cmocka_unit_test(chains),
		cmocka_unit_test(no_time_stamp),
		cmocka_unit_test(each_bit_of_the_token),
		cmocka_unit_test(bad_replies),
		cmocka_unit_test(certificate_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
