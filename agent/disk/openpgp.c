// SPDX-License-Identifier: Apache-2.0
#include "disk/openpgp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>

#include "base/err.h"
#include "disk/openpgp_internal.h"

enum {
	SUBPACKET_ISSUER = 16,
	SUBPACKET_FINGERPRINT = 33,
	OF_A_DOCUMENT = 0,
	HASHED_V3_BYTES = 5,
	SCALAR_BYTES = 32,
	RSA_BYTES_MAX = 2048, /* of 16,384 bits */
};

struct signature {
	uint32_t version;
	uint32_t type;
	uint32_t algorithm;
	uint32_t hash;
	struct octets hashed; /* what goes behind the document */
	struct octets numbers; /* of the algorithm */
	uint8_t issuer[OPENPGP_ID_BYTES];
};

/* Section 9.4. */
static const EVP_MD *hash_of(uint32_t hash)
{
	switch (hash) {
	case 2:
		return EVP_sha1();
	case 8:
		return EVP_sha256();
	case 9:
		return EVP_sha384();
	case 10:
		return EVP_sha512();
	case 11:
		return EVP_sha224();
	default:
		return NULL;
	}
}

/* Section 5.2.3.1; who signed may be said in either area. */
static void find_issuer(struct signature *s, struct octets area)
{
	struct octets body;
	uint32_t len, more;

	while (octets_number(&len, &area, 1)) {
		if (len >= 192 && len < 255) {
			if (!octets_number(&more, &area, 1))
				return;
			len = ((len - 192) << 8) + more + 192;
		} else if (len == 255 && !octets_number(&len, &area, 4)) {
			return;
		}
		if (!len || !octets_take(&body, &area, len))
			return;
		if (((body.p[0] & 0x7f) == SUBPACKET_ISSUER &&
			    len == 1 + OPENPGP_ID_BYTES) ||
			((body.p[0] & 0x7f) == SUBPACKET_FINGERPRINT &&
				len > 1 + OPENPGP_ID_BYTES))
			memcpy(s->issuer, body.p + len - OPENPGP_ID_BYTES,
				OPENPGP_ID_BYTES);
	}
}

/* Section 5.2.2. */
static bool parse_v3(struct signature *s, struct octets rest)
{
	struct octets issuer;
	uint32_t len, left;

	if (!octets_number(&len, &rest, 1) || len != HASHED_V3_BYTES ||
		!octets_take(&s->hashed, &rest, HASHED_V3_BYTES) ||
		!octets_take(&issuer, &rest, OPENPGP_ID_BYTES) ||
		!octets_number(&s->algorithm, &rest, 1) ||
		!octets_number(&s->hash, &rest, 1) ||
		!octets_number(&left, &rest, 2))
		return false;
	s->type = s->hashed.p[0];
	memcpy(s->issuer, issuer.p, OPENPGP_ID_BYTES);
	s->numbers = rest;
	return true;
}

/* Section 5.2.3. */
static bool parse_v4(struct signature *s, struct octets body)
{
	struct octets rest = body, hashed, unhashed;
	uint32_t version, len, left;

	if (!octets_number(&version, &rest, 1) ||
		!octets_number(&s->type, &rest, 1) ||
		!octets_number(&s->algorithm, &rest, 1) ||
		!octets_number(&s->hash, &rest, 1) ||
		!octets_number(&len, &rest, 2) ||
		!octets_take(&hashed, &rest, len))
		return false;
	s->hashed = (struct octets){ body.p, (size_t)(rest.p - body.p) };
	if (!octets_number(&len, &rest, 2) ||
		!octets_take(&unhashed, &rest, len) ||
		!octets_number(&left, &rest, 2))
		return false;
	find_issuer(s, hashed);
	find_issuer(s, unhashed);
	s->numbers = rest;
	return true;
}

static bool parse(struct signature *s, const uint8_t *bytes, size_t len)
{
	struct octets all = { bytes, len }, body, rest;
	unsigned tag;

	*s = (struct signature){ 0 };
	if (!octets_packet(&tag, &body, &all) || tag != OPENPGP_SIGNATURE)
		return false;
	rest = body;
	if (!octets_number(&s->version, &rest, 1))
		return false;
	return s->version == 3	 ? parse_v3(s, rest)
	       : s->version == 4 ? parse_v4(s, body)
				 : false;
}

