/* SPDX-License-Identifier: Apache-2.0 */
/* What age's header and payload share: keys and the three primitives. */
#ifndef EVIDENCE_AGE_INTERNAL_H
#define EVIDENCE_AGE_INTERNAL_H

#include "evidence/age.h"

enum {
	AGE_FILE_KEY_BYTES = 16,
	AGE_WRAPPED_BYTES = AGE_FILE_KEY_BYTES + AGE_TAG_BYTES,
	AGE_MAC_BYTES = 32,
	AGE_AEAD_NONCE_BYTES = 12,
};

/*
 * age_hkdf(ret, key, key_len, salt, salt_len, info, e):
 * HKDF-SHA256 (RFC 5869) to 32 bytes.
 */
int age_hkdf(uint8_t ret[32], const uint8_t *key, size_t key_len,
	const uint8_t *salt, size_t salt_len, const char *info,
	struct err *e) MUST_CHECK;

/*
 * age_header_mac(ret, file_key, header, len, e):
 * The MAC of a header of ${len} bytes, which end with "---".
 */
int age_header_mac(uint8_t ret[AGE_MAC_BYTES],
	const uint8_t file_key[AGE_FILE_KEY_BYTES], const uint8_t *header,
	size_t len, struct err *e) MUST_CHECK;

/*
 * age_wrap(ret_share, ret_body, r, file_key, e):
 * Wrap the file key for ${r} under a new ephemeral key, whose public half is
 * ${ret_share}.
 */
int age_wrap(uint8_t ret_share[AGE_KEY_BYTES],
	uint8_t ret_body[AGE_WRAPPED_BYTES], const struct age_recipient *r,
	const uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *e) MUST_CHECK;

/*
 * age_unwrap(ret, share, body, id, e):
 * The inverse.  -ENOKEY when the stanza is not for ${id}, -EBADMSG when the
 * share is a point of low order.
 */
int age_unwrap(uint8_t ret[AGE_FILE_KEY_BYTES],
	const uint8_t share[AGE_KEY_BYTES], const uint8_t body[AGE_WRAPPED_BYTES],
	const struct age_identity *id, struct err *e) MUST_CHECK;

#endif
