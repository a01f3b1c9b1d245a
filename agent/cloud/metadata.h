/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metadata service of the cloud that this host runs in: what it says of
 * the host, its signed identity, the credentials of its role.  Every wait is
 * bounded; nothing is asked unless a caller says which cloud it is.
 *
 * EC2: IMDSv2, a session token by PUT and then GET (EC2 User Guide, "Use the
 * Instance Metadata Service"); version 1 is never spoken.  Azure: GET with
 * "Metadata: true" (learn.microsoft.com, "Azure Instance Metadata Service").
 * GCE: GET with "Metadata-Flavor: Google" (cloud.google.com, "View and query
 * VM metadata").
 */
#ifndef CLOUD_METADATA_H
#define CLOUD_METADATA_H

#include <stdbool.h>

#include "base/cleanup.h"

struct buf;
struct err;
struct metadata;

enum metadata_kind {
	METADATA_NONE,
	METADATA_AWS,
	METADATA_AZURE,
	METADATA_GCE,
};

enum {
	METADATA_CONNECT_SECONDS = 1,
	METADATA_WHOLE_SECONDS = 3, /* of one request */
	METADATA_URL_CHARS = 2048,
	METADATA_TOKEN_CHARS = 512, /* of IMDSv2 */
	METADATA_ETAG_CHARS = 128,
	METADATA_TOKEN_TTL_SECONDS = 21600,
};

/*
 * metadata_kind_name(kind), metadata_kind_find(name):
 * "aws", "azure", "gcp", "none"; -1 when there is no such name.
 */
const char *metadata_kind_name(enum metadata_kind kind);
int metadata_kind_find(const char *name);

/*
 * metadata_detect(dmi):
 * The cloud that the firmware names, by the files in the directory ${dmi}
 * (NULL: /sys/class/dmi/id); METADATA_NONE when it names none of these.
 */
enum metadata_kind metadata_detect(const char *dmi);

/*
 * metadata_open(ret, kind, url, e):
 * ${url} is where the service is, "http://HOST[:PORT]", with no '/' at its end;
 * NULL is the cloud's own address.  It is borrowed.  Nothing is asked yet.  One thread
 * at a time.  Close with metadata_close(), which wipes the session token.
 */
int metadata_open(struct metadata **ret, enum metadata_kind kind,
	const char *url, struct err *e) MUST_CHECK;
void metadata_close(struct metadata *m);

/* How long a request may take, and who may end it before. */
struct metadata_patience {
	unsigned seconds; /* 0 = METADATA_WHOLE_SECONDS */
	bool (*stop)(void *arg); /* asked about once a second; NULL = never */
	void *arg;
};

/*
 * metadata_open_patient(ret, kind, url, patience, e):
 * The same, for a service that answers when something changes.  Then
 * metadata_get() returns -EINTR when ${patience}'s stop said so.
 */
int metadata_open_patient(struct metadata **ret, enum metadata_kind kind,
	const char *url, const struct metadata_patience *patience,
	struct err *e) MUST_CHECK;

#define AUTO_METADATA CLEANUP(metadata_closep)
static inline void metadata_closep(struct metadata **m)
{
	metadata_close(*m);
}

/*
 * metadata_get(ret, m, path, e):
 * The answer to GET ${path} ("/latest/..."), in ${ret}, which is emptied
 * before and bounds it.  -ENOENT: the service has no such thing; -EACCES: it
 * refuses; -EAGAIN: it cannot be reached or answers 429 or 5xx; -EMSGSIZE: the
 * answer is larger than ${ret} may be; -EPROTO: any other answer.
 */
int metadata_get(struct buf *ret, struct metadata *m, const char *path,
	struct err *e) MUST_CHECK;

/*
 * metadata_etag(m):
 * The ETag of the last answer that metadata_get() returned 0 for, as it may
 * stand in a URL; "" = none.  Owned by ${m}.
 */
const char *metadata_etag(const struct metadata *m);

#endif
