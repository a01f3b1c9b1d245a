/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ticket: the right to add evidence to a store, as the forensic account
 * hands it to a host.  It lives in pages of its own that are locked, kept out
 * of core dumps and children, and wiped at the end.
 *
 * Accepted is what the clouds' own tools print, as JSON:
 *
 *	aws sts assume-role         {"Credentials": {"AccessKeyId": ...,
 *	                             "SecretAccessKey", "SessionToken",
 *	                             "Expiration"}}, or the inner object
 *	S3 POST policy              {"url": ..., "fields": {...}}
 *	presigned PUTs              {"presigned": {"segment-000000.age": URL}}
 *	az storage ... generate-sas "se=...&sp=c&...&sig=...", JSON or bare
 *	az account get-access-token {"accessToken" or "access_token": ...}
 *	gcloud storage hmac create  {"metadata": {"accessId": ...}, "secret"}
 *	a collector's token         {"bearer": ...}
 */
#ifndef CLOUD_TICKET_H
#define CLOUD_TICKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	TICKET_BYTES = 4 << 20, /* of its text */
	TICKET_FIELDS_MAX = 64, /* of a POST policy */
	TICKET_OBJECTS_MAX = 4096, /* presigned */
	TICKET_TOKEN_CHARS = 16 << 10, /* what goes into one header */
};

enum ticket_kind {
	TICKET_KEYS, /* access and secret key, and for a while a token */
	TICKET_POST, /* a signed policy */
	TICKET_PRESIGNED, /* a URL for each object */
	TICKET_SAS,
	TICKET_BEARER,
};

struct ticket_pair {
	const char *name;
	const char *value;
};

/* Every string is in the ticket's own pages. */
struct ticket {
	enum ticket_kind kind;
	int64_t expires; /* seconds since 1970; 0 = it does not say */
	const char *access_key; /* KEYS */
	const char *secret_key;
	const char *token; /* KEYS ("" = none), SAS, BEARER */
	const char *url; /* POST */
	const char *policy; /* POST: decoded, JSON */
	struct ticket_pair *pairs; /* POST: fields; PRESIGNED: object, URL */
	size_t pairs_n;
	size_t map_bytes;
};

/*
 * ticket_parse(ret, text, len, e):
 * -EBADMSG with a sentence that has nothing of the ticket in it.  Free with
 * ticket_free(), which wipes it.
 */
int ticket_parse(struct ticket **ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;
void ticket_free(struct ticket *t);

/*
 * ticket_find(t, name):
 * The value of a pair by its name; NULL if there is none.
 */
const char *ticket_find(const struct ticket *t, const char *name);

/*
 * ticket_kind_name(kind):
 * "session keys", "POST policy" and the like, for people.
 */
const char *ticket_kind_name(enum ticket_kind kind);

#endif
