/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age v1 files for X25519 recipients, as age-encryption.org/v1 specifies
 * them (C2SP age.md): header with one stanza a recipient, HMAC-SHA256 over
 * it, and the payload in chunks of 64 KiB under ChaCha20-Poly1305.
 */
#ifndef EVIDENCE_AGE_H
#define EVIDENCE_AGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "evidence/text.h"

struct err;

enum {
	AGE_KEY_BYTES = TEXT_KEY_BYTES,
	AGE_RECIPIENTS_MAX = 16,
	AGE_CHUNK_BYTES = 64 << 10,
	AGE_TAG_BYTES = 16,
	AGE_SEALED_CHUNK_BYTES = AGE_CHUNK_BYTES + AGE_TAG_BYTES,
	AGE_NONCE_BYTES = 16,
	/* What age_sealer_begin() may write: intro, 16 stanzas, MAC, nonce. */
	AGE_BEGIN_MAX_BYTES = 4096,
	/* What a reader accepts, for other people's files. */
	AGE_HEADER_MAX_BYTES = 64 << 10,
	AGE_STANZAS_MAX = 256,
};

struct age_recipient {
	uint8_t key[AGE_KEY_BYTES];
};

struct age_identity {
	uint8_t secret[AGE_KEY_BYTES];
	struct age_recipient recipient;
};

/*
 * age_recipient_decode(ret, text, e), age_recipient_encode(ret, r):
 * "age1..." to key and back.
 */
int age_recipient_decode(
	struct age_recipient *ret, const char *text, struct err *e) MUST_CHECK;
void age_recipient_encode(
	char ret[TEXT_KEY_CHARS], const struct age_recipient *r);

/*
 * age_identity_new(ret, e):
 * A new key pair.  The caller wipes it with age_identity_done().
 */
int age_identity_new(struct age_identity *ret, struct err *e) MUST_CHECK;
void age_identity_done(struct age_identity *id);

/*
 * age_identity_decode(ret, text, e), age_identity_encode(ret, id):
 * "AGE-SECRET-KEY-1..." to key pair and back.
 */
int age_identity_decode(
	struct age_identity *ret, const char *text, struct err *e) MUST_CHECK;
void age_identity_encode(char ret[TEXT_KEY_CHARS], const struct age_identity *id);

struct age_sealer;

/*
 * age_sealer_new(ret, recipients, n, e):
 * What seals files for ${n} recipients, which are copied.  One thread at a
 * time.  The caller frees with age_sealer_free().
 */
int age_sealer_new(struct age_sealer **ret,
	const struct age_recipient *recipients, size_t n,
	struct err *e) MUST_CHECK;
void age_sealer_free(struct age_sealer *s);

/*
 * age_sealer_begin(s, ret, ret_len, e):
 * Begin a file under a new file key: write header and nonce, at most
 * AGE_BEGIN_MAX_BYTES, to ${ret}.
 */
int age_sealer_begin(struct age_sealer *s, uint8_t *ret, size_t *ret_len,
	struct err *e) MUST_CHECK;

/*
 * age_sealer_chunk(s, chunk, len, last, e):
 * Encrypt the ${len} bytes at ${chunk} in place and append the tag, which
 * needs AGE_TAG_BYTES of room.  ${len} is AGE_CHUNK_BYTES unless ${last}.
 */
int age_sealer_chunk(struct age_sealer *s, uint8_t *chunk, size_t len, int last,
	struct err *e) MUST_CHECK;

struct age_opener;

/*
 * age_opener_new(ret, ret_header, identities, n, buf, len, e):
 * Read the header and nonce at the start of an age file of ${len} bytes;
 * ${ret_header} is their size.  -ENOKEY when no stanza is for one of the
 * identities, -EBADMSG when the file is malformed or the header's MAC is
 * wrong.  The caller frees with age_opener_free().
 */
int age_opener_new(struct age_opener **ret, size_t *ret_header,
	const struct age_identity *identities, size_t n, const uint8_t *buf,
	size_t len, struct err *e) MUST_CHECK;
void age_opener_free(struct age_opener *o);

/*
 * age_opener_chunk(o, ret, chunk, len, last, e):
 * Decrypt one chunk with its tag (${len} up to AGE_SEALED_CHUNK_BYTES) into
 * ${ret}, which has room for AGE_CHUNK_BYTES.  Return the number of bytes;
 * -EBADMSG when it was changed, moved, cut off, or is not the last as said.
 */
int age_opener_chunk(struct age_opener *o, uint8_t *ret, const uint8_t *chunk,
	size_t len, int last, struct err *e) MUST_CHECK;

#endif
