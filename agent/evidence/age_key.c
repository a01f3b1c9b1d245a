// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/err.h"
#include "evidence/age_internal.h"

static const char recipient_prefix[] = "age";
static const char identity_prefix[] = "AGE-SECRET-KEY-";
static const char wrap_info[] = "age-encryption.org/v1/X25519";

static void pkey_freep(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void pkey_ctx_freep(EVP_PKEY_CTX **p)
{
	EVP_PKEY_CTX_free(*p);
}

static void cipher_ctx_freep(EVP_CIPHER_CTX **p)
{
	EVP_CIPHER_CTX_free(*p);
}

static void kdf_freep(EVP_KDF **p)
{
	EVP_KDF_free(*p);
}

static void kdf_ctx_freep(EVP_KDF_CTX **p)
{
	EVP_KDF_CTX_free(*p);
}

int age_recipient_decode(
	struct age_recipient *ret, const char *text, struct err *e)
{
	if (text_bech32_decode(ret->key, recipient_prefix, text) < 0)
		return err_set(e, -EINVAL,
			"not an age recipient (age1...): '%.80s'", text);
	return 0;
}

void age_recipient_encode(char ret[TEXT_KEY_CHARS], const struct age_recipient *r)
{
	text_bech32_encode(ret, recipient_prefix, r->key);
}

/* The public half of id->secret. */
static int fill_recipient(struct age_identity *id, struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_X25519, NULL, id->secret, AGE_KEY_BYTES);
	size_t len = AGE_KEY_BYTES;

	if (!key || EVP_PKEY_get_raw_public_key(key, id->recipient.key, &len) != 1)
		return err_set(e, -ENOMEM, "X25519 key");
	return 0;
}

int age_identity_new(struct age_identity *ret, struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	struct age_identity id = { 0 };
	size_t len = AGE_KEY_BYTES;
	int r;

	if (!key || EVP_PKEY_get_raw_private_key(key, id.secret, &len) != 1)
		return err_set(e, -EIO, "new X25519 key");
	r = fill_recipient(&id, e);
	if (r == 0)
		*ret = id;
	age_identity_done(&id);
	return r;
}

void age_identity_done(struct age_identity *id)
{
	if (id)
		explicit_bzero(id, sizeof(*id));
}

int age_identity_decode(struct age_identity *ret, const char *text, struct err *e)
{
	struct age_identity id = { 0 };
	int r = text_bech32_decode(id.secret, identity_prefix, text);

	if (r < 0)
		return err_set(e, -EINVAL,
			"not an age identity (AGE-SECRET-KEY-1...)");
	r = fill_recipient(&id, e);
	if (r == 0)
		*ret = id;
	age_identity_done(&id);
	return r;
}

void age_identity_encode(char ret[TEXT_KEY_CHARS], const struct age_identity *id)
{
	text_bech32_encode(ret, identity_prefix, id->secret);
	for (char *p = ret; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
}

int age_hkdf(uint8_t ret[32], const uint8_t *key, size_t key_len,
	const uint8_t *salt, size_t salt_len, const char *info, struct err *e)
{
	CLEANUP(kdf_freep)
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	CLEANUP(kdf_ctx_freep)
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, key_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
			(void *)(uintptr_t)info, strlen(info)),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, salt_len),
		OSSL_PARAM_construct_end(),
	};

	if (!salt_len)
		params[3] = OSSL_PARAM_construct_end();
	if (!ctx || EVP_KDF_derive(ctx, ret, 32, params) != 1)
		return err_set(e, -ENOMEM, "HKDF-SHA256");
	return 0;
}

int age_header_mac(uint8_t ret[AGE_MAC_BYTES],
	const uint8_t file_key[AGE_FILE_KEY_BYTES], const uint8_t *header,
	size_t len, struct err *e)
{
	uint8_t key[32];
	int r = age_hkdf(key, file_key, AGE_FILE_KEY_BYTES, NULL, 0, "header", e);

	if (r == 0 &&
		!HMAC(EVP_sha256(), key, sizeof(key), header, len, ret, NULL))
		r = err_set(e, -ENOMEM, "HMAC-SHA256");
	explicit_bzero(key, sizeof(key));
	return r;
}

