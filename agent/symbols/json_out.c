// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "symbols/json_out.h"

int json_out_new(
	struct json_out **ret, json_out_put *put, void *arg, struct err *e)
{
	struct json_out *j = malloc(sizeof(*j));

	if (!j)
		return err_set(e, -ENOMEM, "no memory for JSON");
	memset(j, 0, offsetof(struct json_out, buf));
	j->put = put;
	j->arg = arg;
	*ret = j;
	return 0;
}

static void give(struct json_out *j)
{
	if (j->failed == 0 && j->len)
		j->failed = j->put(j->arg, j->buf, j->len, &j->why);
	j->len = 0;
}

int json_out_finish(struct json_out *j, struct err *e)
{
	int r;

	give(j);
	r = j->failed;
	if (r < 0)
		(void)err_set(e, r, "%s", j->why.msg);
	free(j);
	return r;
}

static void raw(struct json_out *j, const char *p, size_t len)
{
	while (len) {
		size_t n = sizeof(j->buf) - j->len;

		n = n < len ? n : len;
		memcpy(j->buf + j->len, p, n);
		j->len += n;
		p += n;
		len -= n;
		if (j->len == sizeof(j->buf))
			give(j);
	}
}

static void before_value(struct json_out *j)
{
	if (j->comma)
		raw(j, ",", 1);
	j->comma = true;
}

void json_out_open(struct json_out *j, char bracket)
{
	before_value(j);
	raw(j, &bracket, 1);
	j->comma = false;
}

void json_out_close(struct json_out *j, char bracket)
{
	raw(j, &bracket, 1);
	j->comma = true;
}

/* Bytes of the UTF-8 character at ${p}; 0 = it is none (RFC 3629). */
static size_t character(const uint8_t *p)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc2 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf5 ? 4
			       : 0;
	uint32_t v = n > 1 ? *p & (0x7f >> n) : *p;

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (n > 1 && (v < least[n] || v > 0x10ffff || (v >> 11) == 0x1b))
		return 0;
	return n;
}

static void quoted(struct json_out *j, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;

	raw(j, "\"", 1);
	while (*p) {
		size_t n = character(p);
		char escape[8];

		if (!n) {
			raw(j, "\xef\xbf\xbd", 3);
			p++;
		} else if (*p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7f) {
			(void)snprintf(escape, sizeof(escape), "\\u%04x", *p++);
			raw(j, escape, 6);
		} else {
			raw(j, (const char *)p, n);
			p += n;
		}
	}
	raw(j, "\"", 1);
}

void json_out_key(struct json_out *j, const char *key)
{
	before_value(j);
	quoted(j, key);
	raw(j, ":", 1);
	j->comma = false;
}

void json_out_text(struct json_out *j, const char *text)
{
	before_value(j);
	quoted(j, text);
}

void json_out_i64(struct json_out *j, int64_t v)
{
	char digits[24];

	before_value(j);
	(void)snprintf(digits, sizeof(digits), "%" PRId64, v);
	raw(j, digits, strlen(digits));
}

void json_out_u64(struct json_out *j, uint64_t v)
{
	char digits[24];

	before_value(j);
	(void)snprintf(digits, sizeof(digits), "%" PRIu64, v);
	raw(j, digits, strlen(digits));
}

void json_out_bool(struct json_out *j, bool v)
{
	before_value(j);
	raw(j, v ? "true" : "false", v ? 4 : 5);
}
