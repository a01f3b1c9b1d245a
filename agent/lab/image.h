/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory images.  LiME version 1: for each range a header of 32 bytes (magic
 * 0x4C694D45, version 1, first and last address, 8 bytes of zero; all
 * little-endian), then its bytes.  Raw: the byte of an address lies at that
 * offset.  ELF: a core file (gABI chapter 4) as kdump makes them, with a
 * PT_LOAD for each range, by its address in the direct map and its physical
 * one, and the kernel's VMCOREINFO note.  The range that has the kernel's image
 * is three of them: the image itself has its own address, since debuggers that
 * want to walk page tables find the first of them there.
 */
#ifndef LAB_IMAGE_H
#define LAB_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/range.h"

struct err;
struct image;

enum image_format { IMAGE_LIME, IMAGE_RAW, IMAGE_ELF };

enum { IMAGE_ELF_RANGES_MAX = 65531 }; /* of what e_phnum can count */

/* What image_create() makes. */
struct image_plan {
	enum image_format format;
	const struct ranges *memory; /* what will be in it; is copied */
	/* Of an ELF image: */
	uint16_t machine; /* EM_X86_64, EM_AARCH64 */
	uint64_t direct_map; /* maps physical 0; 0 = virtual addresses are 0 */
	struct range kernel; /* where the kernel's image lies, whole pages; */
	uint64_t kernel_address; /* it has this address, not the direct map's */
	const void *vmcoreinfo; /* text, NULL = no note; borrowed */
	size_t vmcoreinfo_len;
};

/*
 * image_create(ret, dirfd, name, plan, e):
 * A new file for the memory of ${plan}: with a header for each of its ranges
 * and nothing for what is not in it; raw, with a hole there.  -EEXIST when the
 * file is there, -E2BIG past IMAGE_ELF_RANGES_MAX.  Close with image_close(),
 * which deletes it unless image_finish() was called.
 */
int image_create(struct image **ret, int dirfd, const char *name,
	const struct image_plan *plan, struct err *e) MUST_CHECK;
void image_close(struct image *im);

/*
 * image_write(im, paddr, buf, len, e):
 * Write bytes at their place; what is not in the memory of the image is
 * -ERANGE.  Zeros need not be written: the file is made of them.  Any thread.
 */
int image_write(struct image *im, uint64_t paddr, const void *buf, size_t len,
	struct err *e) MUST_CHECK;

/*
 * image_finish(im, e):
 * The image is whole: make it durable.
 */
int image_finish(struct image *im, struct err *e) MUST_CHECK;

#endif
