/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by what Azure says of this machine, through its Instance Metadata
 * Service: a tag, or a scheduled event that ends or restarts it.  No permission
 * is needed.  Events are never acknowledged: when the machine goes is left to
 * whoever planned it.  That they are asked for at all enables them for the
 * machine, and the first answer may take two minutes ("Scheduled Events for
 * Linux VMs").
 */
#ifndef TRIGGER_AZURE_H
#define TRIGGER_AZURE_H

#include "trigger/kind.h"

/* [trigger azure] */
struct azure_settings {
	const char *metadata; /* metadata: the service, for tests */
	uint32_t poll_ms; /* poll-ms: 200 to 60000, 2000 if not given */
	/* tag: names, in any case, as Azure compares them.  The value is an
	 * order or a reason.  "icecore" if not given. */
	struct trigger_words tag;
	/* scheduled-events: Preempt, Terminate, Reboot and Redeploy of this
	 * machine are triggers of the last gasp. */
	uint32_t scheduled_events;
};

extern const struct trigger_kind trigger_azure;

#endif
