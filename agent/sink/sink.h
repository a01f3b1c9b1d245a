/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sink stores the objects of one capture: immutable, each written once and
 * whole or not at all.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct err;
struct sink;

enum {
	SINK_ALIGN_BYTES = 4096,
	SINK_NAME_MAX = 128, /* of a case, host or capture */
	SINK_URL_MAX = 4096,
};

/* Where a capture goes below the destination. */
struct sink_place {
	const char *case_name;
	const char *host;
	const char *capture;
};

/*
 * sink_check_name(what, name, e):
 * Letters, digits, '.', '_' and '-', not beginning with '.', at most
 * SINK_NAME_MAX: what every kind of storage keeps as it is.
 */
int sink_check_name(const char *what, const char *name, struct err *e) MUST_CHECK;

/*
 * sink_open(ret, url, place, e):
 * Make the place for a capture at ${url}: a directory, or "file://" and its
 * absolute path, which must exist.  -EEXIST when that capture is there
 * already.  Close with sink_close(), which takes back a place where nothing
 * was put.
 */
int sink_open(struct sink **ret, const char *url,
	const struct sink_place *place, struct err *e) MUST_CHECK;
void sink_close(struct sink *s);

/* An object on its way. */
struct sink_object {
	const char *name;
	const void *data;
	size_t len;
	/* data is aligned to SINK_ALIGN_BYTES and readable up to the next
	 * multiple of that: it can go around the page cache. */
	bool padded;
};

/*
 * sink_put(s, o, e):
 * Store one object.  On return it is durable; -EEXIST when the name is taken.
 * Any thread.
 */
int sink_put(
	struct sink *s, const struct sink_object *o, struct err *e) MUST_CHECK;

/*
 * sink_location(s):
 * The place as a person would write it, owned by ${s}.
 */
const char *sink_location(const struct sink *s);

#endif
