/* SPDX-License-Identifier: Apache-2.0 */
/* --device and what goes with it: a disk that icecore mounts by itself. */
#ifndef CMD_VOLUME_OPTION_H
#define CMD_VOLUME_OPTION_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "volume/volume.h"

struct capture_options;
struct err;

enum {
	VOLUME_OPTION_DEVICE = 2048, /* above all others */
	VOLUME_OPTION_ROOT,
	VOLUME_OPTION_LIST,
};

#define VOLUME_LONG_OPTIONS                                                     \
	{ "device", required_argument, NULL, VOLUME_OPTION_DEVICE },            \
		{ "root-volume", required_argument, NULL, VOLUME_OPTION_ROOT }, \
	{                                                                       \
		"list", no_argument, NULL, VOLUME_OPTION_LIST                   \
	}

struct volume_options {
	const char *devices[VOLUME_DEVICES_MAX]; /* of argv */
	size_t n;
	const char *root; /* NULL = find it */
	bool list; /* and no more */
};

extern const char volume_options_usage[];

/*
 * volume_option(o, c, arg, e):
 * Take one of the options above: 0, -EINVAL, or 1 when ${c} is none of them.
 */
int volume_option(struct volume_options *o, int c, const char *arg,
	struct err *e) MUST_CHECK;

/*
 * volume_option_check(o, e):
 * After the last option of icecore triage: there is a disk, given one way.
 */
int volume_option_check(const struct capture_options *o, struct err *e) MUST_CHECK;

/*
 * volume_list(v, e):
 * Print the volumes to stdout.
 */
int volume_list(const struct volumes *v, struct err *e) MUST_CHECK;

#endif
