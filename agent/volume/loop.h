/* SPDX-License-Identifier: Apache-2.0 */
/* Read-only loop devices that clear themselves after their last user. */
#ifndef VOLUME_LOOP_H
#define VOLUME_LOOP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct err;
struct stage;

/*
 * loop_attach(ret_dev, stage, fd, start, bytes, e):
 * A loop device over that stretch of ${fd}.  Return a descriptor that holds it;
 * the caller closes that.
 */
int loop_attach(dev_t *ret_dev, const struct stage *stage, int fd,
	uint64_t start, uint64_t bytes, struct err *e) MUST_CHECK;

#endif
