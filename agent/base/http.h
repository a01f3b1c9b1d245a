/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 requests over a connection that is kept open, by way of libcurl.
 * Every wait is bounded; redirects are not followed; proxies, .netrc and
 * certificates of the environment are not asked; http:// reaches loopback only,
 * or the link-local addresses of metadata services where that is allowed,
 * which is checked on the address that is connected to, not on its name; or
 * anything, where cleartext is allowed.
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/buf.h"

struct err;
struct http;

enum {
	HTTP_PARTS_MAX = 3, /* of a request's body */
	HTTP_HEADERS_MAX = 24, /* of a request */
	HTTP_ANSWER_HEADERS_BYTES = 64 << 10, /* of an answer */
	HTTP_CONNECT_SECONDS = 10,
	HTTP_STALL_SECONDS = 15, /* below a KiB a second for so long */
	HTTP_UNACKNOWLEDGED_SECONDS = 10, /* TCP_USER_TIMEOUT */
	HTTP_VALUE_CHARS = 1024, /* of a header that is looked at */
	HTTP_TLS_CHARS = 64,
};

/* Borrowed while the connection is there; zeros and NULL are the defaults. */
struct http_config {
	const char *ca_file; /* PEM; these authorities and no others */
	const char *pin; /* "sha256//BASE64" of the server's public key */
	const char *client_cert; /* PEM, for mutual TLS */
	const char *client_key;
	const char *proxy; /* URL */
	bool link_local; /* http:// to 169.254.0.0/16 and fd00:ec2::/32 too */
	/* http:// to anywhere: for what is signed by itself and secret to
	 * nobody, such as an RFC 3161 time stamp, which most authorities give
	 * over http:// only. */
	bool cleartext;
	unsigned connect_seconds;
	unsigned stall_seconds;
	unsigned whole_seconds; /* from name to last byte; 0 = not bounded */
	/* Asked about once a second while a request is on its way, from the
	 * thread that waits for it; true: give it up.  NULL = never. */
	bool (*stop)(void *arg);
	void *stop_arg;
};

/*
 * http_new(ret, config, e):
 * Connects when the first request needs it.  One thread at a time.  Free with
 * http_free(), which closes the connection.
 */
int http_new(struct http **ret, const struct http_config *config,
	struct err *e) MUST_CHECK;
void http_free(struct http *h);

/* Borrowed during http_do(). */
struct http_request {
	const char *method;
	const char *url;
	const char *headers[HTTP_HEADERS_MAX]; /* "name: value" */
	size_t headers_n;
	/* Sent one after the other, with their sum as Content-Length; more
	 * than once when the connection was found closed. */
	struct iovec body[HTTP_PARTS_MAX];
	size_t body_n;
};

struct http_answer {
	int status;
	struct buf body; /* bounded by the caller's buf_init() */
	struct buf headers; /* raw lines, see http_header() */
	/* How many times all of the request was handed over: the server may
	 * have acted on each, even if there was no answer.  More than one when
	 * a kept connection turned out to be dead. */
	unsigned copies;
};

void http_answer_init(struct http_answer *a, size_t body_max);
void http_answer_done(struct http_answer *a);

#define AUTO_ANSWER CLEANUP(http_answer_done)

/*
 * http_do(h, ret, rq, e):
 * One request and its answer, of whatever status; ${ret} is emptied before.
 * ret->copies is set on failure too.
 *
 * -EAGAIN: name resolution, connection, time-out, reset, an answer cut short:
 * worth trying again.  -EKEYREJECTED: the server's certificate or key is not
 * the one that is trusted; nothing was sent.  -EMSGSIZE: the answer is larger
 * than it may be.  -EINVAL: the URL, or a file of the configuration.
 * -EPERM: http:// to an address where it is not allowed.  -EINTR: the stop of
 * the configuration said so.
 */
int http_do(struct http *h, struct http_answer *ret,
	const struct http_request *rq, struct err *e) MUST_CHECK;

/*
 * http_header(a, ret, name):
 * The value of the first header of that name in any case, without blanks
 * around it; NULL if there is none or it is longer than HTTP_VALUE_CHARS.
 */
const char *http_header(const struct http_answer *a, char ret[HTTP_VALUE_CHARS],
	const char *name);

/*
 * http_date(a):
 * The server's clock by its Date header, seconds since 1970; 0 = none.
 */
int64_t http_date(const struct http_answer *a);

/*
 * http_tls(h):
 * "TLSv1.3 TLS_AES_256_GCM_SHA384" of the last connection, owned by ${h}; ""
 * without TLS.
 */
const char *http_tls(const struct http *h);

#endif
