/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of /proc/PID/task/TID as text (proc(5)).  What a rootkit made of
 * them is hostile: every number is bounded, and what is not there stays not
 * told.
 */
#ifndef LIVE_PROCFS_H
#define LIVE_PROCFS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/live.h"

struct err;

enum {
	PROCFS_TEXT_BYTES = 16 << 10, /* of stat, status, cgroup */
	PROCFS_GROUPS_MAX = 1024,
};

/*
 * procfs_stat(t, text, len, hz, e):
 * Read stat into ${t}; ${hz} is sysconf(_SC_CLK_TCK).  A name with ")" or a
 * line feed in it is taken whole.  -EBADMSG.
 */
int procfs_stat(struct live_task *t, const char *text, size_t len, unsigned hz,
	struct err *e) MUST_CHECK;

/*
 * procfs_status(t, text, len):
 * Add what status tells beside it.
 */
void procfs_status(struct live_task *t, const char *text, size_t len);

/*
 * procfs_tgid(text, len, otherwise):
 * The process of a thread, by its status; ${otherwise} where it is not told.
 */
uint32_t procfs_tgid(const char *text, size_t len, uint32_t otherwise);

/*
 * procfs_groups(ret, text, len):
 * The supplementary groups in status; at most PROCFS_GROUPS_MAX are written.
 * Return how many there are.
 */
size_t procfs_groups(uint32_t *ret, const char *text, size_t len);

/*
 * procfs_number(ret, text, len):
 * The whole text is one decimal number, but for a line feed at its end; a
 * sign is allowed.  -EBADMSG.
 */
int procfs_number(int64_t *ret, const char *text, size_t len) MUST_CHECK;

#endif
