// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "evidence/manifest.h"
#include "evidence/record.h"
#include "evidence/timestamp.h"

struct manifest_key {
	EVP_PKEY *pkey;
	uint8_t public_key[MANIFEST_KEY_BYTES];
};

/* With its NUL: no other use of the key can be taken for a manifest. */
static const char context[] = "icecore.v1.Manifest";

static void md_ctx_freep(EVP_MD_CTX **p)
{
	EVP_MD_CTX_free(*p);
}

static void pkey_freep(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static void signed_freep(Icecore__V1__SignedManifest **p)
{
	if (*p)
		icecore__v1__signed_manifest__free_unpacked(*p, NULL);
}

void manifest_name(char ret[MANIFEST_NAME_CHARS], unsigned number)
{
	(void)snprintf(ret, MANIFEST_NAME_CHARS, "manifest-%06u.pb", number);
}

int manifest_nonce(
	char ret[MANIFEST_NONCE_CHARS], const char *capture_id, struct err *e)
{
	uint8_t sha[HASH_BYTES];
	int r = hash_bytes(sha, capture_id, strlen(capture_id), e);

	if (r == 0)
		(void)snprintf(ret, MANIFEST_NONCE_CHARS, "%010" PRIu64,
			num_le64(sha) % 10000000000);
	return r;
}

/* Takes ${pkey}. */
static int key_from(struct manifest_key **ret, EVP_PKEY *pkey, struct err *e)
{
	struct manifest_key *k = calloc(1, sizeof(*k));
	size_t len = MANIFEST_KEY_BYTES;

	if (!k) {
		EVP_PKEY_free(pkey);
		return err_set(e, -ENOMEM, "no memory for a signing key");
	}
	k->pkey = pkey;
	if (!pkey || EVP_PKEY_get_raw_public_key(pkey, k->public_key, &len) != 1) {
		manifest_key_free(k);
		return err_set(e, -EIO, "new Ed25519 key");
	}
	*ret = k;
	return 0;
}

int manifest_key_new(struct manifest_key **ret, struct err *e)
{
	return key_from(ret, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), e);
}

int manifest_key_from_seed(struct manifest_key **ret,
	const uint8_t seed[MANIFEST_KEY_BYTES], struct err *e)
{
	return key_from(ret,
		EVP_PKEY_new_raw_private_key(
			EVP_PKEY_ED25519, NULL, seed, MANIFEST_KEY_BYTES),
		e);
}

void manifest_key_free(struct manifest_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

void manifest_key_public(
	uint8_t ret[MANIFEST_KEY_BYTES], const struct manifest_key *k)
{
	memcpy(ret, k->public_key, MANIFEST_KEY_BYTES);
}

/* context, its NUL, and the manifest: what is signed. */
static int signed_bytes(struct buf *ret, const void *m, size_t len, struct err *e)
{
	int r;

	buf_init(ret, sizeof(context) + MANIFEST_MAX_BYTES);
	r = buf_append(ret, context, sizeof(context), e);
	return r < 0 ? r : buf_append(ret, m, len, e);
}

static int sign(uint8_t ret[MANIFEST_SIGNATURE_BYTES], const struct buf *text,
	const struct manifest_key *key, struct err *e)
{
	CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = MANIFEST_SIGNATURE_BYTES;

	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) != 1 ||
		EVP_DigestSign(ctx, ret, &len, text->data, text->len) != 1)
		return err_set(e, -EIO, "Ed25519 cannot sign");
	return 0;
}

int manifest_seal(struct buf *ret, uint8_t *ret_signature,
	const Icecore__V1__Manifest *m, const struct manifest_key *key,
	struct err *e)
{
	Icecore__V1__SignedManifest out = ICECORE__V1__SIGNED_MANIFEST__INIT;
	size_t len = icecore__v1__manifest__get_packed_size(m);
	uint8_t signature[MANIFEST_SIGNATURE_BYTES];
	AUTO_FREE uint8_t *packed = NULL;
	AUTO_BUF struct buf text = { 0 };
	uint8_t *room;
	int r;

