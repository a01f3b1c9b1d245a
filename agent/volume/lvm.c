// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "volume/lvm.h"

enum {
	LABEL_SECTORS = 4, /* one of which has the label */
	LABEL_SECTOR_AT = 8,
	LABEL_CRC_AT = 16,
	LABEL_CRC_FROM = 20,
	LABEL_OFFSET_AT = 20,
	LABEL_TYPE_AT = 24,
	LABEL_BYTES = 32,
	PV_ID_BYTES = 32,
	PV_AREAS_AT = 40,
	AREA_BYTES = 16, /* offset and size, of an area or in a ring */
	RING_CRC_FROM = 4,
	RING_MAGIC_AT = 4,
	RING_MAGIC_BYTES = 16,
	RING_VERSION_AT = 20,
	RING_START_AT = 24,
	RING_SIZE_AT = 32,
	RING_TEXTS_AT = 40,
	RING_TEXT_IGNORED = 1,
	RING_VERSION = 1,
};

struct area {
	uint64_t offset, bytes;
};

struct stretch {
	int fd;
	uint64_t start, bytes;
};

uint32_t lvm_crc(const uint8_t *data, size_t len)
{
	uint32_t crc = 0xf597a6cf;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

static int read_all(const struct stretch *s, void *buf, size_t len,
	uint64_t off, struct err *e)
{
	ssize_t got;

	if (off > s->bytes || len > s->bytes - off)
		return err_set(
			e, -EBADMSG, "metadata past the end of the volume");
	got = io_pread(s->fd, buf, len, s->start + off, e);
	if (got < 0)
		return (int)got;
	return (size_t)got == len
		       ? 0
		       : err_set(e, -EBADMSG, "the device ends before it");
}

static bool is_label(const uint8_t *sector, unsigned number)
{
	return memcmp(sector, "LABELONE", 8) == 0 &&
	       memcmp(sector + LABEL_TYPE_AT, "LVM2 001", 8) == 0 &&
	       num_le64(sector + LABEL_SECTOR_AT) == number &&
	       num_le32(sector + LABEL_CRC_AT) ==
		       lvm_crc(sector + LABEL_CRC_FROM,
			       LVM_SECTOR_BYTES - LABEL_CRC_FROM);
}

/* The areas of metadata, which follow those of data and an empty one. */
static int metadata_areas(struct area ret[LVM_AREAS_MAX], const uint8_t *sector,
	size_t at, struct err *e)
{
	int kind = 0, n = 0;

	for (; kind < 2; at += AREA_BYTES) {
		struct area a;

		if (at + AREA_BYTES > LVM_SECTOR_BYTES)
			return err_set(e, -EBADMSG, "a label without an end");
		a.offset = num_le64(sector + at);
		a.bytes = num_le64(sector + at + 8);
		if (!a.offset)
			kind++;
		else if (kind == 1 && n == LVM_AREAS_MAX)
			return err_set(e, -EBADMSG, "more than %d areas",
				LVM_AREAS_MAX);
		else if (kind == 1)
			ret[n++] = a;
	}
	return n;
}

/* Append a text of the ring, which may go on at its beginning. */
static int read_text(struct buf *ret, const struct stretch *s,
	const struct area *ring, const uint8_t *locn, struct err *e)
{
	uint64_t offset = num_le64(locn), bytes = num_le64(locn + 8), first;
	uint32_t crc = num_le32(locn + 16);
	uint8_t *to;
	int r;

	if (offset < LVM_SECTOR_BYTES || offset >= ring->bytes ||
		bytes > ring->bytes - LVM_SECTOR_BYTES || bytes > LVM_TEXT_BYTES)
		return err_set(e, -EBADMSG, "a text that is not in its area");
	first = ring->bytes - offset < bytes ? ring->bytes - offset : bytes;
	r = buf_reserve(ret, &to, (size_t)bytes, e);
	if (r == 0)
		r = read_all(s, to, (size_t)first, ring->offset + offset, e);
	if (r == 0)
		r = read_all(s, to + first, (size_t)(bytes - first),
			ring->offset + LVM_SECTOR_BYTES, e);
	if (r == 0 && lvm_crc(to, (size_t)bytes) != crc)
		r = err_set(e, -EBADMSG, "a text with a wrong checksum");
	if (r == 0)
		ret->len += (size_t)bytes;
	return r;
}

static int read_area(struct buf *ret, const struct stretch *s,
	const struct area *a, struct err *e)
{
	uint8_t head[LVM_SECTOR_BYTES];
	const uint8_t *locn = head + RING_TEXTS_AT;
	struct area ring = { a->offset, 0 };
	int r = read_all(s, head, sizeof(head), a->offset, e);

	if (r < 0)
		return r;
	ring.bytes = num_le64(head + RING_SIZE_AT);
	if (memcmp(head + RING_MAGIC_AT, " LVM2 x[5A%r0N*>", RING_MAGIC_BYTES) !=
			0 ||
		num_le32(head + RING_VERSION_AT) != RING_VERSION ||
		num_le64(head + RING_START_AT) != a->offset ||
		ring.bytes > a->bytes || ring.bytes <= LVM_SECTOR_BYTES ||
		num_le32(head) != lvm_crc(head + RING_CRC_FROM,
					  sizeof(head) - RING_CRC_FROM))
		return err_set(e, -EBADMSG, "a damaged metadata area");
	if (!num_le64(locn) || num_le32(locn + 20) & RING_TEXT_IGNORED)
		return 0;
	return read_text(ret, s, &ring, locn, e);
}

/* The first area whose text is whole; all of them have the same one. */
static int read_areas(struct lvm_physical *ret, const struct stretch *s,
	const struct area *areas, int n, struct err *e)
{
	int r = 0;

	for (int i = 0; i < n && !ret->text.len; i++)
		r = read_area(&ret->text, s, &areas[i], e);
	return ret->text.len ? 0 : r;
}

int lvm_read(struct lvm_physical *ret, int fd, uint64_t start, uint64_t bytes,
	struct err *e)
{
	const struct stretch s = { fd, start, bytes };
	uint8_t sectors[LABEL_SECTORS][LVM_SECTOR_BYTES];
	struct area areas[LVM_AREAS_MAX];
	const uint8_t *label = NULL;
	size_t at;
	int r = read_all(&s, sectors, sizeof(sectors), 0, e);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < LABEL_SECTORS && !label; i++)
		if (is_label(sectors[i], i))
			label = sectors[i];
	at = label ? num_le32(label + LABEL_OFFSET_AT) : 0;
	if (!label || at < LABEL_BYTES || at > LVM_SECTOR_BYTES - PV_AREAS_AT)
		return err_set(e, -EBADMSG, "no label of LVM, or a damaged one");
	r = metadata_areas(areas, label, at + PV_AREAS_AT, e);
	if (r < 0)
		return r;
	*ret = (struct lvm_physical){ 0 };
	memcpy(ret->id, label + at, PV_ID_BYTES);
	ret->bytes = num_le64(label + at + PV_ID_BYTES);
	buf_init(&ret->text, LVM_TEXT_BYTES);
	r = read_areas(ret, &s, areas, r, e);
	if (r < 0)
		lvm_physical_done(ret);
	return r;
}

void lvm_physical_done(struct lvm_physical *p)
{
	buf_done(&p->text);
}
