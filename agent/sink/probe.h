/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether evidence can get to a store, and whether the ticket can do more than
 * add: asked with one tiny object, before memory is touched.
 */
#ifndef SINK_PROBE_H
#define SINK_PROBE_H

#include <stdint.h>

#include "base/err.h"
#include "base/http.h"
#include "sink/sink.h"

#define SINK_PROBE_OBJECT "probe.txt"

enum sink_probe_step {
	SINK_PROBE_ADD,
	SINK_PROBE_OVERWRITE,
	SINK_PROBE_READ,
	SINK_PROBE_LIST,
	SINK_PROBE_DELETE,
	SINK_PROBE_STEPS,
};

enum sink_probe_verdict {
	SINK_PROBE_ALLOWED,
	SINK_PROBE_REFUSED,
	SINK_PROBE_VERSIONED, /* overwrite, delete: but what was there is kept */
	SINK_PROBE_UNKNOWN, /* neither: see why */
	SINK_PROBE_NOT_ASKED,
};

struct sink_probe {
	char location[SINK_URL_MAX]; /* of the object that was put */
	char ticket[32]; /* kind of it */
	char tls[HTTP_TLS_CHARS]; /* "" = none */
	int64_t skew_seconds; /* how far the store's clock is ahead */
	double seconds; /* that the first put took, connection and all */
	struct {
		enum sink_probe_verdict verdict;
		struct err why; /* of all but ALLOWED */
	} steps[SINK_PROBE_STEPS];
};

/*
 * sink_probe(ret, url, place, config, e):
 * Put SINK_PROBE_OBJECT, a line of text, at ${place} below ${url}; then try
 * what a ticket should not allow, with that object only.  An error means that
 * it could not be added, and ret->steps[SINK_PROBE_ADD] says the same; a
 * directory is only written to, and what was written taken back.
 */
int sink_probe(struct sink_probe *ret, const char *url,
	const struct sink_place *place, const struct store_config *config,
	struct err *e) MUST_CHECK;

#endif
