// SPDX-License-Identifier: Apache-2.0
#include "trace/journal_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lzma.h>
#include <zstd.h>

#include "base/err.h"

enum {
	HEADER_BYTES = 208, /* of the oldest that is known */
	OBJECT_BYTES = 16,
	ENTRY_BYTES = 64,
	DATA_BYTES = 64,
	COMPACT_DATA_BYTES = 72,
	ARRAY_BYTES = 24,
	WINDOW_BYTES = 64 << 10,
	WINDOWS = 64,
	ARRAY_ITEMS = 512, /* read at once */
	STATE_ONLINE = 1,
};

enum incompatible {
	PACKED_XZ = 1,
	PACKED_LZ4 = 2,
	KEYED_HASH = 4,
	PACKED_ZSTD = 8,
	COMPACT = 16,
};

enum object_type { TYPE_DATA = 1, TYPE_ENTRY = 3, TYPE_ARRAY = 6 };
enum object_flag { FLAG_XZ = 1, FLAG_LZ4 = 2, FLAG_ZSTD = 4 };

/* A piece of the file, by its place. */
struct window {
	uint64_t at; /* in units of WINDOW_BYTES, from 1; 0 = empty */
	size_t len;
	uint8_t bytes[WINDOW_BYTES];
};

struct journald_file {
	int fd;
	uint64_t bytes;
	bool compact;
	uint64_t header_bytes;
	uint64_t first_array;
	struct journald_head head;
	struct window *windows;
	uint8_t raw[JOURNAL_UNPACKED_BYTES];
	char field[JOURNAL_FIELD_BYTES];
};

static uint64_t le64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static struct window *window_of(struct journald_file *j, uint64_t offset)
{
	uint64_t at = offset / WINDOW_BYTES;
	struct window *w = &j->windows[at % WINDOWS];
	ssize_t got;

	if (w->at == at + 1)
		return w;
	do
		got = pread(j->fd, w->bytes, WINDOW_BYTES,
			(off_t)(at * WINDOW_BYTES));
	while (got < 0 && errno == EINTR);
	w->at = got < 0 ? 0 : at + 1;
	w->len = got < 0 ? 0 : (size_t)got;
	return w;
}

/* Whether all of it is there. */
static bool get(struct journald_file *j, void *ret, uint64_t offset, size_t len)
{
	uint8_t *to = ret;

	if (offset > j->bytes || len > j->bytes - offset)
		return false;
	while (len) {
		const struct window *w = window_of(j, offset);
		size_t at = offset % WINDOW_BYTES, n;

		if (at >= w->len)
			return false;
		n = w->len - at < len ? w->len - at : len;
		memcpy(to, w->bytes + at, n);
		to += n;
		offset += n;
		len -= n;
	}
	return true;
}

/* The head of an object of ${type}: its size, and flags. */
static bool object(struct journald_file *j, uint64_t offset,
	enum object_type type, uint64_t *size, uint8_t *flags)
{
	uint8_t head[OBJECT_BYTES];

	if (offset % 8 || offset < j->header_bytes ||
		!get(j, head, offset, sizeof(head)) || head[0] != type)
		return false;
	*size = le64(head + 8);
	*flags = head[1];
	return *size >= OBJECT_BYTES && *size <= j->bytes - offset;
}

int journald_open(
	struct journald_file **ret, int fd, uint64_t bytes, struct err *e)
{
	struct journald_file *j = calloc(1, sizeof(*j));
	uint8_t head[HEADER_BYTES];
	uint32_t needs;

	if (!j)
		return err_set(e, -ENOMEM, "no memory for a journal");
	j->fd = fd;
	j->bytes = bytes;
	j->windows = calloc(WINDOWS, sizeof(*j->windows));
	if (!j->windows) {
		free(j);
		return err_set(e, -ENOMEM, "no memory for a journal");
	}
	if (!get(j, head, 0, sizeof(head)) || memcmp(head, "LPKSHHRH", 8) != 0) {
		journald_close(j);
		return err_set(e, -EBADMSG, "no journal");
	}
	needs = le32(head + 12);
	if (needs & ~(uint32_t)(PACKED_XZ | PACKED_LZ4 | KEYED_HASH |
				PACKED_ZSTD | COMPACT)) {
		journald_close(j);
		return err_set(
			e, -ENOTSUP, "a journal of a later kind: %#x", needs);
	}
	j->compact = needs & COMPACT;
	j->head.online = head[16] == STATE_ONLINE;
	memcpy(j->head.seqnum_id, head + 72, 16);
	j->header_bytes = le64(head + 88);
	j->head.bytes = j->header_bytes + le64(head + 96);
	j->head.entries = le64(head + 152);
	j->head.last_seqnum = le64(head + 160);
	j->head.first_seqnum = le64(head + 168);
	j->first_array = le64(head + 176);
	*ret = j;
	return 0;
}

void journald_close(struct journald_file *j)
{
	if (!j)
		return;
	free(j->windows);
	free(j);
}

const struct journald_head *journald_head(const struct journald_file *j)
{
	return &j->head;
}

static bool get_entry(
	struct journald_file *j, struct journald_entry *ret, uint64_t offset)
{
	uint8_t bytes[ENTRY_BYTES], flags;

	*ret = (struct journald_entry){ .offset = offset };
	if (!object(j, offset, TYPE_ENTRY, &ret->size, &flags) ||
		!get(j, bytes, offset, sizeof(bytes)))
		return false;
	ret->seqnum = le64(bytes + 16);
	ret->realtime_us = le64(bytes + 24);
	ret->monotonic_us = le64(bytes + 32);
	memcpy(ret->boot, bytes + 40, sizeof(ret->boot));
	return true;
}

