// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/err.h"
#include "binary/content.h"
#include "binary/regular.h"
#include "binary/slow.h"

enum { ZEROS_BYTES = 64 << 10, PIECE_HEAD_BYTES = 16 };

/* One reading. */
struct reading {
	const struct content_config *config;
	struct content *c;
	int fd;
	uint64_t began_ns;
	uint64_t max_bytes;
	EVP_MD_CTX *sha256;
	EVP_MD_CTX *md5;
	EVP_MD_CTX *pieces;
};

static const uint8_t zeros[ZEROS_BYTES];

static int hash_whole(struct reading *r, const uint8_t *p, size_t len)
{
	if (!r->c->hashed)
		return 0;
	return EVP_DigestUpdate(r->sha256, p, len) == 1 &&
			       (r->config->no_md5 ||
				       EVP_DigestUpdate(r->md5, p, len) == 1)
		       ? 0
		       : -EIO;
}

static int hash_hole(struct reading *r, uint64_t bytes)
{
	int rc = 0;

	while (rc == 0 && bytes && r->c->hashed) {
		size_t some = bytes < ZEROS_BYTES ? bytes : ZEROS_BYTES;

		rc = hash_whole(r, zeros, some);
		bytes -= some;
	}
	return rc;
}

static void put_u64(uint8_t ret[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		ret[i] = (uint8_t)(v >> 8 * i);
}

static int hash_piece(
	struct reading *r, uint64_t offset, const uint8_t *p, size_t len)
{
	uint8_t head[PIECE_HEAD_BYTES], sum[CONTENT_SHA256_BYTES];

	put_u64(head, offset);
	put_u64(head + 8, len);
	return EVP_Digest(p, len, sum, NULL, EVP_sha256(), NULL) == 1 &&
			       EVP_DigestUpdate(r->pieces, head, sizeof(head)) ==
				       1 &&
			       EVP_DigestUpdate(r->pieces, sum, sizeof(sum)) == 1
		       ? 0
		       : -EIO;
}

static int check_time(const struct reading *r, struct err *e)
{
	uint64_t seconds =
		CONTENT_SECONDS + r->c->data_bytes / CONTENT_SECOND_BYTES;

	if (r->config->interrupted && *r->config->interrupted)
		return err_set(e, -EINTR, "interrupted");
	if (clock_ns(CLOCK_MONOTONIC) - r->began_ns > seconds * 1000000000)
		return err_set(e, -ETIMEDOUT,
			"%llu bytes in %llu s, and not at its end",
			(unsigned long long)r->c->data_bytes,
			(unsigned long long)seconds);
	return 0;
}

static int see_piece(struct reading *r, uint64_t offset, const uint8_t *p,
	size_t len, struct err *e)
{
	int rc = hash_whole(r, p, len);

	/* Of a file that is hashed whole nobody needs it. */
	if (rc == 0 && !r->c->hashed)
		rc = hash_piece(r, offset, p, len);
	if (rc < 0)
		return err_set(e, rc, "hash");
	r->c->data_bytes += len;
	r->c->end = offset + len;
	return r->config->see ? r->config->see(r->config->arg, offset, p, len, e)
			      : 0;
}

/* The data in [at, end): 0, or 1 when the file ended or the limit came. */
static int read_data(struct reading *r, uint64_t at, uint64_t end, struct err *e)
{
	while (at < end) {
		uint64_t left = r->max_bytes - r->c->data_bytes;
		size_t want = end - at < SLOW_PIECE_BYTES ? end - at
							  : SLOW_PIECE_BYTES;
		const uint8_t *p;
		ssize_t got;
		int rc = check_time(r, e);

		if (rc < 0)
			return rc;
		if (!left) {
			r->c->cut = true;
			return 1;
		}
		/* A direct read asks for whole blocks, past the end too. */
		want = (want + REGULAR_ALIGN_BYTES - 1) / REGULAR_ALIGN_BYTES *
		       REGULAR_ALIGN_BYTES;
		got = slow_read(r->config->slow, &p, r->fd, at, want, e);
		if (got < 0)
			return (int)got;
		if ((uint64_t)got > end - at)
			got = (ssize_t)(end - at);
		if ((uint64_t)got > left)
			got = (ssize_t)left;
		rc = got ? see_piece(r, at, p, (size_t)got, e) : 1;
		if (rc != 0)
			return rc;
		at += (size_t)got;
	}
	return 0;
}

/* Data after data, with holes between them. */
static int read_all(struct reading *r, struct err *e)
{
	struct slow *s = r->config->slow;
	uint64_t at = 0, size = r->c->size_bytes;
	int rc = 0;

	while (rc == 0 && at < size) {
		uint64_t from = at, end = size;
		int more = slow_data(s, &from, r->fd, at, SEEK_DATA, e);

		/* Not every file system knows its holes. */
		if (more == -EINVAL)
			more = 1;
		if (more < 0)
			return more;
		if (!more || from > size)
			from = size;
		from -= from % REGULAR_ALIGN_BYTES;
		if (from < at)
			from = at;
		if (hash_hole(r, (more ? from : size) - at) < 0)
			return err_set(e, -EIO, "hash");
		if (!more)
			break;
		if (slow_data(s, &end, r->fd, from, SEEK_HOLE, e) < 0 ||
			end > size || end <= from)
			end = size;
		rc = read_data(r, from, end, e);
		at = end;
	}
	if (rc == 0)
		r->c->end = size;
	return rc < 0 ? rc : 0;
}

static int finish(struct reading *r, const struct stat *before, struct err *e)
{
	struct content *c = r->c;
	struct stat now;
	int rc = slow_stat(r->config->slow, r->fd, &now, e);

	if (rc < 0)
		return rc;
	c->changed = now.st_size != before->st_size ||
		     now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
		     now.st_mtim.tv_nsec != before->st_mtim.tv_nsec ||
		     c->end != c->size_bytes;
	if (c->cut)
		c->hashed = c->changed = false;
	if (EVP_DigestFinal_ex(r->sha256, c->sha256, NULL) != 1 ||
		EVP_DigestFinal_ex(r->md5, c->md5, NULL) != 1 ||
		EVP_DigestFinal_ex(r->pieces, c->pieces_sha256, NULL) != 1)
		return err_set(e, -EIO, "hash");
	return 0;
}

static int begin(struct reading *r, struct stat *st, struct err *e)
{
	int rc = slow_stat(r->config->slow, r->fd, st, e);

	if (rc < 0)
		return rc;
	r->c->size_bytes = (uint64_t)st->st_size;
	r->c->hashed = r->c->size_bytes <= CONTENT_HASH_BYTES;
	r->sha256 = EVP_MD_CTX_new();
	r->md5 = EVP_MD_CTX_new();
	r->pieces = EVP_MD_CTX_new();
	if (!r->sha256 || !r->md5 || !r->pieces ||
		EVP_DigestInit_ex(r->sha256, EVP_sha256(), NULL) != 1 ||
		EVP_DigestInit_ex(r->md5, EVP_md5(), NULL) != 1 ||
		EVP_DigestInit_ex(r->pieces, EVP_sha256(), NULL) != 1)
		return err_set(e, -ENOMEM, "no memory to hash");
	return 0;
}

int content_open(struct slow *s, int held, struct err *e)
{
	const uint8_t *p;
	AUTO_CLOSE int fd = slow_open(s, held, REGULAR_DIRECT, e);

	/* Some open so and then do not read so. */
	if (fd >= 0 && slow_read(s, &p, fd, 0, REGULAR_ALIGN_BYTES, e) >= 0)
		return TAKE_FD(fd);
	if (fd == -EPERM || fd == -ETIMEDOUT)
		return fd;
	return slow_open(s, held, 0, e);
}

int content_read(struct content *ret, int held,
	const struct content_config *config, struct err *e)
{
	struct reading r = { .config = config,
		.c = ret,
		.began_ns = clock_ns(CLOCK_MONOTONIC),
		.max_bytes = config->max_bytes ? config->max_bytes
					       : CONTENT_DATA_BYTES };
	struct stat st;
	int rc;

	*ret = (struct content){ 0 };
	r.fd = content_open(config->slow, held, e);
	if (r.fd < 0)
		return r.fd;
	rc = begin(&r, &st, e);
	if (rc == 0)
		rc = read_all(&r, e);
	if (rc == 0)
		rc = finish(&r, &st, e);
	if (rc < 0)
		ret->hashed = false;
	EVP_MD_CTX_free(r.sha256);
	EVP_MD_CTX_free(r.md5);
	EVP_MD_CTX_free(r.pieces);
	(void)close(r.fd);
	return rc;
}
