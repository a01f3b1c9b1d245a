// SPDX-License-Identifier: Apache-2.0
#include "disk/initramfs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "disk/unpack.h"

enum {
	HEADER_BYTES = 110,
	FIELD_CHARS = 8,
	MAGIC_CHARS = 6,
	ALIGN = 4,
	PIECE_BYTES = 64 << 10,
};

/* Fields of a header, each of eight hexadecimal digits, by their number. */
enum field { FIELD_MODE = 1, FIELD_SIZE = 6, FIELD_NAME_SIZE = 11 };

/* One stream of archives. */
struct reading {
	struct unpack *u;
	uint64_t at; /* bytes that were taken of it */
	uint64_t left; /* that may still be */
	unsigned files;
	enum digest_weak weak;
	initramfs_see *see;
	void *arg;
	EVP_MD_CTX *sha256;
	EVP_MD_CTX *sum;
	char name[INITRAMFS_NAME_BYTES];
	uint8_t piece[PIECE_BYTES];
};

/* Exactly ${len} bytes: 1, or 0 when the stream ended before the first. */
static int take(struct reading *g, void *buf, size_t len, struct err *e)
{
	ssize_t got = unpack_read(g->u, buf, len, e);

	if (got <= 0 || len == 0)
		return got < 0 ? (int)got : len == 0;
	if ((size_t)got < len)
		return err_set(e, -EBADMSG, "cut");
	if (g->left < len)
		return err_set(
			e, -EFBIG, "more than %llu bytes", INITRAMFS_BYTES);
	g->left -= len;
	g->at += len;
	return 1;
}

static int align(struct reading *g, struct err *e)
{
	uint8_t zeros[ALIGN];
	size_t n = (size_t)(-g->at & (ALIGN - 1));
	int r = n ? take(g, zeros, n, e) : 1;

	return r == 0 ? err_set(e, -EBADMSG, "cut") : r;
}

static int number(uint32_t *ret, const char *header, enum field field)
{
	const char *p = header + MAGIC_CHARS + (size_t)field * FIELD_CHARS;

	*ret = 0;
	for (int i = 0; i < FIELD_CHARS; i++) {
		const char *digit =
			p[i] ? strchr("0123456789abcdef", p[i] | 0x20) : NULL;

		if (!digit)
			return -EBADMSG;
		*ret = *ret << 4 | (uint32_t)(digit - "0123456789abcdef");
	}
	return 0;
}

static const EVP_MD *sum_of(enum digest_weak weak)
{
	return weak == DIGEST_SHA1 ? EVP_sha1() : EVP_md5();
}

static int take_content(
	struct reading *g, struct digest *d, uint64_t size, struct err *e)
{
	uint64_t done = 0;
	int r = 1;

	d->weak = (uint8_t)g->weak;
	if (EVP_DigestInit_ex(g->sha256, EVP_sha256(), NULL) != 1 ||
		EVP_DigestInit_ex(g->sum, sum_of(g->weak), NULL) != 1)
		return err_set(e, -EIO, "no digest");
	while (done < size) {
		size_t n = size - done < PIECE_BYTES ? (size_t)(size - done)
						     : PIECE_BYTES;

		r = take(g, g->piece, n, e);
		if (r <= 0)
			return r < 0 ? r : err_set(e, -EBADMSG, "cut");
		if (!done)
			digest_judge(d, g->piece, n);
		if (EVP_DigestUpdate(g->sha256, g->piece, n) != 1 ||
			EVP_DigestUpdate(g->sum, g->piece, n) != 1)
			return err_set(e, -EIO, "no digest");
		done += n;
	}
	if (EVP_DigestFinal_ex(g->sha256, d->sha256, NULL) != 1 ||
		EVP_DigestFinal_ex(g->sum, d->sum, NULL) != 1)
		return err_set(e, -EIO, "no digest");
	return 0;
}