/* What a walk through the arrays holds. */
struct walking {
	uint64_t left; /* entries there may be */
	uint64_t skip;
	journald_see *see;
	void *arg;
};

/* Those of one array: 1 = the last one was seen. */
static int see_array(struct journald_file *j, struct walking *k,
	uint64_t offset, uint64_t size, struct err *e)
{
	size_t item = j->compact ? 4 : 8;
	uint64_t n = (size - ARRAY_BYTES) / item;
	uint8_t items[ARRAY_ITEMS * 8];

	for (uint64_t i = 0; i < n && k->left; i++, k->left--) {
		struct journald_entry entry;
		const uint8_t *p = items + i % ARRAY_ITEMS * item;
		size_t some = n - i < ARRAY_ITEMS ? (size_t)(n - i) : ARRAY_ITEMS;
		uint64_t at;
		int r;

		if (i % ARRAY_ITEMS == 0 &&
			!get(j, items, offset + ARRAY_BYTES + i * item,
				some * item))
			return err_set(e, -EBADMSG, "an array is cut");
		at = item == 4 ? le32(p) : le64(p);
		if (!at)
			return 1;
		if (k->skip) {
			k->skip--;
			continue;
		}
		if (!get_entry(j, &entry, at))
			return err_set(e, -EBADMSG, "no entry at %#llx",
				(unsigned long long)at);
		r = k->see(k->arg, &entry, e);
		if (r < 0)
			return r;
	}
	return k->left ? 0 : 1;
}

int journald_entries(struct journald_file *j, uint64_t skip, journald_see *see,
	void *arg, struct err *e)
{
	/* No entry is smaller. */
	struct walking k = { j->bytes / ENTRY_BYTES, skip, see, arg };
	uint64_t offset = j->first_array, size, next;
	uint8_t head[ARRAY_BYTES], flags;
	int r = 0;

	if (k.left > j->head.entries)
		k.left = j->head.entries;
	while (r == 0 && offset) {
		if (!object(j, offset, TYPE_ARRAY, &size, &flags) ||
			size < ARRAY_BYTES || !get(j, head, offset, sizeof(head)))
			return err_set(e, -EBADMSG, "no array at %#llx",
				(unsigned long long)offset);
		r = see_array(j, &k, offset, size, e);
		next = le64(head + 16);
		/* They were appended: each lies behind the one before. */
		if (r == 0 && next && next <= offset)
			return err_set(e, -EBADMSG, "arrays lead back");
		offset = next;
	}
	return r < 0 ? r : 0;
}

/* How much of ${ret} was made of ${raw}; 0 = nothing could be. */
static size_t unpack(
	char *ret, size_t cap, uint8_t flags, const uint8_t *raw, size_t len)
{
	if (flags & FLAG_ZSTD) {
		ZSTD_inBuffer in = { raw, len, 0 };
		ZSTD_outBuffer out = { ret, cap, 0 };
		ZSTD_DCtx *c = ZSTD_createDCtx();
		size_t r = c ? ZSTD_decompressStream(c, &out, &in) : 1;

		(void)ZSTD_freeDCtx(c);
		return ZSTD_isError(r) ? 0 : out.pos;
	}
	if (flags & FLAG_XZ) {
		lzma_stream x = LZMA_STREAM_INIT;
		lzma_ret r = lzma_stream_decoder(
			&x, 16ULL * JOURNAL_UNPACKED_BYTES, 0);

		x.next_in = raw;
		x.avail_in = len;
		x.next_out = (uint8_t *)ret;
		x.avail_out = cap;
		if (r == LZMA_OK)
			r = lzma_code(&x, LZMA_RUN);
		lzma_end(&x);
		return r == LZMA_OK || r == LZMA_STREAM_END ? cap - x.avail_out
							    : 0;
	}
	return 0;
}

/* The start of "NAME=value" into j->field; its length, 0 = damaged or packed. */
static size_t get_field(struct journald_file *j, uint64_t offset)
{
	size_t head = j->compact ? COMPACT_DATA_BYTES : DATA_BYTES, len;
	uint64_t size;
	uint8_t flags;

	if (!object(j, offset, TYPE_DATA, &size, &flags) || size <= head)
		return 0;
	size -= head;
	if (!(flags & (FLAG_XZ | FLAG_LZ4 | FLAG_ZSTD))) {
		len = size < sizeof(j->field) ? (size_t)size : sizeof(j->field);
		return get(j, j->field, offset + head, len) ? len : 0;
	}
	if (size > sizeof(j->raw) || !get(j, j->raw, offset + head, (size_t)size))
		return 0;
	return unpack(j->field, sizeof(j->field), flags, j->raw, (size_t)size);
}

int journald_fields(struct journald_file *j, const struct journald_entry *entry,
	journald_field *see, void *arg, struct err *e)
{
	size_t item = j->compact ? 4 : 16;
	uint64_t n = entry->size < ENTRY_BYTES
			     ? 0
			     : (entry->size - ENTRY_BYTES) / item;
	int r = 0, lost = n > JOURNAL_ITEMS_MAX;

	for (uint64_t i = 0; r == 0 && i < n && i < JOURNAL_ITEMS_MAX; i++) {
		uint8_t at[8];
		const char *equals;
		size_t len = 0;

		if (get(j, at, entry->offset + ENTRY_BYTES + i * item,
			    item == 4 ? 4 : 8))
			len = get_field(j, item == 4 ? le32(at) : le64(at));
		equals = len ? memchr(j->field, '=', len) : NULL;
		if (!equals) {
			lost = 1;
			continue;
		}
		r = see(arg, j->field, (size_t)(equals - j->field), equals + 1,
			len - (size_t)(equals + 1 - j->field), e);
	}
	return r < 0 ? r : lost;
}
