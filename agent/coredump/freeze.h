/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Let processes stand still while their memory is read, by the freezer of
 * their cgroups (v2: cgroup.freeze; v1: freezer.state).  It changes the host
 * for that time, and so it is done only where it is asked for.
 *
 * A child process holds the way back: it thaws when the time is over, when
 * freeze_end() is called, and when this process dies, whatever it dies of.
 */
#ifndef COREDUMP_FREEZE_H
#define COREDUMP_FREEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct freeze;

enum {
	FREEZE_SECONDS = 30, /* by default */
	FREEZE_SECONDS_MAX = 600,
	FREEZE_CGROUPS_MAX = 64,
	FREEZE_WAIT_MS = 2000, /* until all stand still */
};

struct freeze_config {
	const char *proc; /* NULL = "/proc" */
	const char *cgroups; /* NULL = "/sys/fs/cgroup" */
	unsigned seconds; /* at most */
};

/*
 * freeze_begin(ret, pids, n, config, e):
 * Freeze the cgroups of ${pids}, and so everybody else in them.  -EBUSY when
 * one is the root of all or holds this process; -ETIMEDOUT when not all stood
 * still in FREEZE_WAIT_MS.  On failure nothing stays frozen.
 */
int freeze_begin(struct freeze **ret, const uint32_t *pids, size_t n,
	const struct freeze_config *config, struct err *e) MUST_CHECK;

/*
 * freeze_holds(f):
 * Whether all of them have stood still up to now; NULL does not.
 */
bool freeze_holds(const struct freeze *f);

/*
 * freeze_end(f, e):
 * Thaw, and free ${f}, which may be NULL, in every case.
 */
int freeze_end(struct freeze *f, struct err *e) MUST_CHECK;

#endif
