/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of memread. */
#ifndef GUEST_MEMREAD_H
#define GUEST_MEMREAD_H

#include <stddef.h>
#include <stdint.h>

/* In the format of LiME, version 1. */
struct image {
	int fd; /* -1 = nothing is written */
	uint64_t at; /* of the end of the file */
	uint64_t header; /* of the range that is being written */
	uint64_t start; /* its physical addresses; empty = none */
	uint64_t end;
};

/*
 * image_put(im, start, p, len):
 * Write ${len} bytes of physical memory at ${start}, which rises from call to
 * call.  The program ends when that fails, as it does in image_end().
 */
void image_put(struct image *im, uint64_t start, const uint8_t *p, size_t len);

/*
 * image_end(im):
 * Write the header of the last range.
 */
void image_end(struct image *im);

/*
 * memread_symbols():
 * The exit status: 0 when both ways to find the kernel's maps agree.
 */
int memread_symbols(void);

#endif