static bool digest(uint8_t ret[EVP_MAX_MD_SIZE], unsigned *len,
	const struct signature *s, const struct iovec *parts, size_t parts_n)
{
	size_t n = s->hashed.len;
	const uint8_t trailer[] = { 4, 0xff, (uint8_t)(n >> 24),
		(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c && EVP_DigestInit_ex(c, hash_of(s->hash), NULL) == 1;

	for (size_t i = 0; good && i < parts_n; i++)
		good = EVP_DigestUpdate(
			       c, parts[i].iov_base, parts[i].iov_len) == 1;
	good = good && EVP_DigestUpdate(c, s->hashed.p, n) == 1;
	if (good && s->version == 4)
		good = EVP_DigestUpdate(c, trailer, sizeof(trailer)) == 1;
	good = good && EVP_DigestFinal_ex(c, ret, len) == 1;
	EVP_MD_CTX_free(c);
	return good;
}

static bool verify_rsa(EVP_PKEY *key, const struct signature *s,
	const uint8_t *hash, unsigned len)
{
	uint8_t padded[RSA_BYTES_MAX] = { 0 };
	struct octets numbers = s->numbers, value;
	size_t size = (size_t)EVP_PKEY_get_size(key);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	bool good = c && octets_mpi(&value, &numbers) &&
		    size <= sizeof(padded) && value.len <= size;

	if (good)
		memcpy(padded + size - value.len, value.p, value.len);
	good = good && EVP_PKEY_verify_init(c) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_signature_md(c, hash_of(s->hash)) == 1 &&
	       EVP_PKEY_verify(c, padded, size, hash, len) == 1;
	EVP_PKEY_CTX_free(c);
	return good;
}

static bool verify_eddsa(EVP_PKEY *key, const struct signature *s,
	const uint8_t *hash, unsigned len)
{
	uint8_t pair[2 * SCALAR_BYTES] = { 0 };
	struct octets numbers = s->numbers, r, scalar;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c && octets_mpi(&r, &numbers) &&
		    octets_mpi(&scalar, &numbers) && r.len <= SCALAR_BYTES &&
		    scalar.len <= SCALAR_BYTES;

	if (good) {
		memcpy(pair + SCALAR_BYTES - r.len, r.p, r.len);
		memcpy(pair + sizeof(pair) - scalar.len, scalar.p, scalar.len);
	}
	good = good && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(c, pair, sizeof(pair), hash, len) == 1;
	EVP_MD_CTX_free(c);
	return good;
}

static bool fits(const struct openpgp_key *k, const struct signature *s)
{
	return memcmp(k->id, s->issuer, sizeof(k->id)) == 0 &&
	       k->eddsa == (s->algorithm == OPENPGP_EDDSA);
}

int openpgp_verify(const struct openpgp_keys *keys, const uint8_t *signature,
	size_t len, const struct iovec *parts, size_t parts_n,
	uint8_t signer[OPENPGP_ID_BYTES], struct err *e)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	struct signature s;
	unsigned hash_len = 0;

	memset(signer, 0, OPENPGP_ID_BYTES);
	if (!parse(&s, signature, len))
		return err_set(e, -EBADMSG, "no signature");
	memcpy(signer, s.issuer, OPENPGP_ID_BYTES);
	if (s.type != OF_A_DOCUMENT || !hash_of(s.hash) ||
		(s.algorithm != OPENPGP_RSA && s.algorithm != OPENPGP_RSA_SIGN &&
			s.algorithm != OPENPGP_EDDSA))
		return err_set(e, -ENOTSUP, "a signature of another kind");
	for (size_t i = 0; i < keys->n; i++) {
		const struct openpgp_key *k = &keys->v[i];

		if (!fits(k, &s))
			continue;
		if (!digest(hash, &hash_len, &s, parts, parts_n))
			return err_set(e, -ENOMEM, "no memory for a digest");
		return (k->eddsa ? verify_eddsa : verify_rsa)(
			       k->key, &s, hash, hash_len)
			       ? 0
			       : err_set(e, -EKEYREJECTED, "not what was signed");
	}
	return err_set(e, -ENOKEY, "signed by another key");
}