/* 1 = there was one, 0 = the stream is at its end. */
static int take_entry(struct reading *g, struct err *e)
{
	struct initramfs_file f = { .name = g->name };
	char header[HEADER_BYTES];
	uint32_t size = 0, name_size = 0;
	int r;

	/* Zeros stand between archives. */
	do
		r = take(g, header, ALIGN, e);
	while (r > 0 && memcmp(header, "\0\0\0", ALIGN) == 0);
	if (r > 0)
		r = take(g, header + ALIGN, sizeof(header) - ALIGN, e);
	if (r <= 0)
		return r;
	if ((memcmp(header, "070701", MAGIC_CHARS) != 0 &&
		    memcmp(header, "070702", MAGIC_CHARS) != 0) ||
		number(&f.mode, header, FIELD_MODE) < 0 ||
		number(&size, header, FIELD_SIZE) < 0 ||
		number(&name_size, header, FIELD_NAME_SIZE) < 0 || !name_size ||
		name_size > sizeof(g->name))
		return err_set(e, -EBADMSG, "no cpio archive");
	if (g->files++ == INITRAMFS_FILES_MAX)
		return err_set(
			e, -EFBIG, "more than %d files", INITRAMFS_FILES_MAX);
	r = take(g, g->name, name_size, e);
	if (r > 0 && g->name[name_size - 1])
		return err_set(e, -EBADMSG, "no cpio archive");
	if (r > 0)
		r = align(g, e);
	if (r <= 0)
		return r < 0 ? r : err_set(e, -EBADMSG, "cut");
	f.size_bytes = size;
	r = take_content(g, &f.content, size, e);
	if (r == 0)
		r = align(g, e);
	if (r >= 0 && S_ISREG(f.mode))
		r = g->see(g->arg, &f, e);
	return r < 0 ? r : 1;
}

static bool is_trailer(const struct reading *g)
{
	return strcmp(g->name, "TRAILER!!!") == 0;
}

/* Archives from ${offset} on; 1 where a packed one may follow the last, whose
 * end is *${offset} then. */
static int read_stream(struct reading *g, int fd, uint64_t *offset, struct err *e)
{
	int r = unpack_open(&g->u, fd, *offset, e), plain;

	if (r < 0)
		return r;
	plain = unpack_is_plain(g->u);
	g->at = 0;
	g->name[0] = 0;
	do
		r = take_entry(g, e);
	while (r > 0 && !(plain && is_trailer(g)));
	*offset += g->at;
	unpack_close(g->u);
	return r;
}

/* The first byte at or behind *${offset} that is no zero: 1, 0 at the end. */
static int skip_zeros(int fd, uint64_t *offset, struct err *e)
{
	uint8_t piece[4096];
	ssize_t got;

	for (;;) {
		got = pread(fd, piece, sizeof(piece), (off_t)*offset);
		if (got < 0)
			return err_sys(e, "read");
		if (!got)
			return 0;
		for (ssize_t i = 0; i < got; i++)
			if (piece[i]) {
				*offset += (uint64_t)i;
				return 1;
			}
		*offset += (uint64_t)got;
	}
}

int initramfs_read(int fd, enum digest_weak weak, initramfs_see *see, void *arg,
	struct err *e)
{
	struct reading *g = calloc(1, sizeof(*g));
	uint64_t offset = 0;
	int r = 0;

	if (!g)
		return err_set(e, -ENOMEM, "no memory for an initramfs");
	g->left = INITRAMFS_BYTES;
	g->weak = weak;
	g->see = see;
	g->arg = arg;
	g->sha256 = EVP_MD_CTX_new();
	g->sum = EVP_MD_CTX_new();
	if (!g->sha256 || !g->sum)
		r = err_set(e, -ENOMEM, "no memory for an initramfs");
	while (r == 0) {
		r = skip_zeros(fd, &offset, e);
		if (r <= 0)
			break;
		r = read_stream(g, fd, &offset, e);
		/* Behind one that is packed nothing follows. */
		if (r <= 0)
			break;
		r = 0;
	}
	EVP_MD_CTX_free(g->sha256);
	EVP_MD_CTX_free(g->sum);
	free(g);
	return r;
}
