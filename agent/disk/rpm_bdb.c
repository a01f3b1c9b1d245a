// SPDX-License-Identifier: Apache-2.0
/*
 * A hash of Berkeley DB (db_page.h): page 0 says how large pages are; pages of
 * type 13 (2 in older ones) hold items, key and value in turn, each by its
 * offset from the page's start; a value that is too large for its page is a
 * chain of overflow pages.  Keys are numbers of 32 bits; number 0 counts the
 * packages.  Pages are read in the order of their numbers, so that no list of
 * buckets need be believed.  Little-endian.
 */
#include <errno.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "disk/rpm_db_internal.h"

enum {
	META_BYTES = 512,
	META_MAGIC = 12,
	META_VERSION = 16,
	META_PAGE_BYTES = 20,
	META_CIPHER = 24,
	META_TYPE = 25,
	TYPE_HASH_META = 8,
	VERSION_MIN = 5,
	VERSION_MAX = 10,
	PAGE_BYTES_MIN = 512,
	PAGE_BYTES_MAX = 64 << 10,
	PAGE_NEXT = 16,
	PAGE_ENTRIES = 20,
	PAGE_FREE = 22, /* of an overflow page: bytes that it holds */
	PAGE_TYPE = 25,
	PAGE_HEAD_BYTES = 26,
	TYPE_HASH_UNSORTED = 2,
	TYPE_OVERFLOW = 7,
	TYPE_HASH = 13,
	ITEM_KEYDATA = 1,
	ITEM_OFFPAGE = 3,
	OFFPAGE_BYTES = 12,
	KEY_BYTES = 4,
};

static const uint32_t magic_hash = 0x00061561;

struct bdb {
	int fd;
	uint32_t page_bytes;
	uint32_t pages;
	rpm_db_see *see;
	void *arg;
	unsigned packages;
	uint64_t left; /* values cannot be more than the file in all */
	uint8_t *page;
	uint8_t *overflow;
};

/* [p, p + len) of a page. */
struct item {
	const uint8_t *p;
	size_t len;
};

static int read_page(
	const struct bdb *b, uint8_t *to, uint32_t number, struct err *e)
{
	ssize_t n = io_pread(
		b->fd, to, b->page_bytes, (uint64_t)number * b->page_bytes, e);

	if (n < 0)
		return (int)n;
	return (uint32_t)n == b->page_bytes
		       ? 0
		       : err_set(e, -EBADMSG, "page %u ends too soon", number);
}

/* A value that is a chain of pages: a chain of more pages than its length
 * needs leads in circles. */
static int see_chain(struct bdb *b, uint32_t first, uint32_t len, struct err *e)
{
	AUTO_FREE uint8_t *blob = NULL;
	uint32_t next = first;
	size_t at = 0;
	int r = 0;

	if (len > RPM_DB_BLOB_BYTES || len > b->left)
		return err_set(e, -EBADMSG, "a value of %u bytes", len);
	b->left -= len;
	blob = malloc(len + 1);
	if (!blob)
		return err_set(e, -ENOMEM, "no memory for a package");
	while (r == 0 && at < len) {
		size_t n;

		if (!next || next >= b->pages)
			return err_set(e, -EBADMSG, "a chain that breaks off");
		r = read_page(b, b->overflow, next, e);
		if (r < 0)
			return r;
		n = num_le16(b->overflow + PAGE_FREE);
		if (b->overflow[PAGE_TYPE] != TYPE_OVERFLOW || !n ||
			n > b->page_bytes - PAGE_HEAD_BYTES || n > len - at)
			return err_set(
				e, -EBADMSG, "page %u is no part of it", next);
		memcpy(blob + at, b->overflow + PAGE_HEAD_BYTES, n);
		at += n;
		next = num_le32(b->overflow + PAGE_NEXT);
	}
	return b->see(b->arg, blob, len, e);
}

