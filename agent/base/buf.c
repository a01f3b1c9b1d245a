// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdarg.h>

#include "base/buf.h"
#include "base/err.h"

enum { FIRST_BYTES = 256 };

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_done(struct buf *b)
{
	if (!b)
		return;
	free(b->data);
	*b = (struct buf){ 0 };
}

int buf_reserve(struct buf *b, uint8_t **ret, size_t len, struct err *e)
{
	size_t want, cap;
	uint8_t *p;

	if (len > b->max - b->len)
		return err_set(e, -EFBIG, "more than %zu bytes", b->max);
	want = b->len + len;
	if (want > b->cap) {
		cap = b->cap ? b->cap : FIRST_BYTES;
		while (cap < want)
			cap = cap > b->max / 2 ? b->max : cap * 2;
		p = realloc(b->data, cap);
		if (!p)
			return err_set(
				e, -ENOMEM, "no memory for %zu bytes", cap);
		b->data = p;
		b->cap = cap;
	}
	*ret = b->data + b->len;
	return 0;
}

int buf_append(struct buf *b, const void *data, size_t len, struct err *e)
{
	uint8_t *room = NULL;
	int r;

	if (!len)
		return 0;
	r = buf_reserve(b, &room, len, e);
	if (r < 0)
		return r;
	memcpy(room, data, len);
	b->len += len;
	return 0;
}

int buf_text(struct buf *b, struct err *e, const char *fmt, ...)
{
	uint8_t *room = NULL;
	va_list ap;
	int n, r;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return err_set(e, -EINVAL, "bad format");
	r = buf_reserve(b, &room, (size_t)n + 1, e);
	if (r < 0)
		return r;
	va_start(ap, fmt);
	(void)vsnprintf((char *)room, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

char *buf_string(struct buf *b, struct err *e)
{
	uint8_t *room = NULL;

	if (buf_reserve(b, &room, 1, e) < 0 || !room)
		return NULL;
	*room = 0;
	return (char *)b->data;
}
