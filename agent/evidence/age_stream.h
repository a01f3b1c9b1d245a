/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of an age file: STREAM of ChaCha20-Poly1305 chunks. */
#ifndef EVIDENCE_AGE_STREAM_H
#define EVIDENCE_AGE_STREAM_H

#include "evidence/age_internal.h"

struct evp_cipher_ctx_st;

struct age_stream {
	struct evp_cipher_ctx_st *ctx;
	uint64_t counter;
	int ended; /* the last chunk was there */
};

/*
 * age_stream_init(s, e), age_stream_begin(s, file_key, nonce, enc, e):
 * Make ${s}, which age_stream_done() ends, and begin a payload to encrypt
 * (${enc}) or to decrypt.
 */
int age_stream_init(struct age_stream *s, struct err *e) MUST_CHECK;
void age_stream_done(struct age_stream *s);
int age_stream_begin(struct age_stream *s,
	const uint8_t file_key[AGE_FILE_KEY_BYTES],
	const uint8_t nonce[AGE_NONCE_BYTES], int enc, struct err *e) MUST_CHECK;

/*
 * age_stream_seal(s, chunk, len, last, e):
 * As age_sealer_chunk().
 */
int age_stream_seal(struct age_stream *s, uint8_t *chunk, size_t len, int last,
	struct err *e) MUST_CHECK;

/*
 * age_stream_open(s, ret, chunk, len, last, e):
 * As age_opener_chunk().
 */
int age_stream_open(struct age_stream *s, uint8_t *ret, const uint8_t *chunk,
	size_t len, int last, struct err *e) MUST_CHECK;

#endif
