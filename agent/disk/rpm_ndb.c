// SPDX-License-Identifier: Apache-2.0
/*
 * ndb (lib/backend/ndb/rpmpkg.c of rpm): a header of 32 bytes ("RpmP", version,
 * generation, pages of slots), slots of 16 bytes ("Slot", number of the
 * package, where its blob is, in blocks of 16 bytes, and how many), and blobs:
 * "BlbS", number, generation, length, the header of the package, padding, a
 * checksum, the length again, "BlbE".  Little-endian.
 */
#include <errno.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "disk/rpm_db_internal.h"

enum {
	PAGE_BYTES = 4096,
	BLOCK_BYTES = 16,
	SLOT_BYTES = 16,
	SLOTS_BEFORE = 2, /* where the header is */
	HEAD_BYTES = 16, /* of a blob */
	TAIL_BYTES = 12,
	SLOT_PAGES_MAX = 4096,
};

#define MAGIC(a, b, c, d)                                                      \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |            \
		(uint32_t)(d) << 24)

static const uint32_t magic_db = MAGIC('R', 'p', 'm', 'P');
static const uint32_t magic_slot = MAGIC('S', 'l', 'o', 't');
static const uint32_t magic_blob = MAGIC('B', 'l', 'b', 'S');

/* The database; ->left: packages cannot be more than it in all. */
struct ndb {
	int fd;
	uint64_t size;
	uint64_t left;
	rpm_db_see *see;
	void *arg;
};

struct slot {
	uint32_t package; /* 0 = empty */
	uint64_t offset;
	uint64_t bytes;
};

static int read_at(int fd, void *buf, size_t len, uint64_t at, struct err *e)
{
	ssize_t n = io_pread(fd, buf, len, at, e);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : err_set(e, -EBADMSG, "ends too soon");
}

/* The header of the package in the blob of ${s}. */
static int see_blob(struct ndb *n, const struct slot *s, struct err *e)
{
	AUTO_FREE uint8_t *blob = NULL;
	uint8_t head[HEAD_BYTES];
	uint32_t len;
	int r;

	if (s->offset > n->size || s->bytes > n->size - s->offset ||
		s->bytes > n->left || s->bytes < HEAD_BYTES + TAIL_BYTES)
		return err_set(e, -EBADMSG, "a package out of its database");
	n->left -= s->bytes;
	r = read_at(n->fd, head, sizeof(head), s->offset, e);
	if (r < 0)
		return r;
	len = num_le32(head + 12);
	if (num_le32(head) != magic_blob || num_le32(head + 4) != s->package ||
		len > s->bytes - HEAD_BYTES - TAIL_BYTES ||
		len > RPM_DB_BLOB_BYTES)
		return err_set(e, -EBADMSG, "what is no package in its place");
	blob = malloc(len + 1);
	if (!blob)
		return err_set(e, -ENOMEM, "no memory for a package");
	r = read_at(n->fd, blob, len, s->offset + HEAD_BYTES, e);
	return r < 0 ? r : n->see(n->arg, blob, len, e);
}

static int see_page(struct ndb *n, uint32_t page, struct err *e)
{
	uint8_t slots[PAGE_BYTES];
	int r = read_at(
		n->fd, slots, sizeof(slots), (uint64_t)page * PAGE_BYTES, e);

	for (int i = page ? 0 : SLOTS_BEFORE;
		r == 0 && i < PAGE_BYTES / SLOT_BYTES; i++) {
		const uint8_t *p = slots + (size_t)i * SLOT_BYTES;
		struct slot s = { num_le32(p + 4),
			(uint64_t)num_le32(p + 8) * BLOCK_BYTES,
			(uint64_t)num_le32(p + 12) * BLOCK_BYTES };

		if (num_le32(p) != magic_slot)
			return err_set(
				e, -EBADMSG, "no slot where one has to be");
		if (s.package && s.offset)
			r = see_blob(n, &s, e);
	}
	return r;
}

int rpm_db_read_ndb(
	int fd, uint64_t size, rpm_db_see *see, void *arg, struct err *e)
{
	struct ndb n = { fd, size, size, see, arg };
	uint8_t head[2 * SLOT_BYTES];
	uint32_t pages;
	int r = read_at(fd, head, sizeof(head), 0, e);

	if (r < 0)
		return r;
	pages = num_le32(head + 12);
	if (num_le32(head) != magic_db || num_le32(head + 4) != 0)
		return err_set(e, -EBADMSG, "is no such database");
	if (!pages || pages > SLOT_PAGES_MAX)
		return err_set(e, -EBADMSG, "%u pages of slots", pages);
	for (uint32_t i = 0; r == 0 && i < pages; i++)
		r = see_page(&n, i, e);
	return r;
}
