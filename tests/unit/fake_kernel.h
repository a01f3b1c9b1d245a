/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel's state that is made up: unit/fake_kernel.c stands in for
 * kernel/state.c and kernel/bpf_object.c, so that no test looks into the kernel
 * of the machine that it runs on. */
#ifndef UNIT_FAKE_KERNEL_H
#define UNIT_FAKE_KERNEL_H

#include <stddef.h>

#include "kernel/bpf_object.h"
#include "kernel/module.h"

struct fake_kernel {
	const struct kmodule *modules;
	size_t modules_n;
	unsigned modules_asked;
	const struct bpf_object *objects;
	size_t objects_n;
	unsigned objects_asked;
	int open; /* states that are */
};

extern struct fake_kernel fake_kernel;

#endif