static int see_pair(struct bdb *b, const struct item *key,
	const struct item *value, struct err *e)
{
	if (key->p[0] != ITEM_KEYDATA || key->len != 1 + KEY_BYTES ||
		num_le32(key->p + 1) == 0)
		return 0;
	if (++b->packages > RPM_DB_PACKAGES_MAX)
		return err_set(e, -EBADMSG, "more packages than there can be");
	if (value->p[0] == ITEM_KEYDATA)
		return b->see(b->arg, value->p + 1, value->len - 1, e);
	if (value->p[0] == ITEM_OFFPAGE && value->len >= OFFPAGE_BYTES)
		return see_chain(
			b, num_le32(value->p + 4), num_le32(value->p + 8), e);
	return err_set(e, -EBADMSG, "a value of type %u", value->p[0]);
}

/* Items fill the page from its end: each ends where the one before it begins. */
static bool item_at(const struct bdb *b, uint16_t i, struct item *ret)
{
	const uint8_t *offsets = b->page + PAGE_HEAD_BYTES;
	uint32_t start = num_le16(offsets + (size_t)2 * i);
	uint32_t end =
		i ? num_le16(offsets + (size_t)2 * (i - 1u)) : b->page_bytes;

	if (start < PAGE_HEAD_BYTES || start >= end || end > b->page_bytes)
		return false;
	*ret = (struct item){ b->page + start, end - start };
	return true;
}

static int see_page(struct bdb *b, uint32_t number, struct err *e)
{
	uint16_t n = num_le16(b->page + PAGE_ENTRIES);
	int r = 0;

	if (PAGE_HEAD_BYTES + 2u * n > b->page_bytes)
		return err_set(e, -EBADMSG, "page %u has %u items", number, n);
	for (uint16_t i = 0; r == 0 && i + 1 < n; i += 2) {
		struct item key, value;

		if (!item_at(b, i, &key) || !item_at(b, i + 1, &value))
			return err_set(e, -EBADMSG, "page %u: items out of it",
				number);
		r = see_pair(b, &key, &value, e);
	}
	return r;
}

static int read_meta(struct bdb *b, uint64_t size, struct err *e)
{
	uint8_t meta[META_BYTES];
	ssize_t n = io_pread(b->fd, meta, sizeof(meta), 0, e);
	uint32_t version;

	if (n < 0)
		return (int)n;
	if (n < META_BYTES || num_le32(meta + META_MAGIC) != magic_hash ||
		meta[META_TYPE] != TYPE_HASH_META)
		return err_set(e, -EBADMSG, "is no such database");
	version = num_le32(meta + META_VERSION);
	b->page_bytes = num_le32(meta + META_PAGE_BYTES);
	if (version < VERSION_MIN || version > VERSION_MAX ||
		meta[META_CIPHER] || b->page_bytes < PAGE_BYTES_MIN ||
		b->page_bytes > PAGE_BYTES_MAX ||
		b->page_bytes & (b->page_bytes - 1))
		return err_set(e, -EBADMSG, "version %u with pages of %u bytes",
			version, b->page_bytes);
	b->pages = (uint32_t)(size / b->page_bytes);
	return 0;
}

static int see_pages(struct bdb *b, struct err *e)
{
	int r = 0;

	for (uint32_t i = 1; r == 0 && i < b->pages; i++) {
		uint8_t type;

		r = read_page(b, b->page, i, e);
		if (r < 0)
			return r;
		type = b->page[PAGE_TYPE];
		if (type == TYPE_HASH || type == TYPE_HASH_UNSORTED)
			r = see_page(b, i, e);
	}
	return r;
}

int rpm_db_read_bdb(
	int fd, uint64_t size, rpm_db_see *see, void *arg, struct err *e)
{
	struct bdb b = { .fd = fd, .see = see, .arg = arg, .left = size };
	int r = read_meta(&b, size, e);

	if (r < 0)
		return r;
	b.page = malloc(PAGE_BYTES_MAX);
	b.overflow = malloc(PAGE_BYTES_MAX);
	if (b.page && b.overflow)
		r = see_pages(&b, e);
	else
		r = err_set(e, -ENOMEM, "no memory for pages");
	free(b.page);
	free(b.overflow);
	return r;
}
