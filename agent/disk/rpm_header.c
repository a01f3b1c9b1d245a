// SPDX-License-Identifier: Apache-2.0
#include "disk/rpm_header.h"

#include <errno.h>

#include "base/err.h"

enum { HEAD_BYTES = 8, ENTRY_BYTES = 16 };

enum tag {
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_ARCH = 1022,
	TAG_FILE_STATES = 1029,
	TAG_FILE_MODES = 1030,
	TAG_FILE_DIGESTS = 1035,
	TAG_FILE_FLAGS = 1037,
	TAG_DIR_INDEXES = 1116,
	TAG_BASE_NAMES = 1117,
	TAG_DIR_NAMES = 1118,
	TAG_FILE_DIGEST_ALGORITHM = 5011,
};

enum type {
	TYPE_CHAR = 1,
	TYPE_INT16 = 3,
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_STRINGS = 8,
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* The string at ${at} of an array; its NUL has to be there. */
static bool string_at(const struct rpm_array *a, size_t at, struct slice *ret)
{
	const uint8_t *end;

	if (!a->data || at >= a->len)
		return false;
	end = memchr(a->data + at, 0, a->len - at);
	if (!end)
		return false;
	*ret = (struct slice){ (const char *)a->data + at,
		(size_t)(end - a->data) - at };
	return true;
}

static void take_string(struct slice *ret, const struct rpm_array *a)
{
	if (!string_at(a, 0, ret))
		*ret = (struct slice){ "", 0 };
}

/* What a tag is kept as: a table of one line each. */
static const struct kept {
	uint32_t tag;
	uint32_t type;
	uint16_t offset; /* of a struct rpm_array, or of a struct slice */
	uint8_t bytes; /* of one, 0: strings */
	bool is_array;
} kept[] = {
	{ TAG_NAME, TYPE_STRING, offsetof(struct rpm_header, name), 0, false },
	{ TAG_VERSION, TYPE_STRING, offsetof(struct rpm_header, version), 0,
		false },
	{ TAG_RELEASE, TYPE_STRING, offsetof(struct rpm_header, release), 0,
		false },
	{ TAG_ARCH, TYPE_STRING, offsetof(struct rpm_header, architecture), 0,
		false },
	{ TAG_BASE_NAMES, TYPE_STRINGS, offsetof(struct rpm_header, base_names),
		0, true },
	{ TAG_DIR_NAMES, TYPE_STRINGS, offsetof(struct rpm_header, dir_names),
		0, true },
	{ TAG_DIR_INDEXES, TYPE_INT32, offsetof(struct rpm_header, dir_indexes),
		4, true },
	{ TAG_FILE_DIGESTS, TYPE_STRINGS, offsetof(struct rpm_header, digests),
		0, true },
	{ TAG_FILE_FLAGS, TYPE_INT32, offsetof(struct rpm_header, flags), 4,
		true },
	{ TAG_FILE_STATES, TYPE_CHAR, offsetof(struct rpm_header, states), 1,
		true },
	{ TAG_FILE_MODES, TYPE_INT16, offsetof(struct rpm_header, modes), 2,
		true },
};

static int keep(struct rpm_header *ret, uint32_t tag, uint32_t type,
	const struct rpm_array *a, struct err *e)
{
	if (tag == TAG_FILE_DIGEST_ALGORITHM && type == TYPE_INT32 &&
		a->count && a->len >= 4)
		ret->algorithm = be32(a->data);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const struct kept *k = &kept[i];
		char *to = (char *)ret + k->offset;

		if (k->tag != tag)
			continue;
		if (k->type != type)
			return err_set(
				e, -EBADMSG, "tag %u has type %u", tag, type);
		if ((uint64_t)a->count * k->bytes > a->len)
			return err_set(e, -EBADMSG,
				"tag %u leads out of its header", tag);
		if (k->is_array)
			*(struct rpm_array *)(void *)to = *a;
		else
			take_string((struct slice *)(void *)to, a);
	}
	return 0;
}

