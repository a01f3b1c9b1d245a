/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by an attribute of this machine in Google Compute Engine, pushed by
 * its metadata server: the request is answered when an attribute changes
 * ("View and query VM metadata", wait_for_change), or after a minute.  No
 * permission is needed.
 *
 * The notice of maintenance is not asked for: to ask for it once makes the
 * platform wait for this machine, which is not ours to change.
 */
#ifndef TRIGGER_GCE_H
#define TRIGGER_GCE_H

#include "trigger/kind.h"

enum {
	GCE_WAIT_SECONDS = 60, /* for a change, before it is asked again */
	GCE_ANSWER_BYTES = 1 << 20, /* attributes are at most 512 KiB */
	GCE_PAUSE_MS = 250, /* between two requests */
};

/* [trigger gce] */
struct gce_settings {
	const char *metadata; /* metadata: the service, for tests */
	/* attribute: keys.  The value is an order or a reason; it may be
	 * empty.  "icecore" if not given. */
	struct trigger_words attribute;
};

extern const struct trigger_kind trigger_gce;

#endif
