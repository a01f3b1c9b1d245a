// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "binary/elf_image.h"

enum {
	HEAD_BYTES = 64,
	SECTIONS_MAX = 8192,
	SEGMENTS_MAX = 1024,
};

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
	/* What the copy forgot must not come back. */
	if (offset < im->header_bytes) {
		uint64_t skip = im->header_bytes - offset;

		skip = skip < len ? skip : len;
		offset += skip;
		len -= skip;
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

/* In the copy the file has no such table: libelf would make room for it. */
static void forget(struct elf_image *im, size_t offset32, size_t number32,
	size_t offset64, size_t number64)
{
	bool is64 = im->p[EI_CLASS] == ELFCLASS64;

	memset(im->p + (is64 ? offset64 : offset32), 0, is64 ? 8 : 4);
	memset(im->p + (is64 ? number64 : number32), 0, 2);
}

static int fetch_tables(struct elf_image *im, struct err *e)
{
	GElf_Ehdr *h = &im->header;
	int r;

	/* A number past SHN_LORESERVE would be in the first section. */
	if (h->e_shnum > SECTIONS_MAX || (h->e_shoff && !h->e_shnum)) {
		forget(im, offsetof(Elf32_Ehdr, e_shoff),
			offsetof(Elf32_Ehdr, e_shnum),
			offsetof(Elf64_Ehdr, e_shoff),
			offsetof(Elf64_Ehdr, e_shnum));
		h->e_shoff = h->e_shnum = 0;
		im->over = true;
	}
	if (h->e_phnum > SEGMENTS_MAX) {
		forget(im, offsetof(Elf32_Ehdr, e_phoff),
			offsetof(Elf32_Ehdr, e_phnum),
			offsetof(Elf64_Ehdr, e_phoff),
			offsetof(Elf64_Ehdr, e_phnum));
		h->e_phoff = h->e_phnum = 0;
		im->over = true;
	}
	r = elf_image_fetch(
		im, h->e_phoff, (uint64_t)h->e_phnum * h->e_phentsize, e);
	if (r >= 0)
		r = elf_image_fetch(im, h->e_shoff,
			(uint64_t)h->e_shnum * h->e_shentsize, e);
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
	/* A byte here and there must not cost two mebibytes each. */
	(void)madvise(p, im.size, MADV_NOHUGEPAGE);
	r = elf_image_fetch(
		&im, 0, im.size < HEAD_BYTES ? im.size : HEAD_BYTES, e);
	if (r == 0)
		r = read_header(&im);
	im.header_bytes = HEAD_BYTES;
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
