// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "evidence/certs.h"
#include "lab/b64.h"
#include "lab/jwt.h"

static void md_ctx_freep(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

/* A part, decoded, as a JSON object. */
static int open_part(json_t **ret, const char *text, size_t len, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r;

	buf_init(&b, JWT_MAX_BYTES);
	r = b64_url(&b, text, len, e);
	if (r == 0)
		r = json_decode(ret, b.data, b.len, e);
	return r < 0 ? err_wrap(e, r, "token") : 0;
}

static int check_header(const char *text, size_t len, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	const char *alg;
	int r = open_part(&j, text, len, e);

	if (r < 0)
		return r;
	alg = json_string_value(json_object_get(j, "alg"));
	if (!alg || strcmp(alg, "RS256") != 0)
		return err_set(e, -EBADMSG, "the token is not signed by RS256");
	if (json_object_get(j, "crit"))
		return err_set(e, -EBADMSG,
			"the token has extensions that must be understood");
	return 0;
}

static bool valid_at(const X509 *cert, time_t at)
{
	return X509_cmp_time(X509_get0_notBefore(cert), &at) < 0 &&
	       X509_cmp_time(X509_get0_notAfter(cert), &at) > 0;
}

/* 1 if it did, 0 if not, negative if that cannot be found out. */
static int signed_by(const X509 *cert, const char *text, size_t len,
	const struct buf *signature)
{
	CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
		EVP_PKEY_get_bits(key) < JWT_KEY_BITS_MIN)
		return 0;
	if (!ctx || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) != 1)
		return -ENOMEM;
	return EVP_DigestVerify(ctx, signature->data, signature->len,
		       (const uint8_t *)text, len) == 1;
}

static int check_signature(const char *text, size_t len,
	const struct buf *signature, const STACK_OF(X509) * keys, int64_t at,
	struct err *e)
{
	bool expired = false;

	ERR_clear_error();
	for (int i = 0; i < sk_X509_num(keys); i++) {
		const X509 *cert = sk_X509_value(keys, i);
		int r = signed_by(cert, text, len, signature);

		if (r < 0)
			return certs_error(e, r, "signature of the token");
		if (r && valid_at(cert, (time_t)at))
			return 0;
		expired |= r;
	}
	if (certs_no_memory())
		return err_set(e, -ENOMEM, "no memory for a signature");
	return err_set(e, -EBADMSG, "%s",
		expired ? "the key that signed the token was not valid then"
			: "the token is signed by none of the given keys");
}

int jwt_open(json_t **ret, const char *text, size_t len,
	const STACK_OF(X509) * keys, int64_t at, struct err *e)
{
	AUTO_BUF struct buf signature = { 0 };
	const char *payload, *end;
	json_t *claims = NULL;
	int r;

	if (len > JWT_MAX_BYTES)
		return err_set(e, -EBADMSG, "token of %zu bytes", len);
	payload = memchr(text, '.', len);
	end = payload ? memchr(payload + 1, '.',
				len - (size_t)(payload + 1 - text))
		      : NULL;
	if (!end)
		return err_set(e, -EBADMSG, "not a token of three parts");
	payload++;
	buf_init(&signature, JWT_MAX_BYTES);
	r = check_header(text, (size_t)(payload - 1 - text), e);
	if (r == 0)
		r = b64_url(
			&signature, end + 1, len - (size_t)(end + 1 - text), e);
	if (r == 0 && keys)
		r = check_signature(
			text, (size_t)(end - text), &signature, keys, at, e);
	if (r == 0)
		r = open_part(&claims, payload, (size_t)(end - payload), e);
	if (r == 0)
		*ret = claims;
	return r;
}
