// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "evidence/hash.h"
#include "lab/contents.h"
#include "lab/message_json.h"

enum {
	HEX_CHARS = 2 * CONTENTS_ID_BYTES + 1,
	NAME_CHARS = HEX_CHARS + 16,
	CHECK_BYTES = 256 << 10,
	PIECE_HEAD_BYTES = 16,
};

struct piece {
	uint64_t offset;
	uint64_t len;
	uint8_t sha256[HASH_BYTES];
};

struct content {
	uint8_t id[CONTENTS_ID_BYTES];
	bool ended; /* its last piece came: */
	bool by_pieces;
	uint64_t size;
	struct piece *pieces;
	size_t pieces_n;
	size_t pieces_cap;
};

struct contents {
	int outfd;
	int dir; /* -1 = not made yet */
	struct content *v;
	size_t n;
	size_t cap;
	size_t pieces; /* of all */
	struct hash *hash;
};

static void name_of(char ret[NAME_CHARS], const uint8_t *id, const char *suffix)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CONTENTS_ID_BYTES; i++) {
		ret[2 * i] = digits[id[i] >> 4];
		ret[2 * i + 1] = digits[id[i] & 15];
	}
	(void)snprintf(
		ret + HEX_CHARS - 1, NAME_CHARS - HEX_CHARS + 1, "%s", suffix);
}

int contents_new(struct contents **ret, int outfd, struct err *e)
{
	struct contents *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_set(e, -ENOMEM, "no memory for contents");
	c->outfd = outfd;
	c->dir = -1;
	r = hash_new(&c->hash, e);
	if (r < 0) {
		contents_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void contents_free(struct contents *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].pieces);
	free(c->v);
	hash_free(c->hash);
	if (c->dir >= 0)
		(void)close(c->dir);
	free(c);
}

