/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of the running host as a disk: which file systems are walked into,
 * and how much of it may be read.  What is over a network may hang, and an
 * overlay shows once more what its layers have.
 */
#ifndef COLLECT_DISK_LIVE_H
#define COLLECT_DISK_LIVE_H

#include "base/cleanup.h"
#include "disk/picture.h"

enum {
	DISK_LIVE_SECONDS = 300, /* by default */
	DISK_LIVE_SKIPS_MAX = 4096,
};

#define DISK_LIVE_BYTES (16ULL << 30)

struct disk_live {
	struct disk_target target;
	struct walk_skip *skips;
	size_t skips_n;
};

/*
 * disk_live_open(ret, e), disk_live_done(l):
 * The root of the host, out of a container that shares its process ids too.
 */
int disk_live_open(struct disk_live *ret, struct err *e) MUST_CHECK;
void disk_live_done(struct disk_live *l);

/*
 * disk_live_skips(l, text, e):
 * What is skipped by ${text}, in the form of /proc/PID/mountinfo (proc(5)).
 */
int disk_live_skips(
	struct disk_live *l, struct slice text, struct err *e) MUST_CHECK;

#endif
