// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <lzma.h>

#include "base/err.h"
#include "base/io.h"
#include "symbols/xz.h"

struct xz {
	lzma_stream stream;
	int fd;
	uint8_t out[64 << 10];
};

int xz_new(struct xz **ret, int fd, struct err *e)
{
	uint32_t threads = lzma_cputhreads();
	const lzma_mt mt = {
		.threads = threads < 1		      ? 1
			   : threads > XZ_THREADS_MAX ? XZ_THREADS_MAX
						      : threads,
		.block_size = XZ_BLOCK_BYTES,
		.preset = XZ_PRESET,
		.check = LZMA_CHECK_CRC64,
	};
	struct xz *x = calloc(1, sizeof(*x));

	if (!x)
		return err_set(e, -ENOMEM, "no memory for xz");
	x->fd = fd;
	if (lzma_stream_encoder_mt(&x->stream, &mt) != LZMA_OK) {
		free(x);
		return err_set(e, -ENOMEM, "no memory for xz");
	}
	*ret = x;
	return 0;
}

void xz_free(struct xz *x)
{
	if (!x)
		return;
	lzma_end(&x->stream);
	free(x);
}

/* Until all input is taken or, at the end, all output is out. */
static int run(struct xz *x, lzma_action action, struct err *e)
{
	lzma_ret r = LZMA_OK;

	while (r == LZMA_OK && (x->stream.avail_in || action == LZMA_FINISH)) {
		int w;

		x->stream.next_out = x->out;
		x->stream.avail_out = sizeof(x->out);
		r = lzma_code(&x->stream, action);
		w = io_write(
			x->fd, x->out, sizeof(x->out) - x->stream.avail_out, e);
		if (w < 0)
			return w;
	}
	if (r != LZMA_OK && r != LZMA_STREAM_END)
		return err_set(e, r == LZMA_MEM_ERROR ? -ENOMEM : -EIO,
			"xz: error %d", (int)r);
	return 0;
}

int xz_put(void *arg, const void *buf, size_t len, struct err *e)
{
	struct xz *x = arg;

	x->stream.next_in = buf;
	x->stream.avail_in = len;
	return run(x, LZMA_RUN, e);
}

int xz_finish(struct xz *x, struct err *e)
{
	x->stream.avail_in = 0;
	return run(x, LZMA_FINISH, e);
}
