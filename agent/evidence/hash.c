// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "evidence/hash.h"

struct hash {
	EVP_MD_CTX *ctx;
};

int hash_new(struct hash **ret, struct err *e)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (h)
		h->ctx = EVP_MD_CTX_new();
	if (!h || !h->ctx) {
		hash_free(h);
		return err_set(e, -ENOMEM, "no memory for SHA-256");
	}
	*ret = h;
	return 0;
}

void hash_free(struct hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

int hash_begin(struct hash *h, struct err *e)
{
	if (EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
		return err_set(e, -EIO, "SHA-256 cannot start");
	return 0;
}

int hash_add(struct hash *h, const void *buf, size_t len, struct err *e)
{
	if (EVP_DigestUpdate(h->ctx, buf, len) != 1)
		return err_set(e, -EIO, "SHA-256 broke off");
	return 0;
}

int hash_end(struct hash *h, uint8_t ret[HASH_BYTES], struct err *e)
{
	if (EVP_DigestFinal_ex(h->ctx, ret, NULL) != 1)
		return err_set(e, -EIO, "SHA-256 cannot end");
	return 0;
}

int hash_bytes(
	uint8_t ret[HASH_BYTES], const void *buf, size_t len, struct err *e)
{
	if (EVP_Digest(buf, len, ret, NULL, EVP_sha256(), NULL) != 1)
		return err_set(e, -ENOMEM, "SHA-256 of %zu bytes", len);
	return 0;
}