/* Every array of files has one of each, or is not there. */
static int check(struct rpm_header *h, struct err *e)
{
	const struct rpm_array *const arrays[] = { &h->dir_indexes, &h->digests,
		&h->flags, &h->states, &h->modes };

	h->files = h->base_names.count;
	if (h->files > RPM_FILES_MAX)
		return err_set(e, -EBADMSG, "more files than there can be");
	if (h->files && (!h->dir_indexes.data || !h->dir_names.data))
		return err_set(e, -EBADMSG, "files without directories");
	for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
		if (arrays[i]->data && arrays[i]->count != h->files)
			return err_set(e, -EBADMSG,
				"%u files, and %u of what they are", h->files,
				arrays[i]->count);
	return h->name.len ? 0 : err_set(e, -EBADMSG, "no name");
}

int rpm_header_parse(
	struct rpm_header *ret, const uint8_t *blob, size_t len, struct err *e)
{
	const uint8_t *data;
	uint32_t entries, bytes;
	int r = 0;

	*ret = (struct rpm_header){ .algorithm = RPM_MD5,
		.name = { "", 0 },
		.version = { "", 0 },
		.release = { "", 0 },
		.architecture = { "", 0 } };
	if (len < HEAD_BYTES)
		return err_set(e, -EBADMSG, "too short for a header");
	entries = be32(blob);
	bytes = be32(blob + 4);
	if (entries > RPM_ENTRIES_MAX || bytes > RPM_HEADER_BYTES_MAX ||
		HEAD_BYTES + (uint64_t)entries * ENTRY_BYTES + bytes > len)
		return err_set(e, -EBADMSG, "a header that does not fit");
	data = blob + HEAD_BYTES + (size_t)entries * ENTRY_BYTES;
	for (uint32_t i = 0; r == 0 && i < entries; i++) {
		const uint8_t *p = blob + HEAD_BYTES + (size_t)i * ENTRY_BYTES;
		uint32_t offset = be32(p + 8);
		struct rpm_array a = { data + offset, bytes - offset,
			be32(p + 12) };

		/* Of a region that was deleted they are negative. */
		if (offset < bytes)
			r = keep(ret, be32(p), be32(p + 4), &a, e);
	}
	return r < 0 ? r : check(ret, e);
}

int rpm_files_begin(
	struct rpm_files *ret, const struct rpm_header *h, struct err *e)
{
	struct slice s;
	size_t at = 0;

	*ret = (struct rpm_files){ .h = h };
	if (!h->files)
		return 0;
	if (h->dir_names.count > h->files)
		return err_set(e, -EBADMSG, "more directories than files");
	ret->directories = calloc(h->dir_names.count + 1, sizeof(size_t));
	if (!ret->directories)
		return err_set(e, -ENOMEM, "no memory for directories");
	for (uint32_t i = 0; i < h->dir_names.count; i++) {
		if (!string_at(&h->dir_names, at, &s)) {
			rpm_files_end(ret);
			return err_set(
				e, -EBADMSG, "directories that end too soon");
		}
		ret->directories[i] = at;
		at += s.len + 1;
	}
	return 0;
}

bool rpm_files_next(struct rpm_files *f, struct rpm_file *ret)
{
	const struct rpm_header *h = f->h;
	uint32_t i = f->at, dir;

	if (i == h->files)
		return false;
	*ret = (struct rpm_file){ .digest = { "", 0 } };
	dir = be32(h->dir_indexes.data + (size_t)i * 4);
	if (dir >= h->dir_names.count ||
		!string_at(&h->dir_names, f->directories[dir], &ret->directory) ||
		!string_at(&h->base_names, f->base, &ret->name))
		return false;
	f->base += ret->name.len + 1;
	if (h->digests.data) {
		if (!string_at(&h->digests, f->digest, &ret->digest))
			return false;
		f->digest += ret->digest.len + 1;
	}
	if (h->flags.data)
		ret->flags = be32(h->flags.data + (size_t)i * 4);
	if (h->states.data)
		ret->state = h->states.data[i];
	if (h->modes.data)
		ret->mode = (uint16_t)(h->modes.data[(size_t)i * 2] << 8 |
				       h->modes.data[(size_t)i * 2 + 1]);
	f->at++;
	return true;
}

void rpm_files_end(struct rpm_files *f)
{
	free(f->directories);
	*f = (struct rpm_files){ 0 };
}
