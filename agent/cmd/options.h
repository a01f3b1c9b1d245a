/* SPDX-License-Identifier: Apache-2.0 */
/* The options of icecore capture, icecore watch and icecore triage. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>

#include "capture/capture.h"
#include "cmd/volume_option.h"
#include "disk/openpgp.h"
#include "recorder/recorder.h"

struct err;

enum {
	OPTIONS_DEADLINE_SECONDS = 24 * 3600,
	OPTIONS_DEADLINE_SECONDS_MAX = 30 * 24 * 3600,
};

enum options_of { OPTIONS_CAPTURE, OPTIONS_TRIAGE, OPTIONS_WATCH };

struct capture_options {
	struct capture_plan plan; /* points at the following, and at argv */
	struct age_recipient recipients[AGE_RECIPIENTS_MAX];
	uint64_t max_memory_bytes;
	unsigned deadline_seconds;
	struct volume_options volume; /* of triage */
	struct openpgp_keys *package_keys; /* of triage; openpgp_keys_free() */
	struct recorder_config recorder;
	bool with_recorder;
	bool recorder_off; /* of watch, which has one otherwise */
	const char *socket; /* of watch */
	const char *config; /* of watch: a file; nothing else is given then */
	bool check; /* it, and do no more */
	bool listed; /* collectors, by name */
	bool json;
	bool quiet;
	bool help;
};

/*
 * options_kind(of, name):
 * no_argument, required_argument or optional_argument of the long option of
 * that name; -1 = there is none.
 */
int options_kind(enum options_of of, const char *name);

/*
 * options_parse(ret, of, argc, argv, e):
 * Parse the command line of a command; ${ret} must not move afterwards.  -EINVAL with a
 * sentence for the person at the keyboard.
 */
int options_parse(struct capture_options *ret, enum options_of of, int argc,
	char **argv, struct err *e) MUST_CHECK;

#endif
