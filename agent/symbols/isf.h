/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Volatility 3's symbol files: "Intermediate Symbol Format" 6.2.0, a JSON
 * document of base types, structs and unions, enums, and symbols, that
 * Volatility takes for a kernel whose banner is the file's constant_data of
 * linux_banner.  Addresses are those of a kernel that KASLR did not move.
 */
#ifndef SYMBOLS_ISF_H
#define SYMBOLS_ISF_H

#include <stddef.h>

#include "base/cleanup.h"

struct err;
struct kernel_files;

struct isf_result {
	size_t types; /* structs and unions */
	size_t enums;
	size_t symbols;
	size_t typed; /* of them, with a type */
	size_t modules; /* whose types are in it */
	size_t refused; /* modules whose types make no sense */
};

/*
 * isf_write(ret, k, fd, e):
 * Write the file, compressed by xz, to ${fd}.  -ENOENT, with what is missing,
 * when the evidence lacks types, symbols or the banner.
 */
int isf_write(struct isf_result *ret, const struct kernel_files *k, int fd,
	struct err *e) MUST_CHECK;

/*
 * isf_write_config(k, fd, isf, image, format, e):
 * A configuration for "vol -c FILE": layers, root table and shift are filled
 * in, so that no plugin scans for them.  ${isf} and ${image} are absolute
 * paths; ${format} is "elf", "lime" or "raw".  -ENOTSUP for a kernel that
 * Volatility has no layer for (five levels, not x86-64), -ENOENT when the
 * evidence does not tell the numbers.
 */
int isf_write_config(const struct kernel_files *k, int fd, const char *isf,
	const char *image, const char *format, struct err *e) MUST_CHECK;

#endif
