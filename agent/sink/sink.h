/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sink stores the objects of one capture: immutable, each written once and
 * whole or not at all.  One put is one try; who wants it tried again does so
 * (stream/courier.h).
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "cloud/store.h"

struct err;
struct sink;

enum {
	SINK_ALIGN_BYTES = 4096,
	SINK_NAME_MAX = 128, /* of a case, host or capture */
	SINK_URL_MAX = 4096,
	SINK_CONNECTIONS_MAX = 64, /* kept open */
};

/* Where a capture goes below the destination. */
struct sink_place {
	const char *case_name;
	const char *host;
	const char *capture;
	/* What is there already may be of this capture: it is being resumed. */
	bool resume;
};

/*
 * sink_check_name(what, name, e):
 * Letters, digits, '.', '_' and '-', not beginning with '.', at most
 * SINK_NAME_MAX: what every kind of storage keeps as it is.
 */
int sink_check_name(const char *what, const char *name, struct err *e) MUST_CHECK;

/*
 * sink_open(ret, url, place, config, e):
 * Make the place for a capture at ${url}: a directory, or "file://" and its
 * absolute path, which must exist; or a store (cloud/url.h), for which
 * ${config}, borrowed while the sink is open, says the rest.  -EEXIST when
 * that capture is there already, as far as that can be seen.  Close with
 * sink_close(), which takes back a place where nothing was put.
 */
int sink_open(struct sink **ret, const char *url, const struct sink_place *place,
	const struct store_config *config, struct err *e) MUST_CHECK;
void sink_close(struct sink *s);

/* An object on its way. */
struct sink_object {
	const char *name;
	const void *data;
	size_t len;
	const uint8_t *sha256; /* of the data, or NULL: it is not known yet */
	/* data is aligned to SINK_ALIGN_BYTES and readable up to the next
	 * multiple of that: it can go around the page cache. */
	bool padded;
	/* An earlier run tried to store these bytes under this name. */
	bool tried_before;
};

/*
 * What the tries of one object leave to the next: zeroed before the first,
 * the same for all, and for no other object.
 */
struct sink_try {
	/* A try whose answer was lost may have stored it: if it turns out to
	 * be there, these bytes are. */
	bool maybe_there;
	bool was_there; /* so it was */
	unsigned ticket;
	unsigned retry_after_seconds; /* the store asks for it; 0 = no */
};

/*
 * sink_put(s, o, t, e):
 * Store one object.  On return it is durable.  Any thread.
 *
 * -EEXIST: the name is taken, and not by a try of ${t}.  -EAGAIN: the sink is
 * away, or asks to wait: worth trying again.  -EKEYEXPIRED: a new ticket is
 * needed, see sink_renew().  Anything else will not pass by itself.
 */
int sink_put(struct sink *s, const struct sink_object *o, struct sink_try *t,
	struct err *e) MUST_CHECK;

/*
 * sink_renew(s, t, e):
 * After -EKEYEXPIRED: 0 when there is a new ticket, -EAGAIN and what is waited
 * for when there is none yet, else why there will be none.
 */
int sink_renew(struct sink *s, const struct sink_try *t, struct err *e) MUST_CHECK;

/*
 * sink_location(s):
 * The place as a person would write it, owned by ${s}.
 */
const char *sink_location(const struct sink *s);

/*
 * sink_directory_fd(s):
 * The directory of a sink that is one, which ${s} still owns; -1 for a store.
 */
int sink_directory_fd(const struct sink *s);

/*
 * sink_uploads(s):
 * How many puts at a time make sense.
 */
unsigned sink_uploads(const struct sink *s);

#endif
