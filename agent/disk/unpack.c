// SPDX-License-Identifier: Apache-2.0
#include "disk/unpack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/err.h"

enum {
	INPUT_BYTES = 64 << 10,
	MAGIC_BYTES = 6,
	GZIP_WINDOW_BITS = 15 + 16, /* the largest, with gzip's header */
	ZSTD_WINDOW_LOG = 26, /* of UNPACK_MEMORY_BYTES */
};

struct format {
	const char *name;
	const char *magic;
	size_t magic_len;
	/* 0, or a negative errno */
	int (*begin)(struct unpack *u);
	/* Fill some of u->out: 0, 1 at the end, or a negative errno. */
	int (*step)(struct unpack *u);
	void (*end)(struct unpack *u);
};

struct unpack {
	const struct format *format;
	int fd;
	uint64_t offset; /* of the next input */
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len; /* room that is left */
	bool dry; /* there is no further input */
	bool ended;
	bool between; /* two frames of zstd */
	union {
		z_stream gzip;
		ZSTD_DCtx *zstd;
		lzma_stream xz;
	} state;
	uint8_t input[INPUT_BYTES];
};

static int plain_begin(struct unpack *u)
{
	(void)u;
	return 0;
}

static int plain_step(struct unpack *u)
{
	size_t n = u->in_len < u->out_len ? u->in_len : u->out_len;

	memcpy(u->out, u->in, n);
	u->in += n;
	u->in_len -= n;
	u->out += n;
	u->out_len -= n;
	return u->dry && !u->in_len;
}

static void plain_end(struct unpack *u)
{
	(void)u;
}

static int gzip_begin(struct unpack *u)
{
	return inflateInit2(&u->state.gzip, GZIP_WINDOW_BITS) == Z_OK ? 0
								      : -ENOMEM;
}

static int gzip_step(struct unpack *u)
{
	z_stream *z = &u->state.gzip;
	int r;

	z->next_in = (Bytef *)(uintptr_t)u->in;
	z->avail_in = (uInt)u->in_len;
	z->next_out = u->out;
	z->avail_out = (uInt)u->out_len;
	r = inflate(z, Z_NO_FLUSH);
	u->in = z->next_in;
	u->in_len = z->avail_in;
	u->out = z->next_out;
	u->out_len = z->avail_out;
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	if (r == Z_BUF_ERROR)
		return u->dry ? -EBADMSG : 0;
	if (r == Z_OK)
		return 0;
	if (r != Z_STREAM_END)
		return -EBADMSG;
	/* What follows may be one more. */
	if (u->in_len && *u->in == 0x1f)
		return inflateReset(z) == Z_OK ? 0 : -EBADMSG;
	return 1;
}

static void gzip_end(struct unpack *u)
{
	(void)inflateEnd(&u->state.gzip);
}

static int zstd_begin(struct unpack *u)
{
	u->state.zstd = ZSTD_createDCtx();
	if (!u->state.zstd)
		return -ENOMEM;
	(void)ZSTD_DCtx_setParameter(
		u->state.zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	return 0;
}

static int zstd_step(struct unpack *u)
{
	ZSTD_inBuffer in = { u->in, u->in_len, 0 };
	ZSTD_outBuffer out = { u->out, u->out_len, 0 };
	size_t r;

	/* Behind a frame there may be one more, or nothing. */
	if (u->between && (u->in_len ? *u->in != 0x28 : u->dry))
		return 1;
	r = ZSTD_decompressStream(u->state.zstd, &out, &in);
	u->in += in.pos;
	u->in_len -= in.pos;
	u->out += out.pos;
	u->out_len -= out.pos;
	if (ZSTD_isError(r))
		return -EBADMSG;
	u->between = r == 0;
	return u->dry && !u->in_len && !out.pos && r ? -EBADMSG : 0;
}

static void zstd_end(struct unpack *u)
{
	(void)ZSTD_freeDCtx(u->state.zstd);
}

static int xz_begin(struct unpack *u)
{
	u->state.xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&u->state.xz, UNPACK_MEMORY_BYTES, 0) == LZMA_OK
		       ? 0
		       : -ENOMEM;
}

