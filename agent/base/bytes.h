/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * bytes_are_zero(p, len):
 * Whether the ${len} bytes at ${p} are all 0.
 */
static inline bool bytes_are_zero(const uint8_t *p, size_t len)
{
	uint64_t first = 0;

	/* Most pages that are not zero say so in their first words. */
	memcpy(&first, p, len < sizeof(first) ? len : sizeof(first));
	if (first || len <= sizeof(first))
		return first == 0;
	return memcmp(p, p + sizeof(first), len - sizeof(first)) == 0;
}

#endif
