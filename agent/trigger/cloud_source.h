/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources that ask a metadata service have in common. */
#ifndef TRIGGER_CLOUD_SOURCE_H
#define TRIGGER_CLOUD_SOURCE_H

#include <stddef.h>

#include "base/buf.h"
#include "cloud/metadata.h"
#include "trigger/bell.h"
#include "trigger/imds.h"
#include "trigger/poll.h"
#include "trigger/seen.h"

struct cloud_source {
	const void *set; /* the kind's settings */
	struct metadata *m;
	struct seen *seen;
	struct buf answer; /* of the last request */
};

/* Where the service is, and what may be asked of it. */
struct cloud_service {
	enum metadata_kind kind;
	const char *url; /* NULL = the cloud's own */
	unsigned seconds; /* of a request; 0 = METADATA_WHOLE_SECONDS */
	size_t answer_bytes;
};

/*
 * cloud_source_open(s, service, f, e):
 * Nothing is asked yet.  Requests end when the watch of ${f} does.  End it
 * with cloud_source_close(), after a failure too.
 */
int cloud_source_open(struct cloud_source *s, const struct cloud_service *service,
	struct feed *f, struct err *e) MUST_CHECK;
void cloud_source_close(struct cloud_source *s);

#define AUTO_CLOUD_SOURCE CLEANUP(cloud_source_close)

/*
 * cloud_source_text(s): the answer, s->answer.len bytes; not a string.
 */
static inline const char *cloud_source_text(const struct cloud_source *s)
{
	return (const char *)s->answer.data;
}

#endif
