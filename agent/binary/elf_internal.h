/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of elf_traits.h share. */
#ifndef BINARY_ELF_INTERNAL_H
#define BINARY_ELF_INTERNAL_H

#include "binary/elf_image.h"

/*
 * elf_keep(ret, t, im, offset, max, e):
 * Keep the string at ${offset} of the copy, which ends within ${max} bytes;
 * ${ret} is 0 when there is none, or no room for it.  -ENOMEM.
 */
int elf_keep(uint32_t *ret, struct elf_traits *t, const struct elf_image *im,
	uint64_t offset, uint64_t max, struct err *e) MUST_CHECK;

/*
 * elf_dynamic_read(t, im, e):
 * What the dynamic section and its symbols say; segments and sections of ${t}
 * are there already.
 */
int elf_dynamic_read(
	struct elf_traits *t, struct elf_image *im, struct err *e) MUST_CHECK;

/*
 * elf_judge(t): what is odd, but for what reading found.
 */
void elf_judge(struct elf_traits *t);

#endif
