/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mappings of all processes by a BPF iterator (Linux 5.12), which says what
 * /proc/PID/maps would have to.  It waits for the lock of each process's
 * memory; one that is never let go makes it late, and it is left behind.
 */
#ifndef LIVE_VMA_H
#define LIVE_VMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/live.h"
#include "live/maps.h"
#include "live/source.h"

struct err;
struct vmas;

enum {
	VMAS_MAX = 262144, /* of the host; more are counted */
	VMAS_WAIT_MS = 5000,
};

/*
 * vmas_see(ret, config, seen, e):
 * Every mapping of every process of ${config}; ->tasks of ${seen} is how many.
 * -ETIMEDOUT.  The caller frees with vmas_free().
 */
int vmas_see(struct vmas **ret, const struct live_config *config,
	struct live_seen *seen, struct err *e) MUST_CHECK;
void vmas_free(struct vmas *v);

/*
 * vmas_of(ret, v, pid):
 * Those of one process in the order of addresses; how many.
 */
size_t vmas_of(const struct live_vma **ret, const struct vmas *v, uint32_t pid);

/*
 * vmas_merge(maps, v, n, e):
 * Add to ${maps}, which is sorted and of /proc, who saw each mapping, and those
 * of ${v} that are not in it, in their places; such a one has no path.  Return
 * how many.  -ENOMEM.
 */
int vmas_merge(struct maps *maps, const struct live_vma *v, size_t n,
	struct err *e) MUST_CHECK;

#endif
