/* SPDX-License-Identifier: Apache-2.0 */
/* Which cgroup can freeze a process, by /proc/PID/cgroup (cgroups(7)): lines
 * "ID:CONTROLLERS:/PATH", that of v2 with no controllers. */
#ifndef COREDUMP_CGROUP_H
#define COREDUMP_CGROUP_H

#include <stdbool.h>

#include "base/cleanup.h"

struct err;

struct cgroup_place {
	bool is_v1; /* of the hierarchy "freezer" */
	const char *path; /* in the text, without its first "/" */
};

/*
 * cgroup_parse(ret, text, e):
 * The place in the v1 hierarchy "freezer" if that has one of its own for the
 * process, else in that of v2.  ${text}, with a NUL at its end, is cut into
 * pieces.  -ENOENT when there is none, or it is not below ours.
 */
int cgroup_parse(struct cgroup_place *ret, char *text, struct err *e) MUST_CHECK;

/*
 * cgroup_is_within(inner, outer):
 * Whether path ${inner} is ${outer}, or below it.
 */
bool cgroup_is_within(const char *inner, const char *outer);

#endif
