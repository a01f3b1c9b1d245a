/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Triggers by a local socket: whoever is root, or runs as the watch does, asks
 * for a capture and is told what became of it, or asks how the watch is.  See
 * trigger/request.h for what is said.
 */
#ifndef TRIGGER_SOCKET_H
#define TRIGGER_SOCKET_H

#include "trigger/kind.h"

enum {
	TRIGGER_RECEIVE_SECONDS = 2, /* for a request, once connected */
	TRIGGER_CLIENTS_MAX = 32, /* who wait for an answer */
};

struct trigger_socket_settings {
	/* Only this user may open it, and its directory is made where it is
	 * missing.  It is unlinked at the end. */
	const char *path;
};

extern const struct trigger_kind trigger_socket;

#endif
