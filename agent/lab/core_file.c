// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "lab/core_file.h"
#include "lab/core_model.h"
#include "lab/core_notes.h"

enum {
	NAME_CHARS = 64,
	LOADS_MAX = CORE_RUNS_MAX + CORE_MAPPINGS_MAX,
	PHDRS_AT_ONCE = 256,
};

/* Little-endian 64-bit machines both. */
_Static_assert(sizeof(Elf64_Phdr) == 56, "as in the gABI");

/* [start, end) of one mapping: in the file at ->offset, or not there. */
struct load {
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* 0 = not there */
	uint32_t flags;
};

struct core_file {
	int fd;
	int dirfd; /* borrowed */
	char name[NAME_CHARS];
	const struct core *c;
	struct load *loads; /* by address */
	size_t n, cap;
	bool finished;
};

static int add_load(struct core_file *f, uint64_t start, uint64_t end,
	uint32_t flags, bool is_known, struct err *e)
{
	size_t want = f->cap ? f->cap * 2 : 256;
	struct load *v = f->loads;

	if (f->n == LOADS_MAX)
		return err_set(
			e, -E2BIG, "a core of more than %d parts", LOADS_MAX);
	if (f->n == f->cap) {
		v = reallocarray(v, want, sizeof(*v));
		if (!v)
			return err_set(e, -ENOMEM, "no memory for a core");
		f->loads = v;
		f->cap = want;
	}
	v[f->n++] = (struct load){ start, end, is_known, flags };
	return 0;
}

static bool is_in_file(const struct core_run *run, uint64_t len)
{
	switch (run->status) {
	case ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA:
		return true;
	case ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_ZERO:
		return len <= CORE_FILE_ZEROS_MAX;
	default:
		return false;
	}
}

/* The parts of one mapping; neighbours of one kind are one.  ${run} is the
 * first that may lie in it. */
static int split(struct core_file *f, const struct core_mapping *m, size_t *run,
	struct err *e)
{
	const struct core *c = f->c;
	size_t first = f->n;
	uint64_t at = m->start;
	int r = 0;

	while (*run < c->runs_n && c->runs[*run].end <= at)
		++*run;
	for (size_t i = *run; r == 0 && at < m->end;) {
		const struct core_run *now = i < c->runs_n ? &c->runs[i] : NULL;
		bool inside = now && now->start <= at;
		uint64_t end = !now ? m->end : inside ? now->end : now->start;
		bool known;

		end = end < m->end ? end : m->end;
		known = inside && is_in_file(now, end - at);
		if (f->n > first && (bool)f->loads[f->n - 1].offset == known)
			f->loads[f->n - 1].end = end;
		else
			r = add_load(f, at, end, m->flags, known, e);
		at = end;
		i += inside && now->end <= at;
	}
	return r;
}

/* Where each part lies behind the headers and ${notes} bytes; the size. */
static uint64_t place(struct core_file *f, size_t notes)
{
	uint64_t page = f->c->page_bytes;
	uint64_t at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr) +
		      (f->n + 1) * sizeof(Elf64_Phdr) + notes;

	at = (at + page - 1) / page * page;
	for (size_t i = 0; i < f->n; i++) {
		if (!f->loads[i].offset)
			continue;
		f->loads[i].offset = at;
		at += f->loads[i].end - f->loads[i].start;
	}
	return at;
}

/* More program headers than fit into 16 bits are counted in a section. */
static int write_headers(struct core_file *f, struct err *e)
{
	size_t phdrs = f->n + 1;
	Elf64_Shdr section = { .sh_type = SHT_NULL, .sh_info = (Elf64_Word)phdrs };
	Elf64_Ehdr h = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				 ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = (Elf64_Half)f->c->machine,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(h) + sizeof(section),
		.e_ehsize = sizeof(h),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = phdrs < PN_XNUM ? (Elf64_Half)phdrs : PN_XNUM,
		.e_shentsize = sizeof(Elf64_Shdr) };
	int r;

	if (phdrs >= PN_XNUM) {
		h.e_shoff = sizeof(h);
		h.e_shnum = 1;
	}
	r = io_pwrite(f->fd, &h, sizeof(h), 0, e);
	return r < 0 ? r
		     : io_pwrite(f->fd, &section, sizeof(section), sizeof(h), e);
}

