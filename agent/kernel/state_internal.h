/* SPDX-License-Identifier: Apache-2.0 */
/* Between state.c and state_open.c. */
#ifndef KERNEL_STATE_INTERNAL_H
#define KERNEL_STATE_INTERNAL_H

#include "kernel/state.h"

/*
 * kstate_scan(s):
 * Find the symbols again; none when they cannot be read.
 */
void kstate_scan(struct kstate *s);

#endif
