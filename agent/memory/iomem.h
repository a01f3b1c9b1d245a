/* SPDX-License-Identifier: Apache-2.0 */
/* The System RAM of a host, as /proc/iomem lists it. */
#ifndef MEMORY_IOMEM_H
#define MEMORY_IOMEM_H

#include "base/range.h"

struct err;

enum { IOMEM_BYTES = 1 << 20 }; /* of /proc/iomem */

/*
 * ranges_parse_iomem(ret, text, e):
 * The System RAM that ${text}, the content of /proc/iomem, lists: "System
 * RAM" and "System RAM (kmem)" and the like, at every depth.  -EPERM when the
 * addresses are hidden (all zero), -EBADMSG when a line is no resource,
 * -ENOENT when there is no System RAM.  The caller ends ${ret} with
 * ranges_done().
 */
int ranges_parse_iomem(
	struct ranges *ret, const char *text, struct err *e) MUST_CHECK;

/*
 * ranges_load(ret, e):
 * The System RAM of this host, from /proc/iomem.
 */
int ranges_load(struct ranges *ret, struct err *e) MUST_CHECK;

#endif
