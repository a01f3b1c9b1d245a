// SPDX-License-Identifier: Apache-2.0
/*
 * The Sleuth Kit's body file, version 3:
 *
 *	MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime
 *
 * Times are seconds since 1970, 0 where one is not told.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "base/err.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "lab/escape.h"

enum {
	NS = 1000000000,
	LINE_BYTES = 64 << 10,
	MODE_CHARS = 16,
	MD5_CHARS = 33
};

/* A file as both kinds of records tell it. */
struct body {
	const ProtobufCBinaryData *md5;
	const ProtobufCBinaryData *path;
	const ProtobufCBinaryData *target; /* NULL = it is no link */
	uint64_t inode;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint64_t bytes;
	int64_t atime_ns;
	int64_t mtime_ns;
	int64_t ctime_ns;
	int64_t btime_ns;
};

static void mode_text(char ret[MODE_CHARS], uint32_t mode)
{
	static const struct {
		mode_t type;
		char letter;
	} types[] = { { S_IFREG, 'r' }, { S_IFDIR, 'd' }, { S_IFLNK, 'l' },
		{ S_IFCHR, 'c' }, { S_IFBLK, 'b' }, { S_IFIFO, 'p' },
		{ S_IFSOCK, 's' } };
	char type = '-';
	char *p = ret;

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			type = types[i].letter;
	*p++ = type;
	*p++ = '/';
	*p++ = type;
	for (int i = 8; i >= 0; i--)
		*p++ = mode >> i & 1 ? "xwr"[i % 3] : '-';
	*p = 0;
	if (mode & S_ISUID)
		ret[5] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		ret[8] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISVTX)
		ret[11] = mode & S_IXOTH ? 't' : 'T';
}

/* Escaped, and without the character between fields. */
static int put_name(struct buf *line, const ProtobufCBinaryData *b, struct err *e)
{
	size_t from = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i <= b->len; i++) {
		if (i < b->len && b->data[i] != '|')
			continue;
		r = escape(line, b->data + from, i - from, e);
		if (r == 0 && i < b->len)
			r = buf_text(line, e, "\\x7c");
		from = i + 1;
	}
	return r;
}

static int64_t seconds(int64_t ns)
{
	return ns / NS - (ns % NS < 0);
}

static int put(struct lines *l, const struct body *b, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	char mode[MODE_CHARS], md5[MD5_CHARS] = "0";
	int r;

	for (size_t i = 0; b->md5 && b->md5->len == 16 && i < 16; i++)
		(void)snprintf(md5 + 2 * i, 3, "%02x", b->md5->data[i]);
	mode_text(mode, b->mode);
	buf_init(&line, LINE_BYTES);
	r = buf_text(&line, e, "%s|", md5);
	if (r == 0)
		r = put_name(&line, b->path, e);
	if (r == 0 && b->target)
		r = buf_text(&line, e, " -> ");
	if (r == 0 && b->target)
		r = put_name(&line, b->target, e);
	if (r == 0)
		r = buf_text(&line, e,
			"|%" PRIu64 "|%s|%" PRIu32 "|%" PRIu32 "|%" PRIu64
			"|%" PRId64 "|%" PRId64 "|%" PRId64 "|%" PRId64 "\n",
			b->inode, mode, b->uid, b->gid, b->bytes,
			seconds(b->atime_ns), seconds(b->mtime_ns),
			seconds(b->ctime_ns), seconds(b->btime_ns));
	l->n += r == 0;
	return r < 0 ? r : lines_raw(l, line.data, line.len, e);
}

static int map_file(
	struct lines *l, const Icecore__V1__DiskFile *f, struct err *e)
{
	const struct body b = {
		.md5 = f->has_md5 ? &f->md5 : NULL,
		.path = &f->path,
		.target = f->has_target ? &f->target : NULL,
		.inode = f->inode,
		.mode = f->mode,
		.uid = f->uid,
		.gid = f->gid,
		.bytes = f->size_bytes,
		.atime_ns = f->atime_ns,
		.mtime_ns = f->mtime_ns,
		.ctime_ns = f->ctime_ns,
		.btime_ns = f->btime_ns,
	};

	return put(l, &b, e);
}

int bodyfile_map(struct lines *l, const struct item *it, struct err *e)
{
	const Icecore__V1__Binary *v = it->binary;
	int r = 0;

	if (it->kind == ITEM_FILE)
		return map_file(l, it->file, e);
	for (size_t i = 0; r == 0 && v && i < v->n_paths; i++) {
		const struct body b = {
			.md5 = v->has_md5 ? &v->md5 : NULL,
			.path = &v->paths[i],
			.inode = v->inode,
			.mode = v->mode,
			.uid = v->uid,
			.gid = v->gid,
			.bytes = v->size_bytes,
			.mtime_ns = v->mtime_ns,
			.ctime_ns = v->ctime_ns,
		};

		r = put(l, &b, e);
	}
	return r;
}
