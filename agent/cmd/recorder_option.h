/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the recorder, which capture and watch have. */
#ifndef CMD_RECORDER_OPTION_H
#define CMD_RECORDER_OPTION_H

#include <getopt.h>

#include "base/cleanup.h"

struct capture_options;
struct capture_plan;
struct err;

/* For a table of struct option; capture has --recorder, and watch --socket,
 * which are 'f' and 'k', besides. */
#define RECORDER_LONG_OPTIONS                                                  \
	{ "recorder-size", required_argument, NULL, 'F' },                     \
		{ "recorder-off", no_argument, NULL, 'z' },                    \
	{                                                                      \
		"recorder-seconds", required_argument, NULL, 'Y'               \
	}

/*
 * recorder_option(o, c, arg, e):
 * Set the option ${c} to ${arg}, which must stay.  -ENOENT: it is none of
 * these; -EINVAL with a sentence for the person at the keyboard.
 */
int recorder_option(struct capture_options *o, int c, const char *arg,
	struct err *e) MUST_CHECK;

/*
 * recorder_absent(plan, e):
 * Without a recorder there are no events to collect.  -EINVAL: nothing else
 * was asked for.
 */
int recorder_absent(struct capture_plan *plan, struct err *e) MUST_CHECK;

#endif
