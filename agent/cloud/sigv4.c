// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/buf.h"
#include "base/err.h"
#include "cloud/sigv4.h"

enum {
	CANONICAL_BYTES = 64 << 10,
	SIGNED_NAMES_CHARS = 512,
	SCOPE_CHARS = 160,
	DAY_CHARS = 8, /* "20130524" */
	SECRET_CHARS = 256,
};

const struct sigv4_scheme sigv4_aws = {
	.algorithm = "AWS4-HMAC-SHA256",
	.key_prefix = "AWS4",
	.terminator = "aws4_request",
	.header_prefix = "x-amz-",
};

const struct sigv4_scheme sigv4_google = {
	.algorithm = "GOOG4-HMAC-SHA256",
	.key_prefix = "GOOG4",
	.terminator = "goog4_request",
	.header_prefix = "x-goog-",
};

void sigv4_time(char ret[SIGV4_TIME_CHARS], int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm = { 0 };

	(void)gmtime_r(&when, &tm);
	if (strftime(ret, SIGV4_TIME_CHARS, "%Y%m%dT%H%M%SZ", &tm) == 0)
		ret[0] = 0;
}

void sigv4_hex(char ret[SIGV4_HEX_CHARS], const uint8_t sha256[32])
{
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", sha256[i]);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sigv4_header *)a)->name,
		((const struct sigv4_header *)b)->name);
}

/* Headers in the order of their names, and those names. */
static int add_headers(struct buf *out, char names[SIGNED_NAMES_CHARS],
	const struct sigv4_request *rq, struct err *e)
{
	struct sigv4_header sorted[SIGV4_HEADERS_MAX];
	size_t n = 0;
	int r = 0;

	memcpy(sorted, rq->headers, rq->headers_n * sizeof(sorted[0]));
	qsort(sorted, rq->headers_n, sizeof(sorted[0]), by_name);
	for (size_t i = 0; r == 0 && i < rq->headers_n; i++) {
		r = buf_text(out, e, "%s:%s\n", sorted[i].name, sorted[i].value);
		if (n < SIGNED_NAMES_CHARS)
			n += (size_t)snprintf(names + n, SIGNED_NAMES_CHARS - n,
				"%s%s", i ? ";" : "", sorted[i].name);
	}
	if (r == 0 && n >= SIGNED_NAMES_CHARS)
		r = err_set(e, -E2BIG, "too many signed headers");
	return r;
}

static int canonical(char hash[SIGV4_HEX_CHARS], char names[SIGNED_NAMES_CHARS],
	const struct sigv4_request *rq, struct err *e)
{
	AUTO_BUF struct buf out = { 0 };
	uint8_t sha[SHA256_DIGEST_LENGTH];
	int r;

	buf_init(&out, CANONICAL_BYTES);
	r = buf_text(&out, e, "%s\n%s\n%s\n", rq->method, rq->path, rq->query);
	if (r == 0)
		r = add_headers(&out, names, rq, e);
	if (r == 0)
		r = buf_text(&out, e, "\n%s\n%s", names, rq->payload_sha256);
	if (r == 0 &&
		!EVP_Digest(out.data, out.len, sha, NULL, EVP_sha256(), NULL))
		r = err_set(e, -ENOMEM, "SHA-256 of a request");
	if (r == 0)
		sigv4_hex(hash, sha);
	/* A session token was in it. */
	if (out.data)
		explicit_bzero(out.data, out.len);
	return r;
}

static int hmac(uint8_t ret[SHA256_DIGEST_LENGTH], const void *key,
	size_t key_len, const char *text)
{
	unsigned len = 0;

	return HMAC(EVP_sha256(), key, (int)key_len, (const uint8_t *)text,
		       strlen(text), ret, &len)
		       ? 0
		       : -ENOMEM;
}

/* The key of a day, a region and a service, and with it the signature. */
static int sign(char ret[SIGV4_HEX_CHARS], const struct sigv4_scheme *scheme,
	const struct sigv4_key *key, const char *text)
{
	char first[SECRET_CHARS + 8], day[DAY_CHARS + 1];
	uint8_t k[SHA256_DIGEST_LENGTH];
	int r;

	(void)snprintf(day, sizeof(day), "%.8s", key->time);
	(void)snprintf(
		first, sizeof(first), "%s%s", scheme->key_prefix, key->secret);
	r = hmac(k, first, strlen(first), day);
	if (r == 0)
		r = hmac(k, k, sizeof(k), key->region);
	if (r == 0)
		r = hmac(k, k, sizeof(k), key->service);
	if (r == 0)
		r = hmac(k, k, sizeof(k), scheme->terminator);
	if (r == 0)
		r = hmac(k, k, sizeof(k), text);
	if (r == 0)
		sigv4_hex(ret, k);
	explicit_bzero(first, sizeof(first));
	explicit_bzero(k, sizeof(k));
	return r;
}

int sigv4_sign(char ret[SIGV4_AUTHORIZATION_CHARS],
	const struct sigv4_scheme *scheme, const struct sigv4_request *rq,
	const struct sigv4_key *key, struct err *e)
{
	char names[SIGNED_NAMES_CHARS] = "", scope[SCOPE_CHARS];
	char hash[SIGV4_HEX_CHARS], signature[SIGV4_HEX_CHARS], text[512];
	int n, r = canonical(hash, names, rq, e);

	if (r < 0)
		return r;
	n = snprintf(scope, sizeof(scope), "%.*s/%s/%s/%s", DAY_CHARS,
		key->time, key->region, key->service, scheme->terminator);
	if (n >= SCOPE_CHARS || strlen(key->secret) > SECRET_CHARS)
		return err_set(e, -EINVAL, "region or secret key too long");
	(void)snprintf(text, sizeof(text), "%s\n%s\n%s\n%s", scheme->algorithm,
		key->time, scope, hash);
	r = sign(signature, scheme, key, text);
	if (r < 0)
		return err_set(e, r, "HMAC of a request");
	n = snprintf(ret, SIGV4_AUTHORIZATION_CHARS,
		"%s Credential=%s/%s,SignedHeaders=%s,Signature=%s",
		scheme->algorithm, key->access, scope, names, signature);
	return n < SIGV4_AUTHORIZATION_CHARS
		       ? 0
		       : err_set(e, -EINVAL, "access key too long");
}
