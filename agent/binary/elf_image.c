// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/mman.h>

#include "base/err.h"
#include "binary/elf_image.h"

enum { HEAD_BYTES = 64, SECTIONS_LOOKED_AT = 8192 };

int elf_image_fetch(
	struct elf_image *im, uint64_t offset, uint64_t len, struct err *e)
{
	uint64_t end;
	ssize_t got;

	if (__builtin_add_overflow(offset, len, &end) || end > im->size) {
		im->lies = true;
		return 1;
	}
	if (len > im->left) {
		im->over = true;
		return 1;
	}
	if (!len)
		return 0;
	im->left -= len;
	got = im->read(im->arg, im->p + offset, len, offset, e);
	if (got < 0)
		return (int)got;
	/* Shorter than it said when it was opened. */
	return (uint64_t)got == len ? 0 : 1;
}

/* What libelf makes of the header alone. */
static int read_header(struct elf_image *im)
{
	Elf *elf = elf_memory(
		(char *)im->p, im->size < HEAD_BYTES ? im->size : HEAD_BYTES);
	int r = 1;

	if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &im->header))
		r = 0;
	(void)elf_end(elf);
	return r;
}

static int fetch_tables(struct elf_image *im, struct err *e)
{
	const GElf_Ehdr *h = &im->header;
	uint64_t sections = h->e_shnum;
	int r;

	if (sections > SECTIONS_LOOKED_AT) {
		sections = SECTIONS_LOOKED_AT;
		im->over = true;
	}
	r = elf_image_fetch(
		im, h->e_phoff, (uint64_t)h->e_phnum * h->e_phentsize, e);
	/* Without a number there may be one in the first section. */
	if (r >= 0 && h->e_shoff)
		r = elf_image_fetch(im, h->e_shoff,
			(sections ? sections : 1) * h->e_shentsize, e);
	return r < 0 ? r : 0;
}

int elf_image_open(struct elf_image *ret, uint64_t size, elf_read *read,
	void *arg, struct err *e)
{
	struct elf_image im = { .read = read, .arg = arg, .left = ELF_COPY_BYTES };
	void *p;
	int r;

	im.size = size < ELF_IMAGE_BYTES ? size : ELF_IMAGE_BYTES;
	im.over = size > im.size;
	*ret = (struct elf_image){ 0 };
	if (im.size < EI_NIDENT || elf_version(EV_CURRENT) == EV_NONE)
		return 1;
	p = mmap(NULL, im.size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return err_set(e, -ENOMEM, "no memory for an ELF file");
	im.p = p;
	r = elf_image_fetch(
		&im, 0, im.size < HEAD_BYTES ? im.size : HEAD_BYTES, e);
	if (r == 0)
		r = read_header(&im);
	if (r == 0)
		r = fetch_tables(&im, e);
	if (r == 0) {
		im.elf = elf_memory((char *)im.p, im.size);
		r = im.elf ? 0 : 1;
	}
	if (r == 0)
		*ret = im;
	else
		elf_image_close(&im);
	return r;
}

void elf_image_close(struct elf_image *im)
{
	(void)elf_end(im->elf);
	if (im->p)
		(void)munmap(im->p, im->size);
	*im = (struct elf_image){ 0 };
}
