/* SPDX-License-Identifier: Apache-2.0 */
/* The two text encodings of age: Bech32 (BIP 173) and unpadded base64. */
#ifndef EVIDENCE_TEXT_H
#define EVIDENCE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	TEXT_KEY_BYTES = 32,
	TEXT_KEY_CHARS = 96, /* prefix, "1", 52 digits, 6 of checksum, NUL */
	TEXT_KEY_B64_CHARS = 43,
};

/*
 * text_bech32_encode(ret, prefix, key):
 * Write ${prefix}, "1", ${key} and the checksum, in lower case whatever the
 * case of ${prefix}, which has at most 20 characters.
 */
void text_bech32_encode(char ret[TEXT_KEY_CHARS], const char *prefix,
	const uint8_t key[TEXT_KEY_BYTES]);

/*
 * text_bech32_decode(ret, prefix, text):
 * ${text} without its line end must be one Bech32 string of ${prefix} and 32
 * bytes, all in the case of ${prefix}.  0 or -EBADMSG.
 */
int text_bech32_decode(uint8_t ret[TEXT_KEY_BYTES], const char *prefix,
	const char *text) MUST_CHECK;

/*
 * text_b64_encode(ret, buf, len):
 * Unpadded standard base64 and a NUL; ${ret} holds len * 4 / 3 + 3 chars.
 * Return the number of characters without the NUL.
 */
size_t text_b64_encode(char *ret, const uint8_t *buf, size_t len);

/*
 * text_b64_decode(ret, cap, text, len):
 * Canonical unpadded base64 only (RFC 4648 section 3.5: spare bits are zero).
 * Return the number of bytes, or -EBADMSG, also when there are more than
 * ${cap}.
 */
int text_b64_decode(
	uint8_t *ret, size_t cap, const char *text, size_t len) MUST_CHECK;

#endif
