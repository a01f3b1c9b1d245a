/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private copy of those parts of an ELF file that are looked at: memory as
 * large as the file of which only what was fetched takes any, so that offsets
 * are the file's, and that nobody can change under libelf's hands.
 */
#ifndef BINARY_ELF_IMAGE_H
#define BINARY_ELF_IMAGE_H

#include <gelf.h>

#include "binary/elf_traits.h"

/* A longer file is looked at as if it ended here. */
#define ELF_IMAGE_BYTES (4ULL << 30)

struct elf_image {
	uint8_t *p;
	uint64_t size; /* of the file, at most ELF_IMAGE_BYTES */
	uint64_t left; /* of ELF_COPY_BYTES */
	uint64_t header_bytes; /* that are there, and are not fetched again */
	elf_read *read;
	void *arg;
	Elf *elf; /* NULL until elf_image_begin() */
	GElf_Ehdr header;
	bool over; /* something was not fetched: over the limit */
	bool lies; /* something was to be fetched that is not in the file */
};

/*
 * elf_image_open(ret, size, read, arg, e), elf_image_close(im):
 * Fetch the header and the tables of segments and sections.  Return 0, or 1
 * when it is no ELF file.
 */
int elf_image_open(struct elf_image *ret, uint64_t size, elf_read *read,
	void *arg, struct err *e) MUST_CHECK;
void elf_image_close(struct elf_image *im);

/*
 * elf_image_fetch(im, offset, len, e):
 * Copy that part of the file.  Return 0, or 1 when it is not wholly there.
 */
int elf_image_fetch(struct elf_image *im, uint64_t offset, uint64_t len,
	struct err *e) MUST_CHECK;

#endif
