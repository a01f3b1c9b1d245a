// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdarg.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "cloud/store_internal.h"

__attribute__((format(printf, 4, 0))) static int add_text(const char **ret,
	struct call *c, struct err *e, const char *fmt, va_list ap)
{
	size_t room = sizeof(c->text) - c->used;
	int n = vsnprintf(c->text + c->used, room, fmt, ap);

	if (n < 0 || (size_t)n >= room)
		return err_set(e, -EMSGSIZE, "a request of more than %d bytes",
			CALL_TEXT_BYTES);
	*ret = c->text + c->used;
	c->used += (size_t)n + 1;
	return 0;
}

int call_text(
	const char **ret, struct call *c, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = add_text(ret, c, e, fmt, ap);
	va_end(ap);
	return r;
}

int call_header(struct call *c, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int r;

	if (c->rq.headers_n == HTTP_HEADERS_MAX)
		return err_set(
			e, -EMSGSIZE, "more than %d headers", HTTP_HEADERS_MAX);
	va_start(ap, fmt);
	r = add_text(&c->rq.headers[c->rq.headers_n], c, e, fmt, ap);
	va_end(ap);
	c->rq.headers_n += r == 0;
	return r;
}

int call_url(struct call *c, const char *query, struct err *e)
{
	const char *host = c->url->root;
	size_t n = strlen(host) - strlen(url_path(c->url));

	return call_text(&c->rq.url, c, e, "%.*s%s%s%s", (int)n, host, c->path,
		*query ? "?" : "", query);
}

int call_key(const char **ret, struct call *c, struct err *e)
{
	return call_text(ret, c, e, "%s%s%s", c->url->prefix,
		c->url->prefix[0] ? "/" : "", c->object->key);
}

void call_base64(char *ret, const uint8_t *bytes, size_t n)
{
	(void)EVP_EncodeBlock((uint8_t *)ret, bytes, (int)n);
}

int call_md5(struct call *c, struct err *e)
{
	uint8_t md5[EVP_MAX_MD_SIZE];
	char text[32];

	if (!EVP_Digest(c->object->data, c->object->len, md5, NULL, EVP_md5(),
		    NULL))
		return err_set(e, -EOPNOTSUPP, "no MD5 for Content-MD5 here");
	call_base64(text, md5, 16);
	return call_header(c, e, "Content-MD5: %s", text);
}

int call_sha256(uint8_t ret[32], const struct call *c, struct err *e)
{
	size_t len = call_puts(c) ? c->object->len : 0;

	if (call_puts(c) && c->object->sha256) {
		memcpy(ret, c->object->sha256, 32);
		return 0;
	}
	return EVP_Digest(c->object->data, len, ret, NULL, EVP_sha256(), NULL)
		       ? 0
		       : err_set(e, -ENOMEM, "SHA-256 of an object");
}