/* The key that wraps the file key: one side's secret, the other's public. */
static int wrap_key(uint8_t ret[32], EVP_PKEY *secret, const uint8_t *peer,
	const uint8_t salt[2 * AGE_KEY_BYTES], struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *pub = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_X25519, NULL, peer, AGE_KEY_BYTES);
	CLEANUP(pkey_ctx_freep)
	EVP_PKEY_CTX *ctx = secret ? EVP_PKEY_CTX_new(secret, NULL) : NULL;
	uint8_t shared[AGE_KEY_BYTES];
	size_t len = sizeof(shared);
	int r;

	if (!pub || !ctx || EVP_PKEY_derive_init(ctx) != 1 ||
		EVP_PKEY_derive_set_peer(ctx, pub) != 1)
		return err_set(e, -ENOMEM, "X25519");
	/* OpenSSL refuses a shared secret of all zeros, as age demands. */
	if (EVP_PKEY_derive(ctx, shared, &len) != 1)
		return err_set(e, -EBADMSG, "X25519 share of low order");
	r = age_hkdf(ret, shared, sizeof(shared), salt,
		(size_t)2 * AGE_KEY_BYTES, wrap_info, e);
	explicit_bzero(shared, sizeof(shared));
	return r;
}

/* ChaCha20-Poly1305 of the file key with a nonce of zeros, as age has it. */
static bool aead_once(uint8_t *out, const uint8_t *in, const uint8_t key[32],
	uint8_t *tag, int enc)
{
	static const uint8_t nonce[AGE_AEAD_NONCE_BYTES];
	CLEANUP(cipher_ctx_freep)
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0;

	return c &&
	       EVP_CipherInit_ex2(c, EVP_chacha20_poly1305(), key, nonce, enc,
		       NULL) == 1 &&
	       (enc || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG,
			       AGE_TAG_BYTES, tag) == 1) &&
	       EVP_CipherUpdate(c, out, &n, in, AGE_FILE_KEY_BYTES) == 1 &&
	       EVP_CipherFinal_ex(c, out + n, &n) == 1 &&
	       (!enc || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG,
				AGE_TAG_BYTES, tag) == 1);
}

int age_wrap(uint8_t ret_share[AGE_KEY_BYTES],
	uint8_t ret_body[AGE_WRAPPED_BYTES], const struct age_recipient *to,
	const uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *eph = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	uint8_t salt[2 * AGE_KEY_BYTES], key[32];
	size_t len = AGE_KEY_BYTES;
	int r;

	if (!eph || EVP_PKEY_get_raw_public_key(eph, salt, &len) != 1)
		return err_set(e, -EIO, "new X25519 key");
	memcpy(salt + AGE_KEY_BYTES, to->key, AGE_KEY_BYTES);
	r = wrap_key(key, eph, to->key, salt, e);
	if (r < 0)
		return r;
	if (!aead_once(ret_body, file_key, key, ret_body + AGE_FILE_KEY_BYTES, 1))
		r = err_set(e, -ENOMEM, "ChaCha20-Poly1305");
	explicit_bzero(key, sizeof(key));
	memcpy(ret_share, salt, AGE_KEY_BYTES);
	return r;
}

int age_unwrap(uint8_t ret[AGE_FILE_KEY_BYTES],
	const uint8_t share[AGE_KEY_BYTES], const uint8_t body[AGE_WRAPPED_BYTES],
	const struct age_identity *id, struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *secret = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_X25519, NULL, id->secret, AGE_KEY_BYTES);
	uint8_t salt[2 * AGE_KEY_BYTES], key[32], tag[AGE_TAG_BYTES];
	int r;

	memcpy(salt, share, AGE_KEY_BYTES);
	memcpy(salt + AGE_KEY_BYTES, id->recipient.key, AGE_KEY_BYTES);
	memcpy(tag, body + AGE_FILE_KEY_BYTES, AGE_TAG_BYTES);
	r = wrap_key(key, secret, share, salt, e);
	if (r < 0)
		return r;
	if (!aead_once(ret, body, key, tag, 0))
		r = err_set(e, -ENOKEY, "not for this key");
	explicit_bzero(key, sizeof(key));
	return r;
}
