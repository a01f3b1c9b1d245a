// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/range.h"
#include "lab/image.h"

enum { NAME_CHARS = 64 };

static const uint32_t lime_magic = 0x4c694d45;

struct lime_header {
	uint8_t magic[4];
	uint8_t version[4];
	uint8_t first[8];
	uint8_t last[8]; /* inclusive */
	uint8_t reserved[8];
};
_Static_assert(sizeof(struct lime_header) == 32, "LiME header is 32 bytes");

struct image {
	int fd;
	int dirfd; /* borrowed */
	char name[NAME_CHARS];
	struct image_plan plan; /* its pointers are good in image_create() only */
	struct ranges memory;
	uint64_t *offsets; /* in the file, of each range's first byte */
	bool finished;
};

static uint64_t range_len(const struct range *m)
{
	return m->end - m->start;
}

static int put_header(struct image *im, size_t i, struct err *e)
{
	struct lime_header h = { 0 };

	num_put_le32(h.magic, lime_magic);
	num_put_le32(h.version, 1);
	num_put_le64(h.first, im->memory.v[i].start);
	num_put_le64(h.last, im->memory.v[i].end - 1);
	return io_pwrite(im->fd, &h, sizeof(h), im->offsets[i] - sizeof(h), e);
}

static int lay_out_raw(struct image *im, uint64_t *end, struct err *e)
{
	(void)e;
	for (size_t i = 0; i < im->memory.n; i++) {
		im->offsets[i] = im->memory.v[i].start;
		*end = im->memory.v[i].end;
	}
	return 0;
}

static int lay_out_lime(struct image *im, uint64_t *end, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < im->memory.n; i++) {
		im->offsets[i] = *end + sizeof(struct lime_header);
		*end = im->offsets[i] + range_len(&im->memory.v[i]);
		r = put_header(im, i, e);
	}
	return r;
}

/* --- ELF --- */

static const char note_name[] = "VMCOREINFO";

enum {
	NOTE_NAME_BYTES = (sizeof(note_name) + 3) & ~3U,
	PAGE_BYTES = 4096,
};

static size_t note_bytes(const struct image_plan *p)
{
	return p->vmcoreinfo ? sizeof(Elf64_Nhdr) + NOTE_NAME_BYTES +
				       ((p->vmcoreinfo_len + 3) & ~(size_t)3)
			     : 0;
}

static int put_note(const struct image *im, uint64_t at, struct err *e)
{
	const struct image_plan *p = &im->plan;
	const Elf64_Nhdr h = { .n_namesz = sizeof(note_name),
		.n_descsz = (uint32_t)p->vmcoreinfo_len };
	int r;

	if (!p->vmcoreinfo)
		return 0;
	r = io_pwrite(im->fd, &h, sizeof(h), at, e);
	if (r == 0)
		r = io_pwrite(im->fd, note_name, sizeof(note_name),
			at + sizeof(h), e);
	if (r == 0)
		r = io_pwrite(im->fd, p->vmcoreinfo, p->vmcoreinfo_len,
			at + sizeof(h) + NOTE_NAME_BYTES, e);
	return r;
}

/* One PT_LOAD of a range whose first byte is at ${at} of the file. */
static void put_load(const struct image_plan *p, Elf64_Phdr *ret,
	struct range part, uint64_t at)
{
	bool is_kernel =
		part.start >= p->kernel.start && part.start < p->kernel.end;

	*ret = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_offset = at,
		.p_paddr = part.start,
		.p_filesz = part.end - part.start,
		.p_memsz = part.end - part.start,
		/* 0 as the kernel has it: by that crash tells kdump's files. */
		.p_align = 0,
	};
	if (is_kernel)
		ret->p_vaddr = p->kernel_address + (part.start - p->kernel.start);
	else if (p->direct_map)
		ret->p_vaddr = p->direct_map + part.start;
}

/* Cut at both ends of the kernel's image.  Return how many there are. */
static size_t put_parts(const struct image_plan *p, Elf64_Phdr *ret,
	const struct range *m, uint64_t at)
{
	const uint64_t cuts[] = { p->kernel.start, p->kernel.end, m->end };
	uint64_t from = m->start;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		if (cuts[i] <= from || cuts[i] > m->end)
			continue;
		put_load(p, &ret[n++], (struct range){ from, cuts[i] },
			at + (from - m->start));
		from = cuts[i];
	}
	return n;
}