static int write_loads(struct core_file *f, size_t notes, struct err *e)
{
	uint64_t at = sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr);
	Elf64_Phdr v[PHDRS_AT_ONCE] = { { 0 } };
	size_t n = 1;
	int r = 0;

	v[0].p_type = PT_NOTE;
	v[0].p_offset = at + (f->n + 1) * sizeof(Elf64_Phdr);
	v[0].p_filesz = notes;
	v[0].p_align = 4;
	for (size_t i = 0; r == 0 && i < f->n; i++) {
		const struct load *l = &f->loads[i];
		uint64_t len = l->end - l->start;

		v[n++] = (Elf64_Phdr){ .p_type = PT_LOAD,
			.p_flags = l->flags,
			.p_offset = l->offset,
			.p_vaddr = l->start,
			.p_filesz = l->offset ? len : 0,
			.p_memsz = len,
			.p_align = f->c->page_bytes };
		if (n < PHDRS_AT_ONCE && i + 1 < f->n)
			continue;
		r = io_pwrite(f->fd, v, n * sizeof(*v), at, e);
		at += n * sizeof(*v);
		n = 0;
	}
	return r == 0 && n ? io_pwrite(f->fd, v, n * sizeof(*v), at, e) : r;
}

static int lay_out(struct core_file *f, struct err *e)
{
	AUTO_BUF struct buf notes = { 0 };
	size_t run = 0;
	uint64_t size;
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->c->mappings_n; i++)
		r = split(f, &f->c->mappings[i], &run, e);
	buf_init(&notes, CORE_NOTES_BYTES_MAX);
	if (r == 0)
		r = core_notes(&notes, f->c, e);
	if (r < 0)
		return r;
	size = place(f, notes.len);
	if (size > INT64_MAX || ftruncate(f->fd, (off_t)size) < 0)
		return err_sys(e, "make a core of %" PRIu64 " bytes", size);
	r = write_headers(f, e);
	if (r == 0)
		r = write_loads(f, notes.len, e);
	return r < 0 ? r
		     : io_pwrite(f->fd, notes.data, notes.len,
			       sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr) +
				       (f->n + 1) * sizeof(Elf64_Phdr),
			       e);
}

int core_file_create(struct core_file **ret, int dirfd, const char *name,
	const struct core *c, struct err *e)
{
	struct core_file *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_set(e, -ENOMEM, "no memory for a core");
	f->dirfd = dirfd;
	f->c = c;
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	f->fd = io_open(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	f->finished = f->fd < 0; /* not ours to delete */
	r = f->fd < 0 ? f->fd : lay_out(f, e);
	if (r < 0)
		core_file_close(f);
	else
		*ret = f;
	return r;
}

/* The part that holds ${address}; NULL = none. */
static const struct load *find(const struct core_file *f, uint64_t address)
{
	size_t first = 0, end = f->n;

	while (first < end) {
		size_t middle = (first + end) / 2;

		if (address < f->loads[middle].start)
			end = middle;
		else if (address >= f->loads[middle].end)
			first = middle + 1;
		else
			return &f->loads[middle];
	}
	return NULL;
}

int core_file_write(struct core_file *f, uint64_t address, const void *buf,
	size_t len, struct err *e)
{
	const uint8_t *from = buf;

	while (len) {
		const struct load *l = find(f, address);
		size_t n;
		int r;

		if (!l || !l->offset)
			return err_set(e, -ERANGE,
				"no part of the core is at %#" PRIx64, address);
		n = l->end - address < len ? (size_t)(l->end - address) : len;
		r = io_pwrite(
			f->fd, from, n, l->offset + (address - l->start), e);
		if (r < 0)
			return r;
		from += n;
		address += n;
		len -= n;
	}
	return 0;
}

int core_file_finish(struct core_file *f, struct err *e)
{
	int r = io_fsync(f->fd, e);

	f->finished = r == 0;
	return r;
}

void core_file_close(struct core_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		(void)close(f->fd);
	if (!f->finished)
		(void)unlinkat(f->dirfd, f->name, 0);
	free(f->loads);
	free(f);
}
