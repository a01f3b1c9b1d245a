/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's memory is read by, beside files: its numbers. */
#ifndef COLLECT_KERNEL_IMAGE_H
#define COLLECT_KERNEL_IMAGE_H

#include "base/cleanup.h"

struct err;
struct writer;

/*
 * kernel_image_put(w, machine, without, e):
 * Write a KernelImage record with vmcoreinfo and the numbers in it, or a gap
 * that says why there is none.  ${machine}: "x86_64" and the like; ${without}
 * is of enum kstate_without.
 */
int kernel_image_put(struct writer *w, const char *machine, unsigned without,
	struct err *e) MUST_CHECK;

#endif
