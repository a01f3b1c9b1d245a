// SPDX-License-Identifier: Apache-2.0
/*
 * The region of a header that came with the package (RPMTAG_HEADERIMMUTABLE):
 * its first entry leads to a trailer at the end of the region's data, which
 * says how many entries are of it.  What was hashed begins with the magic of a
 * header in a package file.
 */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "disk/digest.h"
#include "disk/rpm_header.h"

enum {
	HEAD_BYTES = 8,
	ENTRY_BYTES = 16,
	TAG_IMMUTABLE = 63,
	TAG_DSA = 267, /* where rpm keeps signatures of EdDSA, too */
	TAG_RSA = 268,
	TAG_SHA256 = 273,
	TYPE_STRING = 6,
	TYPE_BIN = 7,
};

static const uint8_t magic[] = { 0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0 };

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

struct parts {
	const uint8_t *entries;
	const uint8_t *data;
	uint32_t entries_n;
	uint32_t data_bytes;
};

/* What an entry leads to: its bytes to the end of the data, and how many it has. */
static const uint8_t *find(const struct parts *p, uint32_t tag, uint32_t type,
	uint32_t *room, uint32_t *count)
{
	for (uint32_t i = 0; i < p->entries_n; i++) {
		const uint8_t *entry = p->entries + (size_t)i * ENTRY_BYTES;
		uint32_t offset = be32(entry + 8);

		if (be32(entry) != tag || be32(entry + 4) != type ||
			offset >= p->data_bytes)
			continue;
		*room = p->data_bytes - offset;
		*count = be32(entry + 12);
		return p->data + offset;
	}
	return NULL;
}

/* The hexadecimal digest behind the region. */
static const char *wanted(const struct parts *p)
{
	uint32_t room, count;
	const uint8_t *text = find(p, TAG_SHA256, TYPE_STRING, &room, &count);

	return text && room >= 2 * DIGEST_SHA256_BYTES + 1 ? (const char *)text
							   : NULL;
}

/* The region: how many of the entries, and how much of the data. */
static int find_region(const struct parts *p, struct parts *ret)
{
	uint32_t offset, back;

	if (!p->entries_n || be32(p->entries) != TAG_IMMUTABLE ||
		be32(p->entries + 4) != TYPE_BIN ||
		be32(p->entries + 12) != ENTRY_BYTES)
		return -ENODATA;
	offset = be32(p->entries + 8);
	if (offset > p->data_bytes || p->data_bytes - offset < ENTRY_BYTES)
		return -ENODATA;
	/* Negative: as far before the data as the entries begin. */
	back = 0u - be32(p->data + offset + 8);
	if (back % ENTRY_BYTES || back / ENTRY_BYTES > p->entries_n)
		return -ENODATA;
	*ret = *p;
	ret->entries_n = back / ENTRY_BYTES;
	ret->data_bytes = offset + ENTRY_BYTES;
	return 0;
}

static int hash(uint8_t ret[DIGEST_SHA256_BYTES], const struct parts *p)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t head[HEAD_BYTES];
	int good;

	put_be32(head, p->entries_n);
	put_be32(head + 4, p->data_bytes);
	good = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
	       EVP_DigestUpdate(c, magic, sizeof(magic)) == 1 &&
	       EVP_DigestUpdate(c, head, sizeof(head)) == 1 &&
	       EVP_DigestUpdate(c, p->entries,
		       (size_t)p->entries_n * ENTRY_BYTES) == 1 &&
	       EVP_DigestUpdate(c, p->data, p->data_bytes) == 1 &&
	       EVP_DigestFinal_ex(c, ret, NULL) == 1;
	EVP_MD_CTX_free(c);
	return good ? 0 : -ENODATA;
}

static int take_apart(struct parts *ret, const uint8_t *blob, size_t len)
{
	if (len < HEAD_BYTES)
		return -ENODATA;
	ret->entries_n = be32(blob);
	ret->data_bytes = be32(blob + 4);
	if (ret->entries_n > RPM_ENTRIES_MAX ||
		HEAD_BYTES + (uint64_t)ret->entries_n * ENTRY_BYTES +
				ret->data_bytes >
			len)
		return -ENODATA;
	ret->entries = blob + HEAD_BYTES;
	ret->data = ret->entries + (size_t)ret->entries_n * ENTRY_BYTES;
	return 0;
}

int rpm_header_intact(const uint8_t *blob, size_t len)
{
	char hex[2 * DIGEST_SHA256_BYTES + 1];
	uint8_t got[DIGEST_SHA256_BYTES];
	struct parts all, region;
	const char *want;

	if (take_apart(&all, blob, len) < 0)
		return -ENODATA;
	want = wanted(&all);
	if (!want || find_region(&all, &region) < 0 || hash(got, &region) < 0)
		return -ENODATA;
	for (size_t i = 0; i < sizeof(got); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", got[i]);
	return memcmp(hex, want, sizeof(hex) - 1) == 0;
}

int rpm_header_signed(const uint8_t *blob, size_t len,
	const struct openpgp_keys *keys, uint8_t signer[OPENPGP_ID_BYTES],
	struct err *e)
{
	static const uint32_t tags[] = { TAG_RSA, TAG_DSA };
	struct parts all, region;
	uint8_t head[HEAD_BYTES];
	uint32_t room = 0, count = 0;
	const uint8_t *signature = NULL;

	memset(signer, 0, OPENPGP_ID_BYTES);
	if (take_apart(&all, blob, len) < 0 || find_region(&all, &region) < 0)
		return err_set(e, -ENODATA, "no region that was signed");
	for (size_t i = 0; !signature && i < ARRAY_LEN(tags); i++)
		signature = find(&all, tags[i], TYPE_BIN, &room, &count);
	if (!signature || count > room)
		return err_set(e, -ENODATA, "no signature");
	put_be32(head, region.entries_n);
	put_be32(head + 4, region.data_bytes);
	return openpgp_verify(keys, signature, count,
		(const struct iovec[]){
			{ (void *)(uintptr_t)magic, sizeof(magic) },
			{ head, sizeof(head) },
			{ (void *)(uintptr_t)region.entries,
				(size_t)region.entries_n * ENTRY_BYTES },
			{ (void *)(uintptr_t)region.data, region.data_bytes } },
		4, signer, e);
}
