/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests: the signed chain that says which segments a capture has
 * (proto/FORMAT.md section 5).
 */
#ifndef EVIDENCE_MANIFEST_H
#define EVIDENCE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "evidence/hash.h"
#include "icecore/v1/manifest.pb-c.h"

struct err;

enum {
	MANIFEST_MAX_BYTES = 16 << 20,
	MANIFEST_SEGMENTS_MAX = 4096, /* in one manifest */
	MANIFEST_RANGES_MAX = 4096, /* of one segment */
	MANIFEST_NAME_CHARS = 32,
	MANIFEST_NUMBER_MAX = 999999,
	MANIFEST_KEY_BYTES = 32,
	MANIFEST_SIGNATURE_BYTES = 64,
	MANIFEST_CAPTURE_ID_CHARS = 64, /* with its NUL */
	MANIFEST_NONCE_CHARS = 11, /* ten digits and a NUL */
	MANIFEST_TOKEN_MAX_BYTES = 64 << 10, /* RFC 3161 TimeStampToken */
	MANIFEST_REQUEST_MAX_BYTES = 1 << 10, /* RFC 3161 TimeStampReq */
	MANIFEST_IDENTITIES_MAX = 4,
	MANIFEST_DOCUMENT_MAX_BYTES = 64 << 10, /* of an identity proof, each */
	MANIFEST_TEXT_CHARS = 512, /* of an identity proof, each, with its NUL */
};

/*
 * manifest_name(ret, number):
 * "manifest-NNNNNN.pb".
 */
void manifest_name(char ret[MANIFEST_NAME_CHARS], unsigned number);

/*
 * manifest_nonce(ret, capture_id, e):
 * Ten digits that are made of the capture id, for a cloud to sign
 * (FORMAT.md section 5.2).
 */
int manifest_nonce(char ret[MANIFEST_NONCE_CHARS], const char *capture_id,
	struct err *e) MUST_CHECK;

struct manifest_key;

/*
 * manifest_key_new(ret, e):
 * An Ed25519 key for one capture; it never leaves memory.  The caller frees
 * it with manifest_key_free().
 */
int manifest_key_new(struct manifest_key **ret, struct err *e) MUST_CHECK;
void manifest_key_free(struct manifest_key *k);
void manifest_key_public(
	uint8_t ret[MANIFEST_KEY_BYTES], const struct manifest_key *k);

/*
 * manifest_key_from_seed(ret, seed, e):
 * The key of RFC 8032 for ${seed}: for worked examples and tests, since a
 * capture's key is born by manifest_key_new().
 */
int manifest_key_from_seed(struct manifest_key **ret,
	const uint8_t seed[MANIFEST_KEY_BYTES], struct err *e) MUST_CHECK;

/*
 * manifest_seal(ret, signature, m, key, e):
 * Append the encoded SignedManifest of ${m} to ${ret}; its signature goes to
 * ${signature}, too, unless that is NULL.
 */
int manifest_seal(struct buf *ret, uint8_t *signature,
	const Icecore__V1__Manifest *m, const struct manifest_key *key,
	struct err *e) MUST_CHECK;

/*
 * manifest_stamp(ret, token, request, e):
 * Put the time stamp into the object that manifest_seal() appended last: the
 * token, or where that is empty the request for it.
 */
int manifest_stamp(struct buf *ret, const struct buf *token,
	const struct buf *request, struct err *e) MUST_CHECK;

/* What manifest_open() found. */
struct manifest {
	Icecore__V1__Manifest *body; /* NULL when it cannot be decoded */
	uint8_t public_key[MANIFEST_KEY_BYTES];
	uint8_t signature[MANIFEST_SIGNATURE_BYTES];
	uint8_t sha256[HASH_BYTES]; /* of the object */
	struct buf token; /* empty = none; neither of them is signed for */
	struct buf request;
};

/*
 * manifest_open(ret, buf, len, e):
 * Decode the object and check that it is canonical, within its limits and
 * signed by the key that it names.  Whether that key and its place in the
 * chain are right is the caller's to check.  Return 0; or -EBADMSG, and then
 * ret->body may be there all the same, unproved.  The caller ends ${ret} with
 * manifest_done().
 */
int manifest_open(struct manifest *ret, const uint8_t *buf, size_t len,
	struct err *e) MUST_CHECK;
void manifest_done(struct manifest *m);

#endif
