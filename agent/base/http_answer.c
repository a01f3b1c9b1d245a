// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>

#include <curl/curl.h>

#include "base/http.h"

void http_answer_init(struct http_answer *a, size_t body_max)
{
	*a = (struct http_answer){ 0 };
	buf_init(&a->body, body_max);
	buf_init(&a->headers, HTTP_ANSWER_HEADERS_BYTES);
}

void http_answer_done(struct http_answer *a)
{
	buf_done(&a->body);
	buf_done(&a->headers);
}

/* Of one line "name: value", the value; NULL if it is another header. */
static const char *value_of(const char *line, size_t *len, const char *name)
{
	size_t n = strlen(name);

	if (*len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return NULL;
	line += n + 1;
	*len -= n + 1;
	while (*len && isspace((unsigned char)*line)) {
		line++;
		--*len;
	}
	while (*len && isspace((unsigned char)line[*len - 1]))
		--*len;
	return line;
}

const char *http_header(const struct http_answer *a, char ret[HTTP_VALUE_CHARS],
	const char *name)
{
	const char *p = (const char *)a->headers.data;
	const char *end = p ? p + a->headers.len : NULL;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((eol ? eol : end) - p);
		const char *v = value_of(p, &len, name);

		if (v && len < HTTP_VALUE_CHARS) {
			memcpy(ret, v, len);
			ret[len] = 0;
			return ret;
		}
		if (v)
			return NULL;
		p = eol ? eol + 1 : end;
	}
	return NULL;
}

int64_t http_date(const struct http_answer *a)
{
	char text[HTTP_VALUE_CHARS];
	int64_t t = http_header(a, text, "date") ? curl_getdate(text, NULL) : 0;

	return t > 0 ? t : 0;
}
