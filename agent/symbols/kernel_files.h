/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel of a capture as the evidence tells it: its types (BTF), its
 * symbols (kallsyms) and its numbers (vmcoreinfo).  Everything that gives
 * captured memory a meaning starts here.
 */
#ifndef SYMBOLS_KERNEL_FILES_H
#define SYMBOLS_KERNEL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct lab_keys;
struct reader;

enum {
	KERNEL_FILE_BYTES = 64 << 20, /* of one */
	KERNEL_FILES_BYTES = 160 << 20, /* of all together */
	KERNEL_MODULES_MAX = 4096,
	KERNEL_NAME_CHARS = 64,
	KERNEL_BANNER_BYTES = 512,
	KERNEL_RELEASE_CHARS = 128,
	KERNEL_PATH_CHARS = 48,
};

enum kernel_arch { KERNEL_ARCH_UNKNOWN, KERNEL_ARCH_X86_64, KERNEL_ARCH_ARM64 };

struct kernel_bytes {
	uint8_t *data;
	size_t len;
};

struct kernel_module_btf {
	char name[KERNEL_NAME_CHARS];
	struct kernel_bytes btf; /* "split": it goes on where vmlinux' ends */
};

struct kernel_files {
	enum kernel_arch arch;
	char release[KERNEL_RELEASE_CHARS]; /* uname -r; "" = not told */
	char banner[KERNEL_BANNER_BYTES]; /* linux_banner, with its line feed */
	struct kernel_bytes btf; /* of vmlinux; len 0 = not there */
	struct kernel_module_btf *modules; /* by name */
	size_t modules_n;
	/* kallsyms, for kallsyms_each(); "" = not there.  It is no file of a
	 * file system, and goes with the object. */
	char kallsyms[KERNEL_PATH_CHARS];
	bool kallsyms_hidden; /* all its addresses are 0 */
	struct kernel_bytes vmcoreinfo; /* text, "KEY=VALUE" lines */
	uint64_t vmcoreinfo_paddr; /* of its note; 0 = not told */
	/* What of these is told; each 0 when its flag is not set. */
	uint64_t page_bytes;
	bool has_phys_base;
	uint64_t phys_base; /* x86-64: added to a distance from __START_KERNEL_map */
	bool has_kaslr;
	uint64_t kaslr_bytes; /* how far the kernel's image was moved, virtually */
	bool la57; /* five levels of page tables */
	uint64_t swapper_pg_dir; /* virtual; 0 = not told */
	uint64_t dtb; /* its physical address; 0 = not known */
	/* The kernel's image, whole pages of it; all 0 when it is not told. */
	uint64_t image_start; /* virtual */
	uint64_t image_end;
	uint64_t image_paddr; /* of image_start */
	unsigned va_bits; /* arm64: of kernel addresses; 0 = not told */
	uint64_t kimage_voffset; /* arm64: image's virtual minus physical */
	uint64_t phys_offset; /* arm64: PHYS_OFFSET */
	bool has_direct_map;
	uint64_t direct_map; /* address that maps physical 0; modulo 2^64 */
	int fd; /* what kallsyms lies in */
};

/*
 * kernel_files_load(ret, r, keys, e):
 * From the evidence ${r}, which was checked.  What is not there is left
 * empty, what is cut off or over a limit is a finding of ${r} and left empty.
 * Free with kernel_files_free().
 */
int kernel_files_load(struct kernel_files **ret, struct reader *r,
	const struct lab_keys *keys, struct err *e) MUST_CHECK;
void kernel_files_free(struct kernel_files *k);

/*
 * kernel_files_numbers(k):
 * Take the numbers out of k->vmcoreinfo: again, when whoever reads the memory
 * has found a vmcoreinfo that the evidence had no file of.
 */
void kernel_files_numbers(struct kernel_files *k);

#endif
