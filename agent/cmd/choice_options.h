/* SPDX-License-Identifier: Apache-2.0 */
/* --pid, --container, --pod and --freeze: whose memory to take. */
#ifndef CMD_CHOICE_OPTIONS_H
#define CMD_CHOICE_OPTIONS_H

#include "capture/capture.h"

struct err;

enum {
	CHOICE_OPTION_PID = 1024, /* above those of the store */
	CHOICE_OPTION_CONTAINER,
	CHOICE_OPTION_POD,
	CHOICE_OPTION_FREEZE,
};

#define CHOICE_LONG_OPTIONS                                                    \
	{ "pid", required_argument, NULL, CHOICE_OPTION_PID },                 \
		{ "container", required_argument, NULL,                        \
			CHOICE_OPTION_CONTAINER },                             \
		{ "pod", required_argument, NULL, CHOICE_OPTION_POD },         \
	{                                                                      \
		"freeze", optional_argument, NULL, CHOICE_OPTION_FREEZE        \
	}

extern const char choice_options_usage[];

/*
 * choice_option(plan, c, arg, e):
 * Take one of the options above: 0, -EINVAL, or 1 when ${c} is none of them.
 */
int choice_option(struct capture_plan *plan, int c, const char *arg,
	struct err *e) MUST_CHECK;

/*
 * choice_check(plan, listed, e):
 * After the last option: where processes are chosen and no collectors are
 * ${listed}, only those that speak of processes run.
 */
int choice_check(struct capture_plan *plan, bool listed, struct err *e) MUST_CHECK;

#endif
