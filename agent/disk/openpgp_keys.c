// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "disk/openpgp_internal.h"

enum { POINT_BYTES = 33, VERSION = 4 };

static const char armor_begin[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
static const char armor_end[] = "-----END PGP PUBLIC KEY BLOCK-----";
/* 1.3.6.1.4.1.11591.15.1 */
static const uint8_t ed25519[] = { 9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47,
	0x0f, 0x01 };

static EVP_PKEY *rsa_key(struct octets material)
{
	struct octets n, exponent;
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *bn = NULL, *be = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (octets_mpi(&n, &material) && octets_mpi(&exponent, &material)) {
		bn = BN_bin2bn(n.p, (int)n.len, NULL);
		be = BN_bin2bn(exponent.p, (int)exponent.len, NULL);
	}
	if (b && c && bn && be &&
		OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
		OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, be) == 1)
		params = OSSL_PARAM_BLD_to_param(b);
	if (!params || EVP_PKEY_fromdata_init(c) != 1 ||
		EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(c);
	BN_free(bn);
	BN_free(be);
	return key;
}

static EVP_PKEY *eddsa_key(struct octets material)
{
	struct octets curve, point;

	if (!octets_take(&curve, &material, sizeof(ed25519)) ||
		memcmp(curve.p, ed25519, sizeof(ed25519)) != 0 ||
		!octets_mpi(&point, &material) || point.len != POINT_BYTES ||
		point.p[0] != 0x40)
		return NULL;
	return EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, point.p + 1, POINT_BYTES - 1);
}

/* Section 12.2: the last bytes of the fingerprint. */
static bool identify(struct openpgp_key *key, struct octets body)
{
	const uint8_t head[] = { 0x99, (uint8_t)(body.len >> 8),
		(uint8_t)body.len };
	uint8_t print[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned len = 0;
	bool good = c && EVP_DigestInit_ex(c, EVP_sha1(), NULL) == 1 &&
		    EVP_DigestUpdate(c, head, sizeof(head)) == 1 &&
		    EVP_DigestUpdate(c, body.p, body.len) == 1 &&
		    EVP_DigestFinal_ex(c, print, &len) == 1;

	EVP_MD_CTX_free(c);
	if (good)
		memcpy(key->id, print + len - sizeof(key->id), sizeof(key->id));
	return good;
}

static void add_key(struct openpgp_keys *keys, struct octets body)
{
	struct octets rest = body;
	struct openpgp_key key = { 0 };
	uint32_t version, time, algorithm;

	if (keys->n == OPENPGP_KEYS_MAX || body.len > UINT16_MAX ||
		!octets_number(&version, &rest, 1) || version != VERSION ||
		!octets_number(&time, &rest, 4) ||
		!octets_number(&algorithm, &rest, 1) || !identify(&key, body))
		return;
	key.eddsa = algorithm == OPENPGP_EDDSA;
	if (key.eddsa)
		key.key = eddsa_key(rest);
	else if (algorithm == OPENPGP_RSA || algorithm == OPENPGP_RSA_SIGN)
		key.key = rsa_key(rest);
	if (key.key)
		keys->v[keys->n++] = key;
}

static void add_packets(struct openpgp_keys *keys, struct octets rest)
{
	struct octets body;
	unsigned tag;

	while (octets_packet(&tag, &body, &rest))
		if (tag == OPENPGP_KEY || tag == OPENPGP_SUBKEY)
			add_key(keys, body);
}

/* One block's base64, behind the empty line that ends its headers. */
static int add_armored(struct openpgp_keys *keys, const char *p,
	const char *end, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	const char *headers_end;
	uint8_t *bytes;
	int n, pad = 0;

	buf_init(&text, OPENPGP_FILE_BYTES);
	headers_end = memmem(p, (size_t)(end - p), "\n\n", 2);
	if (headers_end)
		p = headers_end;
	for (; p < end && !(*p == '=' && p[-1] == '\n'); p++) {
		pad += *p == '=';
		if (*p > ' ' && buf_append(&text, p, 1, e) < 0)
			return -ENOMEM;
	}
	bytes = malloc(text.len + 1);
	if (!bytes)
		return err_set(e, -ENOMEM, "no memory for keys");
	n = text.len ? EVP_DecodeBlock(bytes, text.data, (int)text.len) : 0;
	if (n > pad)
		add_packets(keys, (struct octets){ bytes, (size_t)(n - pad) });
	free(bytes);
	return 0;
}

static int add_all(
	struct openpgp_keys *keys, const char *p, size_t len, struct err *e)
{
	const char *end = p + len, *begin, *stop;
	int r = 0;

	if (!memmem(p, len, armor_begin, sizeof(armor_begin) - 1))
		return add_packets(keys,
			       (struct octets){ (const uint8_t *)p, len }),
		       0;
	while (r == 0) {
		begin = memmem(p, (size_t)(end - p), armor_begin,
			sizeof(armor_begin) - 1);
		if (!begin)
			break;
		begin += sizeof(armor_begin) - 1;
		stop = memmem(begin, (size_t)(end - begin), armor_end,
			sizeof(armor_end) - 1);
		if (!stop)
			break;
		r = add_armored(keys, begin, stop, e);
		p = stop;
	}
	return r;
}

int openpgp_keys_parse(
	struct openpgp_keys **ret, const void *bytes, size_t len, struct err *e)
{
	size_t before;
	int r;

	if (!*ret)
		*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return err_set(e, -ENOMEM, "no memory for keys");
	before = (*ret)->n;
	r = add_all(*ret, bytes, len, e);
	if (r == 0 && (*ret)->n == before)
		r = err_set(e, -EBADMSG, "no key of RSA or Ed25519");
	return r;
}

int openpgp_keys_load(struct openpgp_keys **ret, const char *path, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, OPENPGP_FILE_BYTES);
	r = io_slurp(AT_FDCWD, path, &text, e);
	if (r == 0)
		r = openpgp_keys_parse(ret, text.data, text.len, e);
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}

void openpgp_keys_free(struct openpgp_keys *keys)
{
	for (size_t i = 0; keys && i < keys->n; i++)
		EVP_PKEY_free(keys->v[i].key);
	free(keys);
}
