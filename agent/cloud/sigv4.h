/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request signatures, version 4, in the Authorization header: of Amazon
 * (AWS4-HMAC-SHA256) and, of the same build, of Google (GOOG4-HMAC-SHA256).
 *
 * Source: "Signature calculations for the Authorization header: transferring
 * payload in a single chunk" of the Amazon S3 API reference, "Create a signed
 * AWS API request" of the IAM user guide, "V4 signing process" of Google Cloud
 * Storage.
 */
#ifndef CLOUD_SIGV4_H
#define CLOUD_SIGV4_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	SIGV4_HEADERS_MAX = 16,
	SIGV4_TIME_CHARS = 17, /* "20130524T000000Z" */
	SIGV4_HEX_CHARS = 65, /* a SHA-256 as text */
	SIGV4_AUTHORIZATION_CHARS = 1024,
};

struct sigv4_scheme {
	const char *algorithm; /* "AWS4-HMAC-SHA256" */
	const char *key_prefix; /* "AWS4" */
	const char *terminator; /* "aws4_request" */
	const char *header_prefix; /* "x-amz-" */
};

extern const struct sigv4_scheme sigv4_aws;
extern const struct sigv4_scheme sigv4_google;

struct sigv4_header {
	const char *name; /* lower case */
	const char *value; /* no blanks around it, none doubled in it */
};

/* What is signed: all of it. */
struct sigv4_request {
	const char *method;
	const char *path; /* encoded, begins with '/' */
	const char *query; /* encoded, sorted by name, each with '='; or "" */
	struct sigv4_header headers[SIGV4_HEADERS_MAX]; /* any order, with host */
	size_t headers_n;
	const char *payload_sha256; /* hexadecimal */
};

struct sigv4_key {
	const char *access;
	const char *secret;
	const char *region;
	const char *service; /* "s3" */
	char time[SIGV4_TIME_CHARS]; /* as in the date header */
};

/*
 * sigv4_time(ret, t):
 * ${t}, seconds since 1970, as in the x-amz-date header.
 */
void sigv4_time(char ret[SIGV4_TIME_CHARS], int64_t t);

/*
 * sigv4_hex(ret, sha256):
 * 32 bytes as 64 lower-case digits.
 */
void sigv4_hex(char ret[SIGV4_HEX_CHARS], const uint8_t sha256[32]);

/*
 * sigv4_sign(ret, scheme, rq, key, e):
 * The value of the Authorization header.  -EINVAL for an access key or
 * a region that does not fit.
 */
int sigv4_sign(char ret[SIGV4_AUTHORIZATION_CHARS],
	const struct sigv4_scheme *scheme, const struct sigv4_request *rq,
	const struct sigv4_key *key, struct err *e) MUST_CHECK;

#endif