static int xz_step(struct unpack *u)
{
	lzma_stream *x = &u->state.xz;
	lzma_ret r;

	x->next_in = u->in;
	x->avail_in = u->in_len;
	x->next_out = u->out;
	x->avail_out = u->out_len;
	r = lzma_code(x, LZMA_RUN);
	u->in = x->next_in;
	u->in_len = x->avail_in;
	u->out = x->next_out;
	u->out_len = x->avail_out;
	if (r == LZMA_MEM_ERROR)
		return -ENOMEM;
	if (r == LZMA_STREAM_END)
		return 1;
	if (r == LZMA_OK || (r == LZMA_BUF_ERROR && !u->dry))
		return 0;
	return -EBADMSG;
}

static void xz_end(struct unpack *u)
{
	lzma_end(&u->state.xz);
}

/* The last one fits everything; what has no functions is only known. */
static const struct format formats[] = {
	{ "gzip", "\x1f\x8b", 2, gzip_begin, gzip_step, gzip_end },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd_begin, zstd_step, zstd_end },
	{ "xz",
		"\xfd"
		"7zXZ\0",
		6, xz_begin, xz_step, xz_end },
	{ "lz4", "\x04\x22\x4d\x18", 4, NULL, NULL, NULL },
	{ "lz4", "\x02\x21\x4c\x18", 4, NULL, NULL, NULL },
	{ "bzip2", "BZh", 3, NULL, NULL, NULL },
	{ "lzma", "\x5d\x00\x00", 3, NULL, NULL, NULL },
	{ "lzop", "\x89LZO", 4, NULL, NULL, NULL },
	{ "nothing", "", 0, plain_begin, plain_step, plain_end },
};

static int refill(struct unpack *u, struct err *e)
{
	ssize_t got = 0;

	if (u->in_len || u->dry)
		return 0;
	do
		got = pread(u->fd, u->input, sizeof(u->input), (off_t)u->offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(e, "read");
	u->in = u->input;
	u->in_len = (size_t)got;
	u->offset += (uint64_t)got;
	u->dry = got == 0;
	return 0;
}

static const struct format *find_format(const struct unpack *u)
{
	const struct format *f = formats;

	while (u->in_len < f->magic_len ||
		memcmp(u->in, f->magic, f->magic_len) != 0)
		f++;
	return f;
}

int unpack_open(struct unpack **ret, int fd, uint64_t offset, struct err *e)
{
	struct unpack *u = calloc(1, sizeof(*u));
	int r;

	if (!u)
		return err_set(e, -ENOMEM, "no memory to unpack");
	u->fd = fd;
	u->offset = offset;
	r = refill(u, e);
	if (r == 0) {
		u->format = find_format(u);
		r = u->format->begin ? u->format->begin(u) : -ENOTSUP;
		if (r == -ENOTSUP)
			(void)err_set(e, r, "packed by %s", u->format->name);
		else if (r < 0)
			(void)err_set(e, r, "no memory to unpack");
	}
	if (r < 0) {
		free(u);
		return r;
	}
	*ret = u;
	return 0;
}

void unpack_close(struct unpack *u)
{
	if (!u)
		return;
	u->format->end(u);
	free(u);
}

ssize_t unpack_read(struct unpack *u, void *buf, size_t len, struct err *e)
{
	int r = 0;

	u->out = buf;
	u->out_len = len;
	while (r == 0 && u->out_len && !u->ended) {
		r = refill(u, e);
		if (r < 0)
			return r;
		r = u->format->step(u);
		u->ended = r > 0;
	}
	if (r < 0)
		return err_set(e, r, "%s: %s", u->format->name,
			r == -ENOMEM ? "no memory" : "damaged or cut");
	return (ssize_t)(len - u->out_len);
}

int unpack_is_plain(const struct unpack *u)
{
	return u->format->step == plain_step;
}
