/* SPDX-License-Identifier: Apache-2.0 */
/* Where evidence is stored: destinations as URLs, and what they stand for. */
#ifndef CLOUD_URL_H
#define CLOUD_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct err;

enum {
	URL_CHARS = 4096, /* of a destination */
	URL_HOST_CHARS = 272, /* name and port */
	URL_NAME_CHARS = 64, /* of a bucket, container, account or region */
	URL_PREFIX_CHARS = 1024,
	URL_ROOT_CHARS = URL_HOST_CHARS + 16 + 2 * URL_NAME_CHARS,
};

enum url_kind { URL_S3, URL_GS, URL_AZURE, URL_HTTP };

/* What a URL does not say; NULL = the default. */
struct url_options {
	/* "https://HOST[:PORT]" of a store that is not the provider's own; for
	 * azure:// up to and with the account where that is part of the path. */
	const char *endpoint;
	const char *region; /* of s3://; "us-east-1" */
	bool virtual_style; /* s3:// with endpoint: the bucket in the host */
};

struct url {
	enum url_kind kind;
	char root[URL_ROOT_CHARS]; /* "https://host:port[/bucket]", no '/' */
	char host[URL_HOST_CHARS]; /* "host:port", the port only if not usual */
	char bucket[URL_NAME_CHARS]; /* or container; "" for https:// */
	char prefix[URL_PREFIX_CHARS]; /* "a/b" or ""; plain characters */
	char region[URL_NAME_CHARS];
};

/*
 * url_has_scheme(text):
 * Whether ${text} begins with the name of a store: s3:, gs:, azure:, https:
 * or http:, and "//".
 */
bool url_has_scheme(const char *text);

/*
 * url_parse(ret, text, options, e):
 *
 *	s3://BUCKET[/PREFIX]   gs://BUCKET[/PREFIX]
 *	azure://ACCOUNT/CONTAINER[/PREFIX]
 *	https://HOST[:PORT][/PREFIX]   http:// on loopback
 *
 * A prefix has letters, digits and "!_.-~()'*=+,@" between single slashes, and
 * no part that is "." or ".."; it is sent as it stands.  No user, password,
 * query or fragment: -EINVAL, and the sentence does not repeat them.
 */
int url_parse(struct url *ret, const char *text,
	const struct url_options *options, struct err *e) MUST_CHECK;

/*
 * url_path(u):
 * Of the root, what follows the host: "/bucket", or "" where there is none.
 */
const char *url_path(const struct url *u);

/*
 * url_encode(ret, cap, text):
 * ${text} with every byte but A-Z a-z 0-9 - _ . ~ and '/' as %XX (RFC 3986,
 * and what request signatures want).  Return the length, or -ENAMETOOLONG.
 */
int url_encode(char *ret, size_t cap, const char *text) MUST_CHECK;

#endif
