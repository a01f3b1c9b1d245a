/* SPDX-License-Identifier: Apache-2.0 */
/* One request while it is made up. */
#ifndef CLOUD_STORE_INTERNAL_H
#define CLOUD_STORE_INTERNAL_H

#include "base/http.h"
#include "cloud/store.h"
#include "cloud/ticket.h"

enum { CALL_TEXT_BYTES = 96 << 10 }; /* URL, headers, form of a request */

/* Everything that it points at is in its text, and is wiped with it. */
struct call {
	const struct url *url;
	const struct ticket *ticket; /* NULL = none */
	enum store_op op;
	const struct store_object *object;
	bool bucket_owner_control;
	int64_t now; /* seconds, by the store's clock */
	char path[URL_NAME_CHARS + 3 * URL_PREFIX_CHARS + STORE_KEY_CHARS];
	struct http_request rq;
	char text[CALL_TEXT_BYTES];
	size_t used;
};

/*
 * call_text(ret, c, e, fmt, ...):
 * Text that lasts as long as the call; -EMSGSIZE past its room.
 */
int call_text(const char **ret, struct call *c, struct err *e, const char *fmt,
	...) MUST_CHECK __attribute__((format(printf, 4, 5)));

/*
 * call_header(c, e, fmt, ...):
 * A line of the request.
 */
int call_header(struct call *c, struct err *e, const char *fmt, ...) MUST_CHECK
	__attribute__((format(printf, 3, 4)));

/*
 * call_url(c, query, e):
 * The store's own URL of the object, with ${query} if it is not "".
 */
int call_url(struct call *c, const char *query, struct err *e) MUST_CHECK;

/*
 * call_key(ret, c, e):
 * The object's key in its bucket: prefix, '/' and what is below it.
 */
int call_key(const char **ret, struct call *c, struct err *e) MUST_CHECK;

/*
 * call_md5(c, e), call_sha256(ret, c, e):
 * A Content-MD5 header; the 32 bytes of the SHA-256.
 */
int call_md5(struct call *c, struct err *e) MUST_CHECK;
int call_sha256(uint8_t ret[32], const struct call *c, struct err *e) MUST_CHECK;

/* Base64 with its padding, of ${n} bytes, into 4 * (n + 2) / 3 + 1 chars. */
void call_base64(char *ret, const uint8_t *bytes, size_t n);

static inline bool call_puts(const struct call *c)
{
	return c->op == STORE_PUT || c->op == STORE_REPLACE;
}

/*
 * How a ticket is used, one function for a kind of ticket: fill in the
 * method, URL, headers and body of c->rq.
 */
int store_by_keys(struct call *c, struct err *e) MUST_CHECK;
int store_by_policy(struct call *c, struct err *e) MUST_CHECK;
int store_by_presigned(struct call *c, struct err *e) MUST_CHECK;
int store_by_azure(struct call *c, struct err *e) MUST_CHECK;
int store_by_http(struct call *c, struct err *e) MUST_CHECK;

#endif