	if (len > MANIFEST_MAX_BYTES / 2)
		return err_set(e, -EMSGSIZE, "manifest of %zu bytes", len);
	packed = malloc(len + 1);
	if (!packed)
		return err_set(e, -ENOMEM, "no memory for a manifest");
	(void)icecore__v1__manifest__pack(m, packed);
	r = signed_bytes(&text, packed, len, e);
	if (r == 0)
		r = sign(signature, &text, key, e);
	if (r < 0)
		return r;
	out.manifest = (ProtobufCBinaryData){ len, packed };
	out.signature = (ProtobufCBinaryData){ sizeof(signature), signature };
	out.public_key = (ProtobufCBinaryData){ MANIFEST_KEY_BYTES,
		(uint8_t *)(uintptr_t)key->public_key };
	len = icecore__v1__signed_manifest__get_packed_size(&out);
	r = buf_reserve(ret, &room, len, e);
	if (r < 0)
		return r;
	ret->len += icecore__v1__signed_manifest__pack(&out, room);
	if (ret_signature)
		memcpy(ret_signature, signature, sizeof(signature));
	return 0;
}

/* Fields 4 and 5 are the last ones, so they can come behind the others. */
int manifest_stamp(struct buf *ret, const struct buf *token,
	const struct buf *request, struct err *e)
{
	Icecore__V1__SignedManifest out = ICECORE__V1__SIGNED_MANIFEST__INIT;
	uint8_t *room;
	int r;

	if (token->len)
		out.timestamp_token =
			(ProtobufCBinaryData){ token->len, token->data };
	else
		out.timestamp_request =
			(ProtobufCBinaryData){ request->len, request->data };
	r = buf_reserve(ret, &room,
		icecore__v1__signed_manifest__get_packed_size(&out), e);
	if (r == 0)
		ret->len += icecore__v1__signed_manifest__pack(&out, room);
	return r;
}

/* Whether encoding ${m} again gives the same bytes. */
static bool canonical(const ProtobufCMessage *m, const uint8_t *buf, size_t len)
{
	AUTO_FREE uint8_t *again = NULL;

	if (m->n_unknown_fields || protobuf_c_message_get_packed_size(m) != len)
		return false;
	again = malloc(len + 1);
	return again && protobuf_c_message_pack(m, again) == len &&
	       (!len || memcmp(again, buf, len) == 0);
}

static int check_signature(const Icecore__V1__SignedManifest *s, struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, s->public_key.data, s->public_key.len);
	CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	AUTO_BUF struct buf text = { 0 };
	int r = signed_bytes(&text, s->manifest.data, s->manifest.len, e);

	if (r < 0)
		return r;
	if (!key || !ctx || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) != 1)
		return err_set(e, -EBADMSG, "not an Ed25519 public key");
	if (EVP_DigestVerify(ctx, s->signature.data, s->signature.len,
		    text.data, text.len) != 1)
		return err_set(e, -EBADMSG, "the signature does not match");
	return 0;
}

static int check_identity(const Icecore__V1__Beginning *b, struct err *e)
{
	if (b->n_identity > MANIFEST_IDENTITIES_MAX)
		return err_set(e, -EBADMSG, "%zu identity proofs", b->n_identity);
	for (size_t i = 0; i < b->n_identity; i++) {
		const Icecore__V1__IdentityProof *p = b->identity[i];

		if (p->document.len > MANIFEST_DOCUMENT_MAX_BYTES ||
			p->signature.len > MANIFEST_DOCUMENT_MAX_BYTES ||
			strlen(p->nonce) >= MANIFEST_TEXT_CHARS ||
			strlen(p->error) >= MANIFEST_TEXT_CHARS)
			return err_set(
				e, -EBADMSG, "an identity proof too large");
	}
	return 0;
}

static int check_limits(const Icecore__V1__Manifest *m, struct err *e)
{
	if (m->format_version != RECORD_FORMAT_VERSION)
		return err_set(e, -EPROTONOSUPPORT, "format version %u",
			m->format_version);
	if (m->number > MANIFEST_NUMBER_MAX ||
		m->n_segments > MANIFEST_SEGMENTS_MAX ||
		strlen(m->capture_id) >= MANIFEST_CAPTURE_ID_CHARS)
		return err_set(e, -EBADMSG, "over the limits of a manifest");
	for (size_t i = 0; i < m->n_segments; i++) {
		const Icecore__V1__SegmentEntry *s = m->segments[i];

		if (s->sha256.len != HASH_BYTES ||
			strlen(s->name) >= MANIFEST_NAME_CHARS ||
			s->n_memory > MANIFEST_RANGES_MAX ||
			s->n_memory_gaps > MANIFEST_RANGES_MAX)
			return err_set(e, -EBADMSG, "malformed segment entry");
	}
	return m->beginning ? check_identity(m->beginning, e) : 0;
}

