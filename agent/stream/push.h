/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending what was spooled, later: from the same host, or from where its disk
 * is attached.  Nothing in a spool is trusted but the names that a capture
 * gives its objects; links are not followed.
 */
#ifndef STREAM_PUSH_H
#define STREAM_PUSH_H

#include <stdatomic.h>
#include <stdint.h>

#include "cloud/store.h"

struct err;

enum {
	PUSH_CAPTURES_MAX = 4096,
	PUSH_OBJECTS_MAX = 1 << 20, /* of a capture */
	PUSH_THREADS = 4,
	PUSH_OBJECT_BYTES = 16 << 20, /* the largest manifest */
};

/* Borrowed. */
struct push_config {
	const char *spool; /* the directory given to capture --spool */
	const char *destination;
	const struct store_config *store;
	uint64_t patience_ns; /* how long one object is tried */
	bool remove; /* from the spool, once a whole capture is sent */
	const atomic_bool *interrupted;
	void (*tell)(const char *text); /* what a person should know */
};

struct push_result {
	uint64_t captures; /* seen */
	uint64_t sent; /* objects */
	uint64_t sent_bytes;
	uint64_t skipped; /* the journal says that they are there */
	uint64_t were_there; /* a try whose answer was lost had stored them */
	uint64_t unproven; /* their names are taken, by what is not known */
	uint64_t left; /* not sent */
	uint64_t retries;
};

/*
 * push_run(ret, config, e):
 * Send every capture of the spool: manifest 0 first, then the segments, the
 * final manifest last.  The first error ends it, and ${ret} says how far it
 * came; a push that is begun again skips what was sent.  -ENOENT when there is
 * no capture in the spool.
 */
int push_run(struct push_result *ret, const struct push_config *config,
	struct err *e) MUST_CHECK;

#endif
