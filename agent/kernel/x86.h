/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of x86-64's instructions as a function that only compares, moves
 * and calls is made of.
 */
#ifndef KERNEL_X86_H
#define KERNEL_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { X86_BYTES_MAX = 15 };

struct x86 {
	size_t len;
	bool leaves; /* a near call or jump, to ${distance} behind its end */
	int64_t distance;
};

/*
 * x86_decode(ret, code, len):
 * The instruction at ${code}; false when it is none that is known here, or is
 * cut off.
 */
bool x86_decode(struct x86 *ret, const uint8_t *code, size_t len);

#endif
