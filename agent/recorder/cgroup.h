/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths of cgroups by their ids, kept from the first time on: a
 * container's is gone soon after the container.  The id is that of the v2
 * hierarchy's directory, which name_to_handle_at(2) tells as well.
 */
#ifndef RECORDER_CGROUP_H
#define RECORDER_CGROUP_H

#include <stdint.h>

#include "base/cleanup.h"
#include "recorder/recorder.h"

struct cgroups;
struct err;

/*
 * cgroups_new(ret, e), cgroups_free(c):
 * Where there is no v2 hierarchy no path will be known, which is no error.
 */
int cgroups_new(struct cgroups **ret, struct err *e) MUST_CHECK;
void cgroups_free(struct cgroups *c);

/*
 * cgroups_meet(c, id):
 * Find the path of ${id}, if it was not met before.  At most
 * RECORDER_CGROUPS_MAX are kept.
 */
void cgroups_meet(struct cgroups *c, uint64_t id);

/*
 * cgroups_path(c, id): relative to the root of the hierarchy, "/" = that;
 * NULL = not known.
 */
const char *cgroups_path(const struct cgroups *c, uint64_t id);

#endif
