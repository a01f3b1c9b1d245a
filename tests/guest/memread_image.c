// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "memread.h"

enum {
	LIME_HEADER_BYTES = 32,
	LIME_MAGIC = 0x4C694D45,
};

static void check(int r, const struct err *e)
{
	if (r == 0)
		return;
	(void)fprintf(stderr, "memread: image: %s\n", e->msg);
	exit(1);
}

void image_end(struct image *im)
{
	uint8_t h[LIME_HEADER_BYTES] = { 0 };
	struct err e;

	if (im->start == im->end)
		return;
	num_put_le32(h, LIME_MAGIC);
	num_put_le32(h + 4, 1);
	num_put_le64(h + 8, im->start);
	num_put_le64(h + 16, im->end - 1);
	check(io_pwrite(im->fd, h, sizeof(h), im->header, &e), &e);
	im->start = im->end;
}

void image_put(struct image *im, uint64_t start, const uint8_t *p, size_t len)
{
	struct err e;

	if (im->fd < 0)
		return;
	if (im->start == im->end || im->end != start) {
		image_end(im);
		im->header = im->at;
		im->at += LIME_HEADER_BYTES;
		im->start = start;
	}
	check(io_pwrite(im->fd, p, len, im->at, &e), &e);
	im->at += len;
	im->end = start + len;
}
