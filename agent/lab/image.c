// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/range.h"
#include "lab/image.h"

enum { NAME_CHARS = 64 };

static const uint32_t lime_magic = 0x4c694d45;

struct lime_header {
	uint8_t magic[4];
	uint8_t version[4];
	uint8_t first[8];
	uint8_t last[8]; /* inclusive */
	uint8_t reserved[8];
};
_Static_assert(sizeof(struct lime_header) == 32, "LiME header is 32 bytes");

struct image {
	int fd;
	int dirfd; /* borrowed */
	char name[NAME_CHARS];
	enum image_format format;
	struct ranges memory;
	uint64_t *offsets; /* in the file, of each range's first byte */
	bool finished;
};

static int put_header(struct image *im, size_t i, struct err *e)
{
	struct lime_header h = { 0 };

	num_put_le32(h.magic, lime_magic);
	num_put_le32(h.version, 1);
	num_put_le64(h.first, im->memory.v[i].start);
	num_put_le64(h.last, im->memory.v[i].end - 1);
	return io_pwrite(im->fd, &h, sizeof(h), im->offsets[i] - sizeof(h), e);
}

/* Where each range goes, and the size of it all. */
static int lay_out(struct image *im, struct err *e)
{
	uint64_t at = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < im->memory.n; i++) {
		const struct range *m = &im->memory.v[i];

		if (im->format == IMAGE_RAW) {
			im->offsets[i] = m->start;
			at = m->end;
			continue;
		}
		im->offsets[i] = at + sizeof(struct lime_header);
		at = im->offsets[i] + (m->end - m->start);
		if (at < im->offsets[i] || at > INT64_MAX)
			return err_set(
				e, -EFBIG, "image of %" PRIu64 " bytes", at);
		r = put_header(im, i, e);
	}
	if (r == 0 && ftruncate(im->fd, (off_t)at) < 0)
		r = err_sys(e, "make an image of %" PRIu64 " bytes", at);
	return r;
}

static int copy_memory(
	struct image *im, const struct ranges *memory, struct err *e)
{
	for (size_t i = 0; i < memory->n; i++) {
		int r = ranges_add(&im->memory, memory->v[i], e);

		if (r < 0)
			return r;
	}
	im->offsets = calloc(memory->n + 1, sizeof(*im->offsets));
	return im->offsets ? 0 : err_set(e, -ENOMEM, "no memory for an image");
}

int image_create(struct image **ret, int dirfd, const char *name,
	enum image_format format, const struct ranges *memory, struct err *e)
{
	struct image *im = calloc(1, sizeof(*im));
	int r;

	if (!im)
		return err_set(e, -ENOMEM, "no memory for an image");
	im->dirfd = dirfd;
	im->format = format;
	(void)snprintf(im->name, sizeof(im->name), "%s", name);
	im->fd = io_open(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (im->fd < 0) {
		r = im->fd;
		im->finished = true; /* not ours to delete */
	} else {
		r = copy_memory(im, memory, e);
	}
	if (r == 0)
		r = lay_out(im, e);
	if (r < 0) {
		image_close(im);
		return r;
	}
	*ret = im;
	return 0;
}

void image_close(struct image *im)
{
	if (!im)
		return;
	if (im->fd >= 0)
		(void)close(im->fd);
	if (!im->finished)
		(void)unlinkat(im->dirfd, im->name, 0);
	ranges_done(&im->memory);
	free(im->offsets);
	free(im);
}

int image_write(struct image *im, uint64_t paddr, const void *buf, size_t len,
	struct err *e)
{
	const struct range *m = ranges_find(&im->memory, paddr);

	if (!m || m->start > paddr || m->end - paddr < len)
		return err_set(e, -ERANGE,
			"%zu bytes at %#" PRIx64 " are not in the image", len,
			paddr);
	return io_pwrite(im->fd, buf, len,
		im->offsets[m - im->memory.v] + (paddr - m->start), e);
}

int image_finish(struct image *im, struct err *e)
{
	int r = io_fsync(im->fd, e);

	im->finished = r == 0;
	return r;
}
