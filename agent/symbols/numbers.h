/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a captured kernel, from whatever tells them. */
#ifndef SYMBOLS_NUMBERS_H
#define SYMBOLS_NUMBERS_H

#include "symbols/kernel_files.h"

struct buf;

/*
 * kernel_arch_of(machine):
 * Of uname -m: "x86_64", "aarch64".
 */
enum kernel_arch kernel_arch_of(const char *machine);

/*
 * numbers_by_texts(k, iomem, cpuinfo, e):
 * What vmcoreinfo does not tell: where the kernel's image lies, by
 * k->kallsyms.  And where there is no vmcoreinfo of an x86-64 kernel, its
 * numbers by the texts of /proc/iomem and /proc/cpuinfo (the kernel clears
 * "la57" there when it does not use five levels).  A text that tells nothing
 * leaves its numbers as they are.
 */
int numbers_by_texts(struct kernel_files *k, const struct buf *iomem,
	const struct buf *cpuinfo, struct err *e) MUST_CHECK;

#endif
