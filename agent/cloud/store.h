/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object stores over HTTPS: one signed request for one object.  Which kind of
 * store, and by which kind of ticket, is told by the URL and the ticket; what
 * is put, and what follows from an answer, is up to the caller.
 */
#ifndef CLOUD_STORE_H
#define CLOUD_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/http.h"
#include "cloud/credentials.h"
#include "cloud/url.h"

struct err;
struct store;

enum {
	STORE_KEY_CHARS = 640, /* case/host/capture/object */
	STORE_OBJECT_BYTES = 1 << 30, /* at most, in one request */
};

/* Borrowed while the store is open. */
struct store_config {
	struct url_options url;
	struct http_config http;
	const char *ticket_file; /* see cloud/ticket.h */
	int ticket_fd; /* -1 = none */
	int role; /* enum role, or -1: that of the kind of store */
	const char *metadata; /* URL of the metadata service */
	/* s3://: objects are given to the bucket's owner (x-amz-acl), as a
	 * bucket with access control lists needs of another account. */
	bool bucket_owner_control;
};

enum store_op {
	STORE_PUT, /* only if there is none of that name */
	STORE_REPLACE, /* whatever is there: to see that it is refused */
	STORE_GET,
	STORE_DELETE,
	STORE_LIST, /* one name below the prefix */
	STORE_VERSIONS, /* s3:// only: of one object, see cloud/versions.h */
};

struct store_object {
	const char *key; /* below the URL's prefix; [A-Za-z0-9._/-] */
	const void *data; /* PUT, REPLACE */
	size_t len;
	const uint8_t *sha256; /* of the data, or NULL: it is computed */
	const char *version; /* GET: this one, by its id; NULL = the newest */
};

/*
 * store_open(ret, url, config, e):
 * Understand ${url} and get the first ticket.  No connection is made.  Close
 * with store_close().
 */
int store_open(struct store **ret, const char *url,
	const struct store_config *config, struct err *e) MUST_CHECK;
void store_close(struct store *s);

/*
 * store_connect(ret, s, e):
 * A connection for one thread, by the store's configuration; http_free() it.
 */
int store_connect(
	struct http **ret, const struct store *s, struct err *e) MUST_CHECK;

/* What a request leaves behind, whatever came of it. */
struct store_trace {
	unsigned ticket; /* number of the one that was used */
	unsigned retry_after_seconds; /* the store asks for it; 0 = no */
	bool skewed; /* our clock is off: now it is known by how much */
};

/*
 * store_do(s, h, a, op, o, trace, e):
 * The request for ${op} on ${o} and its answer in ${a}, which the caller made.
 * Returns as http_do(), and for an answer as answer_result() does; -EAGAIN
 * instead of -ETIME, since the next request is signed by the store's clock;
 * -EKEYEXPIRED also when a presigned ticket has no URL for the object.
 */
int store_do(struct store *s, struct http *h, struct http_answer *a,
	enum store_op op, const struct store_object *o,
	struct store_trace *trace, struct err *e) MUST_CHECK;

/*
 * store_renew(s, ticket, e):
 * After -EKEYEXPIRED: see credentials_renew().
 */
int store_renew(struct store *s, unsigned ticket, struct err *e) MUST_CHECK;

/*
 * store_skew_seconds(s):
 * How far the store's clock is ahead of ours, as last seen.
 */
int64_t store_skew_seconds(const struct store *s);

/*
 * store_url(s), store_ticket_name(s):
 * What was understood; the kind of ticket for people, "none" without one.
 */
const struct url *store_url(const struct store *s);
const char *store_ticket_name(const struct store *s);

#endif
