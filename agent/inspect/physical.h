/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical memory that can be read at any address: that of a capture
 * (inspect/ram.h), or what a test makes up.
 */
#ifndef INSPECT_PHYSICAL_H
#define INSPECT_PHYSICAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct physical {
	/*
	 * All ${len} bytes at ${paddr}: 0; -ENODATA when the capture lacks one
	 * of them, which is never told as zero; -EIO.
	 */
	int (*read)(struct physical *m, void *ret, uint64_t paddr, size_t len);
	/* When the page of ${paddr} was read, by CLOCK_MONOTONIC of the host;
	 * NULL = nobody knows.  -ENODATA. */
	int (*when)(struct physical *m, uint64_t *first_ns, uint64_t *last_ns,
		uint64_t paddr);
};

#endif
