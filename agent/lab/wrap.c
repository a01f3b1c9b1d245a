// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "lab/wrap.h"

static bool is_statement(const char *line, size_t len)
{
	return len > WRAP_STATEMENT_AT && line[WRAP_STATEMENT_AT - 2] == '.' &&
	       line[WRAP_STATEMENT_AT - 3] >= '0' &&
	       line[WRAP_STATEMENT_AT - 3] <= '9';
}

/* Where a line of ${len} bytes is broken: at a blank, or at its end. */
static size_t break_at(const char *line, size_t len, size_t most)
{
	size_t at = most;

	if (len <= most)
		return len;
	while (at > 0 && line[at] != ' ')
		at--;
	while (!at && most < len && line[most] != ' ')
		most++;
	return at ? at : most;
}

/* One statement, on lines that a page has room for. */
static int wrap_line(struct buf *ret, const char *line, size_t len, struct err *e)
{
	size_t room = WRAP_LINE_CHARS, n;
	int r = 0;

	if (!is_statement(line, len))
		return buf_append(ret, line, len, e);
	while (r == 0 && len) {
		n = room == WRAP_LINE_CHARS
			    ? WRAP_STATEMENT_AT +
				      break_at(line + WRAP_STATEMENT_AT,
					      len - WRAP_STATEMENT_AT,
					      room - WRAP_STATEMENT_AT)
			    : break_at(line, len, room);
		r = buf_append(ret, line, n, e);
		line += n;
		len -= n;
		room = WRAP_LINE_CHARS - WRAP_STATEMENT_AT;
		if (r < 0 || !len)
			break;
		line++;
		len--;
		r = buf_text(ret, e, "\n%*s", WRAP_STATEMENT_AT, "");
	}
	return r;
}

int wrap_statements(struct buf *ret, const struct buf *text, struct err *e)
{
	const char *s = (const char *)text->data;
	size_t left = text->len;
	int r = 0;

	while (r == 0 && left) {
		const char *end = memchr(s, '\n', left);
		size_t n = end ? (size_t)(end - s) : left;

		r = wrap_line(ret, s, n, e);
		if (r == 0 && end)
			r = buf_append(ret, "\n", 1, e);
		n += end != NULL;
		s += n;
		left -= n;
	}
	return r;
}
