/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory images.  LiME version 1: for each range a header of 32 bytes (magic
 * 0x4C694D45, version 1, first and last address, 8 bytes of zero; all
 * little-endian), then its bytes.  Raw: the byte of an address lies at that
 * offset.
 */
#ifndef LAB_IMAGE_H
#define LAB_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct image;
struct ranges;

enum image_format { IMAGE_LIME, IMAGE_RAW };

/*
 * image_create(ret, dirfd, name, format, memory, e):
 * A new file for the memory in ${memory}, which is copied: for LiME with a
 * header for each of its ranges and nothing for what is not in it, for raw
 * with a hole there.  -EEXIST when the file is there.  Close with
 * image_close(), which deletes it unless image_finish() was called.
 */
int image_create(struct image **ret, int dirfd, const char *name,
	enum image_format format, const struct ranges *memory,
	struct err *e) MUST_CHECK;
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
