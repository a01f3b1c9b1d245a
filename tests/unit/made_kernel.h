/* SPDX-License-Identifier: Apache-2.0 */
/* Types and symbols of a kernel that is made up. */
#ifndef UNIT_MADE_KERNEL_H
#define UNIT_MADE_KERNEL_H

#include "symbols/kernel_files.h"

/*
 * made_kernel(kallsyms):
 * A kernel with types of its own and of a module "toy", and the symbols in
 * the text ${kallsyms}; free with kernel_files_free().
 */
struct kernel_files *made_kernel(const char *kallsyms);

#endif
