/* SPDX-License-Identifier: Apache-2.0 */
/* Which host this is, and what its clocks say. */
#ifndef CAPTURE_IDENTITY_H
#define CAPTURE_IDENTITY_H

#include "base/cleanup.h"
#include "icecore/v1/manifest.pb-c.h"

struct disk_target;
struct err;

enum { IDENTITY_CHARS = 128 };

struct identity {
	char name[IDENTITY_CHARS]; /* safe as a part of a path */
	char machine_id[IDENTITY_CHARS];
	char boot_id[IDENTITY_CHARS];
	char kernel_release[IDENTITY_CHARS];
	char kernel_version[IDENTITY_CHARS];
	char architecture[IDENTITY_CHARS];
	Icecore__V1__Host host; /* points at the above */
	Icecore__V1__Clock clock;
};

/*
 * identity_load(ret, e):
 * Fill in ${ret}, which must not move afterwards.  What this host does not
 * tell is empty.
 */
int identity_load(struct identity *ret, struct err *e) MUST_CHECK;

/*
 * identity_load_disk(ret, target, e):
 * The same of the host whose disk is ${target}: the name and machine id that
 * are on it, and of nothing else that runs here but the clock.
 */
int identity_load_disk(struct identity *ret, const struct disk_target *target,
	struct err *e) MUST_CHECK;

#endif
