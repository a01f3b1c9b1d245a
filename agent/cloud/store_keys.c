// SPDX-License-Identifier: Apache-2.0
/* Requests signed with a secret key: s3:// and gs://. */
#include <errno.h>

#include "base/err.h"
#include "cloud/sigv4.h"
#include "cloud/store_internal.h"

static const char *const methods[] = {
	[STORE_PUT] = "PUT",
	[STORE_REPLACE] = "PUT",
	[STORE_GET] = "GET",
	[STORE_DELETE] = "DELETE",
	[STORE_LIST] = "GET",
	[STORE_VERSIONS] = "GET",
};

struct signing {
	struct call *c;
	const struct sigv4_scheme *scheme;
	struct sigv4_request rq;
	char sha256[SIGV4_HEX_CHARS];
	struct err *e;
};

/* A header that is sent and signed. */
static int add(struct signing *s, const char *name, const char *value)
{
	struct sigv4_header *h = &s->rq.headers[s->rq.headers_n++];

	*h = (struct sigv4_header){ name, value };
	return strcmp(name, "host") == 0
		       ? 0
		       : call_header(s->c, s->e, "%s: %s", name, value);
}

/* The same with the provider's prefix. */
static int add_own(struct signing *s, const char *name, const char *value)
{
	const char *whole;
	int r = call_text(
		&whole, s->c, s->e, "%s%s", s->scheme->header_prefix, name);

	return r < 0 ? r : add(s, whole, value);
}

static int add_put(struct signing *s, const uint8_t sha256[32])
{
	bool google = s->scheme == &sigv4_google;
	const char *checksum;
	char b64[48];
	int r;

	call_base64(b64, sha256, 32);
	r = call_text(&checksum, s->c, s->e, "%s", b64);
	/* Google has no such header: the signed hash is what it checks. */
	if (r == 0 && !google)
		r = add_own(s, "checksum-sha256", checksum);
	if (r == 0 && s->c->bucket_owner_control)
		r = add_own(s, "acl", "bucket-owner-full-control");
	if (r < 0 || s->c->op != STORE_PUT)
		return r;
	return google ? add_own(s, "if-generation-match", "0")
		      : add(s, "if-none-match", "*");
}

static int add_headers(struct signing *s, const char *time)
{
	const struct ticket *t = s->c->ticket;
	uint8_t sha256[32];
	int r = call_sha256(sha256, s->c, s->e);

	if (r < 0)
		return r;
	sigv4_hex(s->sha256, sha256);
	s->rq.payload_sha256 = s->sha256;
	r = add(s, "host", s->c->url->host);
	if (r == 0)
		r = add_own(s, "content-sha256", s->sha256);
	if (r == 0)
		r = add_own(s, "date", time);
	if (r == 0 && t->token[0])
		r = add_own(s, "security-token", t->token);
	return r == 0 && call_puts(s->c) ? add_put(s, sha256) : r;
}

/* In a query the slash is encoded as well. */
static int encode_value(
	const char **ret, struct call *c, const char *text, struct err *e)
{
	char once[3 * (URL_PREFIX_CHARS + STORE_KEY_CHARS)], flat[sizeof(once)];
	size_t n = 0;

	if (url_encode(once, sizeof(once), text) < 0)
		return err_set(e, -ENAMETOOLONG, "name too long");
	for (const char *p = once; *p && n + 4 < sizeof(flat); p++)
		n += (size_t)snprintf(flat + n, sizeof(flat) - n,
			*p == '/' ? "%%2F" : "%c", *p);
	flat[n] = 0;
	return call_text(ret, c, e, "%s", flat);
}

/* What is asked of the bucket, not of an object in it. */
static int bucket_query(const char **ret, struct call *c, struct err *e)
{
	bool list = c->op == STORE_LIST;
	const char *prefix = c->url->prefix;
	int r = list ? 0 : call_key(&prefix, c, e);

	(void)snprintf(c->path, sizeof(c->path), "%s",
		*url_path(c->url) ? url_path(c->url) : "/");
	if (r == 0)
		r = encode_value(&prefix, c, prefix, e);
	if (r < 0)
		return r;
	return call_text(ret, c, e,
		list ? "list-type=2&max-keys=1&prefix=%s"
		     : "max-keys=1000&prefix=%s&versions=",
		prefix);
}

static int make_query(const char **ret, struct call *c, struct err *e)
{
	const char *id = "";
	int r;

	if (c->op == STORE_LIST || c->op == STORE_VERSIONS)
		return bucket_query(ret, c, e);
	*ret = "";
	if (c->op != STORE_GET || !c->object->version)
		return 0;
	r = encode_value(&id, c, c->object->version, e);
	return r < 0 ? r : call_text(ret, c, e, "versionId=%s", id);
}

int store_by_keys(struct call *c, struct err *e)
{
	const struct sigv4_scheme *scheme =
		c->url->kind == URL_GS ? &sigv4_google : &sigv4_aws;
	struct signing s = { .c = c, .scheme = scheme, .e = e };
	struct sigv4_key key = {
		.access = c->ticket->access_key,
		.secret = c->ticket->secret_key,
		.region = c->url->region,
		.service = c->url->kind == URL_GS ? "storage" : "s3",
	};
	char authorization[SIGV4_AUTHORIZATION_CHARS];
	int r;

	c->rq.method = s.rq.method = methods[c->op];
	r = make_query(&s.rq.query, c, e);
	s.rq.path = c->path;
	if (r == 0)
		r = call_url(c, s.rq.query, e);
	sigv4_time(key.time, c->now);
	if (r == 0)
		r = add_headers(&s, key.time);
	if (r == 0)
		r = sigv4_sign(authorization, scheme, &s.rq, &key, e);
	return r < 0 ? r : call_header(c, e, "Authorization: %s", authorization);
}
