// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "kernel/peek_internal.h"

static const char kcore_path[] = "/proc/kcore";

struct kcore_peek {
	struct peek base;
	int fd;
	size_t n;
	struct peek_segment segments[PEEK_SEGMENTS_MAX];
};

size_t peek_segments(
	struct peek_segment *ret, size_t cap, const uint8_t *phdrs, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n && found < cap; i++) {
		Elf64_Phdr h;

		memcpy(&h, phdrs + i * sizeof(h), sizeof(h));
		if (h.p_type != PT_LOAD || h.p_vaddr >> 63 == 0 ||
			h.p_vaddr + h.p_memsz < h.p_vaddr ||
			h.p_offset + h.p_memsz < h.p_offset)
			continue;
		ret[found++] = (struct peek_segment){ h.p_vaddr,
			h.p_vaddr + h.p_memsz, h.p_offset };
	}
	return found;
}

static int kcore_peek_read(struct peek *p, void *ret, uint64_t at, size_t len)
{
	const struct kcore_peek *k = (struct kcore_peek *)p;

	for (size_t i = 0; i < k->n; i++) {
		const struct peek_segment *s = &k->segments[i];

		if (at < s->start || at >= s->end || len > s->end - at)
			continue;
		if (io_pread(k->fd, ret, len, s->offset + (at - s->start),
			    NULL) == (ssize_t)len)
			return 0;
	}
	return -EFAULT;
}

static void kcore_peek_close(struct peek *p)
{
	struct kcore_peek *k = (struct kcore_peek *)p;

	if (k->fd >= 0)
		(void)close(k->fd);
	free(k);
}

static const struct peek_ops ops = {
	.name = "kcore",
	.read = kcore_peek_read,
	.close = kcore_peek_close,
};

static int load(struct kcore_peek *k, struct err *e)
{
	AUTO_FREE uint8_t *phdrs = NULL;
	Elf64_Ehdr h;
	size_t bytes;
	ssize_t n;

	k->fd = io_open(AT_FDCWD, kcore_path, O_RDONLY, 0, e);
	if (k->fd < 0)
		return k->fd;
	n = io_pread(k->fd, &h, sizeof(h), 0, e);
	if (n < 0)
		return (int)n;
	if (n < (ssize_t)sizeof(h) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
		h.e_ident[EI_CLASS] != ELFCLASS64 ||
		h.e_phentsize != sizeof(Elf64_Phdr) ||
		h.e_phnum > PEEK_SEGMENTS_MAX)
		return err_set(e, -EBADMSG, "%s is no ELF core", kcore_path);
	bytes = h.e_phnum * sizeof(Elf64_Phdr);
	phdrs = calloc(1, bytes + 1);
	if (!phdrs)
		return err_set(e, -ENOMEM, "no memory for headers");
	n = io_pread(k->fd, phdrs, bytes, h.e_phoff, e);
	if (n < 0)
		return (int)n;
	k->n = peek_segments(k->segments, PEEK_SEGMENTS_MAX, phdrs,
		(size_t)n / sizeof(Elf64_Phdr));
	if (!k->n)
		return err_set(e, -ENOENT, "%s is empty", kcore_path);
	return 0;
}

int peek_kcore_open(struct peek **ret, struct err *e)
{
	struct kcore_peek *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return err_set(e, -ENOMEM, "no memory to peek with");
	k->base.ops = &ops;
	k->fd = -1;
	r = load(k, e);
	if (r < 0) {
		kcore_peek_close(&k->base);
		return r;
	}
	*ret = &k->base;
	return 0;
}