static int open_body(struct manifest *ret, const Icecore__V1__SignedManifest *s,
	struct err *e)
{
	ProtobufCMessage *m = NULL;
	int r = record_unpack(&m, &icecore__v1__manifest__descriptor,
		s->manifest.data, s->manifest.len, e);

	if (r < 0 || !m)
		return r;
	ret->body = (Icecore__V1__Manifest *)(void *)m;
	r = check_limits(ret->body, e);
	if (r < 0) {
		icecore__v1__manifest__free_unpacked(ret->body, NULL);
		ret->body = NULL;
		return r;
	}
	if (!canonical(m, s->manifest.data, s->manifest.len))
		return err_set(e, -EBADMSG, "not in its canonical encoding");
	return 0;
}

/* Hand the bytes of a field over. */
static void take(struct buf *ret, ProtobufCBinaryData *field)
{
	*ret = (struct buf){ field->data, field->len, field->len, field->len };
	*field = (ProtobufCBinaryData){ 0 };
}

/* The request is made of the signature alone, so each byte of it is known. */
static int check_request(const Icecore__V1__SignedManifest *s, struct err *e)
{
	AUTO_BUF struct buf want = { 0 };
	int r;

	if (!s->timestamp_request.len)
		return 0;
	buf_init(&want, MANIFEST_REQUEST_MAX_BYTES);
	r = timestamp_request(&want, s->signature.data, e);
	if (r < 0)
		return r;
	if (want.len != s->timestamp_request.len ||
		memcmp(want.data, s->timestamp_request.data, want.len) != 0)
		return err_set(e, -EBADMSG,
			"its time-stamp request is for something else");
	return 0;
}

static int open_outside(
	struct manifest *ret, Icecore__V1__SignedManifest *s, struct err *e)
{
	if (s->public_key.len != MANIFEST_KEY_BYTES ||
		s->signature.len != MANIFEST_SIGNATURE_BYTES)
		return err_set(e, -EBADMSG, "no signature");
	if (s->timestamp_token.len > MANIFEST_TOKEN_MAX_BYTES ||
		s->timestamp_request.len > MANIFEST_REQUEST_MAX_BYTES)
		return err_set(e, -EBADMSG, "a time stamp too large");
	if (s->timestamp_token.len && s->timestamp_request.len)
		return err_set(e, -EBADMSG, "a time stamp and its request");
	memcpy(ret->public_key, s->public_key.data, MANIFEST_KEY_BYTES);
	memcpy(ret->signature, s->signature.data, MANIFEST_SIGNATURE_BYTES);
	return check_request(s, e);
}

int manifest_open(
	struct manifest *ret, const uint8_t *buf, size_t len, struct err *e)
{
	CLEANUP(signed_freep) Icecore__V1__SignedManifest *s = NULL;
	ProtobufCMessage *m = NULL;
	int r, body;

	*ret = (struct manifest){ 0 };
	if (len > MANIFEST_MAX_BYTES)
		return err_set(e, -EBADMSG, "manifest of %zu bytes", len);
	r = hash_bytes(ret->sha256, buf, len, e);
	if (r == 0)
		r = record_unpack(&m, &icecore__v1__signed_manifest__descriptor,
			buf, len, e);
	if (r < 0 || !m)
		return r;
	s = (Icecore__V1__SignedManifest *)(void *)m;
	body = open_body(ret, s, e);
	if (!canonical(m, buf, len))
		return err_set(e, -EBADMSG, "not in its canonical encoding");
	r = open_outside(ret, s, e);
	if (r == 0)
		r = body < 0 ? body : check_signature(s, e);
	if (r == 0) {
		take(&ret->token, &s->timestamp_token);
		take(&ret->request, &s->timestamp_request);
	}
	return r;
}

void manifest_done(struct manifest *m)
{
	if (!m)
		return;
	if (m->body)
		icecore__v1__manifest__free_unpacked(m->body, NULL);
	buf_done(&m->token);
	buf_done(&m->request);
	*m = (struct manifest){ 0 };
}
