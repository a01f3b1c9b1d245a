/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by isolation itself: what this host could reach a moment ago it
 * cannot any more, and the evidence's endpoint it can.  A change of a security
 * group shows nothing else on the host.  It is seen by TCP connections that
 * are made and closed at once, to addresses that the configuration names.
 */
#ifndef TRIGGER_ROUTE_H
#define TRIGGER_ROUTE_H

#include "trigger/kind.h"

struct trigger_route_settings {
	/* "ADDRESS:PORT", "[ADDRESS]:PORT", numeric: nobody is asked for
	 * names, since that may be cut as well. */
	struct trigger_words reachable;
	const char *evidence; /* NULL: losing all of them is enough */
	uint32_t poll_ms;
	uint32_t timeout_ms; /* of all connections of one look */
	uint32_t rounds; /* looks in a row, before it counts */
};

extern const struct trigger_kind trigger_route;

#endif
