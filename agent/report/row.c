// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "lab/escape.h"
#include "report/row.h"

enum { EXACT_BITS = 53, ESCAPED_BYTES = 4 }; /* "\xNN" */

void row_init(struct row *t, uint64_t rows_max, size_t bytes_max)
{
	*t = (struct row){ .rows_max = rows_max };
	buf_init(&t->out, bytes_max);
}

void row_done(struct row *t)
{
	buf_done(&t->out);
}

static void put(struct row *t, const char *s, size_t len)
{
	if (t->r == 0)
		t->r = buf_append(&t->out, s, len, t->e);
}

/* A comma, unless the cell is the first of its list. */
static void part(struct row *t)
{
	if (t->r == 0 && t->out.len && t->out.data[t->out.len - 1] != '[')
		put(t, ",", 1);
}

bool row_begin(struct row *t, struct err *e)
{
	t->total++;
	t->r = 0;
	t->e = e;
	t->begin = t->out.len;
	if (t->rows >= t->rows_max)
		return false;
	if (t->rows)
		put(t, ",\n", 2);
	put(t, "[", 1);
	return true;
}

int row_end(struct row *t)
{
	put(t, "]", 1);
	if (t->r == 0) {
		t->rows++;
		return 0;
	}
	t->out.len = t->begin;
	if (t->r != -EFBIG)
		return t->r;
	/* Later ones, that are shorter, would not be the first N. */
	t->rows_max = t->rows;
	return 0;
}

static void null(struct row *t)
{
	part(t);
	put(t, "null", 4);
}

void row_u64(struct row *t, int has, uint64_t v)
{
	if (!has) {
		null(t);
		return;
	}
	part(t);
	if (t->r == 0)
		t->r = buf_text(&t->out, t->e,
			v >> EXACT_BITS ? "\"%" PRIu64 "\"" : "%" PRIu64, v);
}

void row_us(struct row *t, int has, uint64_t ns)
{
	row_u64(t, has, ns / 1000);
}

void row_sign(struct row *t, int has, int64_t v)
{
	if (v >= 0 || !has) {
		row_u64(t, has, (uint64_t)v);
		return;
	}
	part(t);
	if (t->r == 0)
		t->r = buf_text(&t->out, t->e,
			v < -(1LL << EXACT_BITS) ? "\"%" PRId64 "\"" : "%" PRId64,
			v);
}

void row_hex(struct row *t, const ProtobufCBinaryData *b)
{
	size_t n = b->len < ROW_TEXT_BYTES ? b->len : ROW_TEXT_BYTES;

	if (!n) {
		null(t);
		return;
	}
	part(t);
	put(t, "\"", 1);
	for (size_t i = 0; t->r == 0 && i < n; i++)
		t->r = buf_text(&t->out, t->e, "%02x", b->data[i]);
	put(t, "\"", 1);
}

void row_address(struct row *t, int has, uint64_t v)
{
	if (!has) {
		null(t);
		return;
	}
	part(t);
	if (t->r == 0)
		t->r = buf_text(&t->out, t->e, "\"0x%" PRIx64 "\"", v);
}

/* Escaped text has no control characters; these two are JSON's. */
static void put_json(struct row *t, const uint8_t *s, size_t len)
{
	size_t from = 0;

	if (!len)
		return;
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '"' && s[i] != '\\')
			continue;
		put(t, (const char *)s + from, i - from);
		put(t, "\\", 1);
		from = i;
	}
	put(t, (const char *)s + from, len - from);
}

/* The host's own backslash is "\x5c", so it cannot make this. */
static void put_more(struct row *t, uint64_t more)
{
	if (t->r == 0 && more)
		t->r = buf_text(&t->out, t->e, "\\\\+%" PRIu64, more);
}

/* Where ${len} may be cut: not inside of a character. */
static size_t cut(const uint8_t *s, size_t len)
{
	size_t at = ROW_TEXT_BYTES;

	if (len <= ROW_TEXT_BYTES)
		return len;
	while (at > ROW_TEXT_BYTES - 4 && s[at] >> 6 == 2)
		at--;
	return at;
}

static void put_text(struct row *t, const uint8_t *s, size_t len)
{
	AUTO_BUF struct buf shown = { 0 };
	size_t n = cut(s, len);

	part(t);
	put(t, "\"", 1);
	buf_init(&shown, (size_t)ROW_TEXT_BYTES * ESCAPED_BYTES);
	if (t->r == 0)
		t->r = escape(&shown, s, n, t->e);
	put_json(t, shown.data, shown.len);
	put_more(t, len - n);
	put(t, "\"", 1);
}

void row_text(struct row *t, const ProtobufCBinaryData *b)
{
	if (b->len)
		put_text(t, b->data, b->len);
	else
		null(t);
}

void row_string(struct row *t, const char *s)
{
	if (s && *s)
		put_text(t, (const uint8_t *)s, strlen(s));
	else
		null(t);
}

void row_shown(struct row *t, const struct buf *b)
{
	part(t);
	put(t, "\"", 1);
	put_json(t, b->data, b->len);
	put(t, "\"", 1);
}

void row_open(struct row *t)
{
	part(t);
	put(t, "[", 1);
}

void row_close(struct row *t)
{
	put(t, "]", 1);
}

static void put_rest(struct row *t, size_t n)
{
	if (!n)
		return;
	part(t);
	put(t, "\"", 1);
	put_more(t, n);
	put(t, "\"", 1);
}

void row_texts(struct row *t, size_t n, const ProtobufCBinaryData *v)
{
	size_t bytes = 0, i;

	row_open(t);
	for (i = 0; i < n && i < ROW_LIST_MAX && bytes < ROW_TEXT_BYTES; i++) {
		put_text(t, v[i].data, v[i].len);
		bytes += v[i].len;
	}
	put_rest(t, n - i);
	row_close(t);
}

void row_strings(struct row *t, size_t n, char *const *v)
{
	size_t bytes = 0, i;

	row_open(t);
	for (i = 0; i < n && i < ROW_LIST_MAX && bytes < ROW_TEXT_BYTES; i++) {
		put_text(t, (const uint8_t *)v[i], strlen(v[i]));
		bytes += strlen(v[i]);
	}
	put_rest(t, n - i);
	row_close(t);
}

int row_guard(struct buf *ret, const void *json, size_t len, struct err *e)
{
	const char *s = json;
	size_t from = 0;
	int r = 0;

	if (!len)
		return 0;
	for (size_t i = 0; r == 0 && i < len; i++) {
		if (s[i] != '<' && s[i] != '>' && s[i] != '&')
			continue;
		r = buf_append(ret, s + from, i - from, e);
		if (r == 0)
			r = buf_text(ret, e, "\\u%04x", (unsigned)s[i]);
		from = i + 1;
	}
	return r < 0 ? r : buf_append(ret, s + from, len - from, e);
}
