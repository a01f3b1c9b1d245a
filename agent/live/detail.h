/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only /proc tells of a process: its arguments, its environment, and
 * paths.  What was not had, or not wholly, is a miss.
 */
#ifndef LIVE_DETAIL_H
#define LIVE_DETAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "live/container.h"
#include "live/maps.h"
#include "live/procfs.h"

struct live_task;
struct timed;

enum {
	DETAIL_ARGV_BYTES = 256 << 10,
	DETAIL_ENVIRON_BYTES = 256 << 10,
	DETAIL_PATH_BYTES = 4096,
	DETAIL_TEXT_BYTES = 256, /* of an LSM's label, of wchan */
	DETAIL_CGROUP_BYTES = 16 << 10,
	DETAIL_MISSES_MAX = 8,
	DETAIL_WAIT_NS = 1000000000,
	DETAIL_PAGES_MAX = 65536, /* of one process: are they its file's? */
};

struct detail_miss {
	const char *what; /* "arguments" and the like */
	int code;
	struct err why;
};

/* An empty buffer, and a negative number of groups: not told. */
struct detail {
	struct buf argv; /* as it lies in the process: with NULs */
	struct buf environment;
	struct buf exe;
	struct buf cwd;
	struct buf root;
	struct buf cgroup;
	struct buf lsm;
	struct buf wchan;
	struct buf maps_text;
	struct maps maps; /* in maps_text */
	bool maps_told; /* all of them */
	struct container container;
	uint32_t groups[PROCFS_GROUPS_MAX];
	int groups_n;
	uint64_t oom_score;
	bool has_oom_score;
	bool argv_cut;
	bool environment_cut;
	bool gone; /* the process ended meanwhile: nothing is told */
	struct detail_miss misses[DETAIL_MISSES_MAX];
	size_t misses_n;
};

enum detail_want {
	DETAIL_ENVIRONMENT = 1 << 0,
	DETAIL_MAPS = 1 << 1,
};

/*
 * detail_init(d), detail_done(d):
 * Set up once, for one process after the other.  detail_clear(d): nothing is
 * told.
 */
void detail_init(struct detail *d);
void detail_clear(struct detail *d);
void detail_done(struct detail *d);

/*
 * detail_miss(d, what, code, why):
 * One more miss, as far as there is room.
 */
void detail_miss(struct detail *d, const char *what, int code, const char *why);

/*
 * detail_read(d, timed, proc, t, want, e):
 * Read what the directory ${proc} tells of the process of ${t}, its leader,
 * and nothing when its id is another's by now; ${want} is of enum detail_want.
 * A negative return means that there was no memory.
 */
int detail_read(struct detail *d, struct timed *timed, int proc,
	const struct live_task *t, unsigned want, struct err *e) MUST_CHECK;

#endif