/* Where a page begins in memory, one begins in the file.  Return how many. */
static size_t put_loads(struct image *im, Elf64_Phdr *h, uint64_t *end)
{
	size_t n = 0;

	for (size_t i = 0; i < im->memory.n; i++) {
		const struct range *m = &im->memory.v[i];
		uint64_t at = (*end + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES +
			      m->start % PAGE_BYTES;

		im->offsets[i] = at;
		n += put_parts(&im->plan, h + n, m, at);
		*end = at + range_len(m);
	}
	return n;
}

static int lay_out_elf(struct image *im, uint64_t *end, struct err *e)
{
	/* The note, and two more for the image's cuts. */
	size_t n = im->memory.n + 3;
	Elf64_Ehdr h = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = im->plan.machine,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(h),
		.e_ehsize = sizeof(h),
		.e_phentsize = sizeof(Elf64_Phdr),
	};
	AUTO_FREE Elf64_Phdr *headers = NULL;
	uint64_t note = sizeof(h) + n * sizeof(*headers);
	int r;

	if (im->memory.n > IMAGE_ELF_RANGES_MAX)
		return err_set(e, -E2BIG,
			"%zu ranges of memory are more than an ELF file has "
			"headers for (--memory lime takes them)",
			im->memory.n);
	headers = calloc(n, sizeof(*headers));
	if (!headers)
		return err_set(e, -ENOMEM, "no memory for an image");
	headers[0] = (Elf64_Phdr){ .p_type = PT_NOTE,
		.p_offset = note,
		.p_filesz = note_bytes(&im->plan),
		.p_memsz = note_bytes(&im->plan),
		.p_align = 4 };
	*end = note + note_bytes(&im->plan);
	h.e_phnum = (uint16_t)(1 + put_loads(im, headers + 1, end));
	r = io_pwrite(im->fd, &h, sizeof(h), 0, e);
	if (r == 0)
		r = io_pwrite(
			im->fd, headers, n * sizeof(*headers), sizeof(h), e);
	return r < 0 ? r : put_note(im, note, e);
}

/* Where each range goes, and the size of it all. */
static int lay_out(struct image *im, struct err *e)
{
	static int (*const formats[])(struct image *, uint64_t *, struct err *) = {
		[IMAGE_LIME] = lay_out_lime,
		[IMAGE_RAW] = lay_out_raw,
		[IMAGE_ELF] = lay_out_elf,
	};
	uint64_t bytes = ranges_bytes(&im->memory), end = 0;
	int r;

	/* So that no sum of offsets wraps; headers and rounding are less. */
	if (bytes > INT64_MAX / 2 ||
		(im->plan.format == IMAGE_RAW && im->memory.n &&
			im->memory.v[im->memory.n - 1].end > INT64_MAX))
		return err_set(e, -EFBIG, "image of %" PRIu64 " bytes", bytes);
	r = formats[im->plan.format](im, &end, e);
	if (r == 0 && ftruncate(im->fd, (off_t)end) < 0)
		r = err_sys(e, "make an image of %" PRIu64 " bytes", end);
	return r;
}

static int copy_memory(
	struct image *im, const struct ranges *memory, struct err *e)
{
	for (size_t i = 0; i < memory->n; i++) {
		int r = ranges_add(&im->memory, memory->v[i], e);

		if (r < 0)
			return r;
	}
	im->offsets = calloc(memory->n + 1, sizeof(*im->offsets));
	return im->offsets ? 0 : err_set(e, -ENOMEM, "no memory for an image");
}

int image_create(struct image **ret, int dirfd, const char *name,
	const struct image_plan *plan, struct err *e)
{
	struct image *im = calloc(1, sizeof(*im));
	int r;

	if (!im)
		return err_set(e, -ENOMEM, "no memory for an image");
	im->dirfd = dirfd;
	im->plan = *plan;
	(void)snprintf(im->name, sizeof(im->name), "%s", name);
	im->fd = io_open(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (im->fd < 0) {
		r = im->fd;
		im->finished = true; /* not ours to delete */
	} else {
		r = copy_memory(im, plan->memory, e);
	}
	if (r == 0)
		r = lay_out(im, e);
	if (r < 0) {
		image_close(im);
		return r;
	}
	*ret = im;
	return 0;
}

void image_close(struct image *im)
{
	if (!im)
		return;
	if (im->fd >= 0)
		(void)close(im->fd);
	if (!im->finished)
		(void)unlinkat(im->dirfd, im->name, 0);
	ranges_done(&im->memory);
	free(im->offsets);
	free(im);
}

int image_write(struct image *im, uint64_t paddr, const void *buf, size_t len,
	struct err *e)
{
	const struct range *m = ranges_find(&im->memory, paddr);

	if (!m || m->start > paddr || m->end - paddr < len)
		return err_set(e, -ERANGE,
			"%zu bytes at %#" PRIx64 " are not in the image", len,
			paddr);
	return io_pwrite(im->fd, buf, len,
		im->offsets[m - im->memory.v] + (paddr - m->start), e);
}

int image_finish(struct image *im, struct err *e)
{
	int r = io_fsync(im->fd, e);

	im->finished = r == 0;
	return r;
}
