/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, in one go or piece by piece. */
#ifndef EVIDENCE_HASH_H
#define EVIDENCE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct hash;

enum { HASH_BYTES = 32, HASH_HEX_CHARS = 65 };

/*
 * hash_new(ret, e):
 * A running SHA-256; begin each message with hash_begin(), end it with
 * hash_end(), which writes HASH_BYTES.  The caller frees with hash_free().
 */
int hash_new(struct hash **ret, struct err *e) MUST_CHECK;
void hash_free(struct hash *h);
int hash_begin(struct hash *h, struct err *e) MUST_CHECK;
int hash_add(
	struct hash *h, const void *buf, size_t len, struct err *e) MUST_CHECK;
int hash_end(struct hash *h, uint8_t ret[HASH_BYTES], struct err *e) MUST_CHECK;

/*
 * hash_bytes(ret, buf, len, e):
 * The SHA-256 of ${len} bytes.
 */
int hash_bytes(uint8_t ret[HASH_BYTES], const void *buf, size_t len,
	struct err *e) MUST_CHECK;

#endif
