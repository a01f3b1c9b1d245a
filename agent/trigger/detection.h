/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by what the flight recorder sees, where the configuration says so,
 * a few times an hour at most.
 */
#ifndef TRIGGER_DETECTION_H
#define TRIGGER_DETECTION_H

#include "trigger/kind.h"

struct trigger_detection_settings {
	/* "exec-memfd", "exec-deleted", "exec-tmpfs", "exec-writable",
	 * "exec-upper": executions of such files; "module", "bpf_load",
	 * "ptrace", "kill" and the like: events of that kind. */
	struct trigger_words on;
	uint32_t per_hour;
	uint32_t poll_ms;
};

extern const struct trigger_kind trigger_detection;

#endif
