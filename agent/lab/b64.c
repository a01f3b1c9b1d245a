// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "evidence/text.h"
#include "lab/b64.h"

/* Characters of the one alphabet for those of the other; 0 = not in it. */
static char from_url(char c)
{
	switch (c) {
	case '-':
		return '+';
	case '_':
		return '/';
	case '+':
	case '/':
		return 0;
	default:
		return c;
	}
}

static int decode(struct buf *ret, const char *text, size_t len, struct err *e)
{
	size_t bytes = len / 4 * 3 + 3;
	uint8_t *room;
	int r = buf_reserve(ret, &room, bytes, e);

	if (r < 0)
		return r;
	r = text_b64_decode(room, bytes, text, len);
	if (r < 0)
		return err_set(e, -EBADMSG, "not base64");
	ret->len += (size_t)r;
	return 0;
}

int b64_url(struct buf *ret, const char *text, size_t len, struct err *e)
{
	AUTO_FREE char *plain = malloc(len + 1);

	if (!plain)
		return err_set(e, -ENOMEM, "no memory for base64");
	for (size_t i = 0; i < len; i++) {
		plain[i] = from_url(text[i]);
		if (!plain[i])
			return err_set(e, -EBADMSG, "not base64url");
	}
	return decode(ret, plain, len, e);
}

int b64_lines(struct buf *ret, const char *text, size_t len, struct err *e)
{
	AUTO_FREE char *plain = malloc(len + 1);
	size_t n = 0;

	if (!plain)
		return err_set(e, -ENOMEM, "no memory for base64");
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\n' && text[i] != '\r')
			plain[n++] = text[i];
	for (int i = 0;
		i < 2 && n && n % 4 == (i ? 3 : 0) && plain[n - 1] == '='; i++)
		n--;
	return decode(ret, plain, n, e);
}