static int make_dir(struct contents *c, struct err *e)
{
	if (c->dir >= 0)
		return 0;
	if (mkdirat(c->outfd, "binaries", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "mkdir binaries");
	c->dir = io_open(c->outfd, "binaries",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, e);
	return c->dir < 0 ? c->dir : 0;
}

static int get(struct contents *c, struct content **ret, const uint8_t *id,
	struct err *e)
{
	for (size_t i = 0; i < c->n; i++)
		if (memcmp(c->v[i].id, id, CONTENTS_ID_BYTES) == 0) {
			*ret = &c->v[i];
			return 0;
		}
	if (c->n == CONTENTS_MAX)
		return err_set(e, -E2BIG, "more than %d contents", CONTENTS_MAX);
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		struct content *v = reallocarray(c->v, cap, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory for contents");
		c->v = v;
		c->cap = cap;
	}
	*ret = &c->v[c->n++];
	memset(*ret, 0, sizeof(**ret));
	memcpy((*ret)->id, id, CONTENTS_ID_BYTES);
	return 0;
}

static int note_piece(struct contents *c, struct content *v,
	const Icecore__V1__BinaryData *d, struct err *e)
{
	struct piece *p;

	if (c->pieces == CONTENTS_PIECES_MAX)
		return err_set(
			e, -E2BIG, "more than %d pieces", CONTENTS_PIECES_MAX);
	if (v->pieces_n == v->pieces_cap) {
		size_t cap = v->pieces_cap ? v->pieces_cap * 2 : 16;

		p = reallocarray(v->pieces, cap, sizeof(*p));
		if (!p)
			return err_set(e, -ENOMEM, "no memory for contents");
		v->pieces = p;
		v->pieces_cap = cap;
	}
	p = &v->pieces[v->pieces_n++];
	c->pieces++;
	p->offset = d->offset;
	p->len = d->data.len;
	return hash_bytes(p->sha256, d->data.data, d->data.len, e);
}

int contents_put(
	struct contents *c, const Icecore__V1__BinaryData *d, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	struct content *v = NULL;
	char name[NAME_CHARS];
	uint64_t end;
	int r;

	if (d->content_id.len != CONTENTS_ID_BYTES ||
		__builtin_add_overflow(d->offset, d->data.len, &end) ||
		end > INT64_MAX || d->size_bytes > INT64_MAX)
		return err_set(e, -EINVAL, "impossible piece of a binary");
	r = make_dir(c, e);
	if (r == 0)
		r = get(c, &v, d->content_id.data, e);
	if (r < 0 || !v)
		return r;
	if (d->last) {
		v->ended = true;
		v->by_pieces = d->by_pieces;
		v->size = d->size_bytes;
	}
	name_of(name, v->id, ".part");
	fd = io_open(c->dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600, e);
	if (fd < 0 || !d->data.len)
		return fd < 0 ? fd : 0;
	r = note_piece(c, v, d, e);
	return r < 0 ? r : io_pwrite(fd, d->data.data, d->data.len, d->offset, e);
}

int contents_tell(struct contents *c, const Icecore__V1__Binary *b, struct err *e)
{
	const ProtobufCBinaryData *id =
		b->has_content_id ? &b->content_id : &b->sha256;
	AUTO_BUF struct buf text = { 0 };
	AUTO_JSON json_t *j = NULL;
	AUTO_CLOSE int fd = -1;
	char name[NAME_CHARS];
	int r;

	if (id->len != CONTENTS_ID_BYTES)
		return 0; /* it was not read: the record alone tells of it */
	r = make_dir(c, e);
	if (r < 0)
		return r;
	j = message_json(&b->base);
	if (!j)
		return err_set(e, -ENOMEM, "no memory for contents");
	buf_init(&text, JSON_TEXT_BYTES);
	r = json_encode(&text, j, JSON_INDENT(1), e);
	if (r == 0)
		r = buf_append(&text, "\n", 1, e);
	if (r < 0)
		return r;
	name_of(name, id->data, ".json");
	/* Files of one content: one description behind the other. */
	fd = io_open(c->dir, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
		0600, e);
	return fd < 0 ? fd : io_write(fd, text.data, text.len, e);
}

/* SHA-256 of the file, holes as zeros. */
static int hash_file(struct contents *c, uint8_t ret[HASH_BYTES], int fd,
	uint64_t size, struct err *e)
{
	AUTO_FREE uint8_t *p = malloc(CHECK_BYTES);
	int r = p ? hash_begin(c->hash, e)
		  : err_set(e, -ENOMEM, "no memory for contents");

	for (uint64_t at = 0; r == 0 && at < size;) {
		ssize_t n = io_pread(fd, p, CHECK_BYTES, at, e);

		if (n <= 0)
			return n < 0 ? (int)n : 1;
		r = hash_add(c->hash, p, (size_t)n, e);
		at += (size_t)n;
	}
	return r < 0 ? r : hash_end(c->hash, ret, e);
}

static int compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* As FORMAT.md has it for contents that are not hashed as a whole. */
static int hash_pieces(struct contents *c, uint8_t ret[HASH_BYTES],
	struct content *v, struct err *e)
{
	int r = hash_begin(c->hash, e);

	if (v->pieces_n)
		qsort(v->pieces, v->pieces_n, sizeof(*v->pieces), compare);
	for (size_t i = 0; r == 0 && i < v->pieces_n; i++) {
		uint8_t head[PIECE_HEAD_BYTES];

		for (int k = 0; k < 8; k++) {
			head[k] = (uint8_t)(v->pieces[i].offset >> 8 * k);
			head[8 + k] = (uint8_t)(v->pieces[i].len >> 8 * k);
		}
		r = hash_add(c->hash, head, sizeof(head), e);
		if (r == 0)
			r = hash_add(c->hash, v->pieces[i].sha256, HASH_BYTES, e);
	}
	return r < 0 ? r : hash_end(c->hash, ret, e);
}

/* Return 1 when it is what its id says, else 0. */
static int finish_one(struct contents *c, struct content *v, struct err *e)
{
	char part[NAME_CHARS], name[NAME_CHARS];
	uint8_t sum[HASH_BYTES] = { 0 };
	AUTO_CLOSE int fd = -1;
	int r = 1;

	name_of(part, v->id, ".part");
	name_of(name, v->id, "");
	fd = io_open(c->dir, part, O_RDWR | O_NOFOLLOW, 0, e);
	if (fd < 0)
		return fd;
	if (v->ended && ftruncate(fd, (off_t)v->size) < 0)
		return err_sys(e, "size of %s", part);
	if (v->ended)
		r = v->by_pieces ? hash_pieces(c, sum, v, e)
				 : hash_file(c, sum, fd, v->size, e);
	if (r < 0)
		return r;
	if (fchmod(fd, 0400) < 0)
		return err_sys(e, "chmod %s", part);
	if (!v->ended || memcmp(sum, v->id, HASH_BYTES) != 0)
		return 0;
	if (renameat(c->dir, part, c->dir, name) < 0)
		return err_sys(e, "rename %s", part);
	return 1;
}

int contents_finish(
	struct contents *c, struct contents_result *ret, struct err *e)
{
	*ret = (struct contents_result){ 0 };
	for (size_t i = 0; i < c->n; i++) {
		int r = finish_one(c, &c->v[i], e);

		if (r < 0)
			return err_wrap(e, r, "binaries");
		ret->whole += r == 1;
		ret->not_whole += r == 0;
	}
	return 0;
}
