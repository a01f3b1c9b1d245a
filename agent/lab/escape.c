// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "lab/escape.h"

enum { PRINTED_BYTES = 64 << 10 };

/* The character at ${p} and its bytes, by RFC 3629; 0 = it is none. */
static size_t utf8(uint32_t *ret, const uint8_t *p, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80	     ? 1
		   : p[0] >> 5 == 6  ? 2
		   : p[0] >> 4 == 14 ? 3
		   : p[0] >> 3 == 30 ? 4
				     : 0;
	uint32_t c;

	if (n < 2) {
		*ret = p[0];
		return n;
	}
	if (n > len)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

static bool is_plain(uint32_t c)
{
	static const struct {
		uint32_t from;
		uint32_t to;
	} hidden[] = {
		{ 0, 0x1f }, { '\\', '\\' }, { 0x7f, 0x9f },
		{ 0xad, 0xad }, /* soft hyphen */
		{ 0x200b, 0x200f }, /* of no width, and direction */
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f }, /* tags */
	};

	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (c >= hidden[i].from && c <= hidden[i].to)
			return false;
	return true;
}

int escape(struct buf *ret, const uint8_t *text, size_t len, struct err *e)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < len) {
		uint32_t c;
		size_t n = utf8(&c, text + at, len - at);

		if (n && is_plain(c)) {
			r = buf_append(ret, text + at, n, e);
			at += n;
			continue;
		}
		for (size_t i = 0; r == 0 && i < (n ? n : 1); i++)
			r = buf_text(ret, e, "\\x%02x", text[at + i]);
		at += n ? n : 1;
	}
	return r;
}

void escape_print(FILE *f, const char *text)
{
	AUTO_BUF struct buf shown = { 0 };
	int r;

	if (!text)
		text = "?";
	buf_init(&shown, PRINTED_BYTES);
	r = escape(&shown, (const uint8_t *)text, strlen(text), NULL);
	(void)fwrite(shown.data ? (const void *)shown.data : "", 1, shown.len, f);
	if (r < 0)
		(void)fputs("...", f);
}
