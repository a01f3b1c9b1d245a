// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "evidence/age_stream.h"

/* 11 bytes of counter, big-endian, and the flag of the last chunk. */
static void chunk_nonce(
	uint8_t ret[AGE_AEAD_NONCE_BYTES], uint64_t counter, int last)
{
	memset(ret, 0, AGE_AEAD_NONCE_BYTES);
	for (int i = 0; i < 8; i++)
		ret[10 - i] = (uint8_t)(counter >> 8 * i);
	ret[11] = last ? 1 : 0;
}

int age_stream_init(struct age_stream *s, struct err *e)
{
	*s = (struct age_stream){ .ctx = EVP_CIPHER_CTX_new() };
	return s->ctx ? 0 : err_set(e, -ENOMEM, "ChaCha20-Poly1305");
}

void age_stream_done(struct age_stream *s)
{
	EVP_CIPHER_CTX_free(s->ctx);
	s->ctx = NULL;
}

int age_stream_begin(struct age_stream *s,
	const uint8_t file_key[AGE_FILE_KEY_BYTES],
	const uint8_t nonce[AGE_NONCE_BYTES], int enc, struct err *e)
{
	uint8_t key[32];
	int r = age_hkdf(key, file_key, AGE_FILE_KEY_BYTES, nonce,
		AGE_NONCE_BYTES, "payload", e);

	if (r < 0)
		return r;
	if (EVP_CipherInit_ex2(
		    s->ctx, EVP_chacha20_poly1305(), key, NULL, enc, NULL) != 1)
		r = err_set(e, -ENOMEM, "ChaCha20-Poly1305");
	explicit_bzero(key, sizeof(key));
	s->counter = 0;
	s->ended = 0;
	return r;
}

int age_stream_seal(struct age_stream *s, uint8_t *chunk, size_t len, int last,
	struct err *e)
{
	uint8_t nonce[AGE_AEAD_NONCE_BYTES];
	int n = 0;

	if (s->ended || len > AGE_CHUNK_BYTES ||
		(!last && len != AGE_CHUNK_BYTES))
		return err_set(e, -EINVAL, "chunk of %zu bytes", len);
	chunk_nonce(nonce, s->counter++, last);
	if (EVP_EncryptInit_ex2(s->ctx, NULL, NULL, nonce, NULL) != 1 ||
		EVP_EncryptUpdate(s->ctx, chunk, &n, chunk, (int)len) != 1 ||
		EVP_EncryptFinal_ex(s->ctx, chunk + n, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_GET_TAG,
			AGE_TAG_BYTES, chunk + len) != 1)
		return err_set(e, -EIO, "ChaCha20-Poly1305");
	s->ended = last;
	return 0;
}

int age_stream_open(struct age_stream *s, uint8_t *ret, const uint8_t *chunk,
	size_t len, int last, struct err *e)
{
	uint8_t nonce[AGE_AEAD_NONCE_BYTES], tag[AGE_TAG_BYTES];
	unsigned long long at = s->counter;
	size_t plain = len - AGE_TAG_BYTES;
	int n = 0;

	if (s->ended || len < AGE_TAG_BYTES || len > AGE_SEALED_CHUNK_BYTES ||
		(!last && len != AGE_SEALED_CHUNK_BYTES))
		return err_set(e, -EBADMSG, "chunk %llu has %zu bytes", at, len);
	/* Only an empty file has an empty chunk. */
	if (plain == 0 && s->counter > 0)
		return err_set(e, -EBADMSG, "chunk %llu is empty", at);
	chunk_nonce(nonce, s->counter++, last);
	memcpy(tag, chunk + plain, AGE_TAG_BYTES);
	if (EVP_DecryptInit_ex2(s->ctx, NULL, NULL, nonce, NULL) != 1 ||
		EVP_CIPHER_CTX_ctrl(s->ctx, EVP_CTRL_AEAD_SET_TAG,
			AGE_TAG_BYTES, tag) != 1 ||
		EVP_DecryptUpdate(s->ctx, ret, &n, chunk, (int)plain) != 1 ||
		EVP_DecryptFinal_ex(s->ctx, ret + n, &n) != 1)
		return err_set(e, -EBADMSG,
			"chunk %llu was changed, moved or cut off", at);
	s->ended = last;
	return (int)plain;
}
