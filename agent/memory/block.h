/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory blocks: the kernel takes memory away by blocks of 128 MiB or more,
 * whose resources stay System RAM.  An offline block must not be read.
 */
#ifndef MEMORY_BLOCK_H
#define MEMORY_BLOCK_H

#include "base/cleanup.h"

struct err;
struct ranges;

enum { BLOCKS_MAX = 1 << 20 };

/*
 * blocks_load_offline(ret, dir, e):
 * What is not online by ${dir}, which is "/sys/devices/system/memory" but in
 * tests; nothing when there is no such directory.  -EBADMSG when it holds
 * what the kernel does not write.  The caller ends ${ret} with ranges_done().
 */
int blocks_load_offline(
	struct ranges *ret, const char *dir, struct err *e) MUST_CHECK;

#endif
