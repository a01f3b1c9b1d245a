// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "binary/elf_internal.h"

enum {
	ENTRIES_MAX = 4096,
	STRINGS_BYTES = 4 << 20, /* of the dynamic table of strings */
	SECTIONS_SEEN_MAX = 8192,
};

/* Names that say what a program is up to. */
static const struct {
	const char *name;
	bool exported;
} names[] = {
	{ "ptrace", false },
	{ "process_vm_readv", false },
	{ "process_vm_writev", false },
	{ "memfd_create", false },
	{ "fexecve", false },
	{ "execveat", false },
	{ "init_module", false },
	{ "finit_module", false },
	{ "readdir", true },
	{ "readdir64", true },
	{ "fopen", true },
	{ "fopen64", true },
	{ "open", true },
	{ "open64", true },
	{ "openat", true },
	{ "stat", true },
	{ "lstat", true },
	{ "__xstat", true },
	{ "__lxstat", true },
	{ "access", true },
	{ "unlink", true },
	{ "unlinkat", true },
	{ "execve", true },
	{ "accept", true },
	{ "accept4", true },
	{ "write", true },
	{ "getspnam", true },
	{ "pam_authenticate", true },
	{ "SSL_read", true },
	{ "SSL_write", true },
};

/* Where things are in the copy. */
struct dynamic {
	struct elf_traits *t;
	struct elf_image *im;
	uint64_t strings; /* offset */
	uint64_t strings_bytes;
	uint64_t symbols;
	uint64_t symbols_bytes;
};

/* The offset in the file of an address; false when nothing is loaded there. */
static bool to_offset(uint64_t *ret, const struct elf_traits *t, uint64_t address)
{
	for (size_t i = 0; i < t->segments_n; i++) {
		const struct elf_region *g = &t->segments[i];

		if (g->type != PT_LOAD || address < g->address ||
			address - g->address >= g->file_bytes)
			continue;
		return !__builtin_add_overflow(
			g->offset, address - g->address, ret);
	}
	return false;
}

static int keep_string(
	struct dynamic *d, uint32_t *ret, uint64_t index, struct err *e)
{
	*ret = 0;
	if (index >= d->strings_bytes)
		return 0;
	return elf_keep(ret, d->t, d->im, d->strings + index,
		d->strings_bytes - index, e);
}

static int see_entry(struct dynamic *d, const GElf_Dyn *v, struct err *e)
{
	struct elf_traits *t = d->t;
	int r = 0;

	switch (v->d_tag) {
	case DT_NEEDED:
		if (t->needed_n < ELF_NEEDED_MAX) {
			r = keep_string(d, &t->needed_at[t->needed_n],
				v->d_un.d_val, e);
			t->needed_n += t->needed_at[t->needed_n] != 0;
		} else {
			t->odd |= ELF_NOT_READ;
		}
		return r;
	case DT_SONAME:
		return keep_string(d, &t->soname_at, v->d_un.d_val, e);
	case DT_RPATH:
		return keep_string(d, &t->rpath_at, v->d_un.d_val, e);
	case DT_RUNPATH:
		return keep_string(d, &t->runpath_at, v->d_un.d_val, e);
	default:
		return 0;
	}
}

/* Where the strings and symbols are, by what the entries say. */
static int find_tables(struct dynamic *d, Elf_Data *data, size_t n, struct err *e)
{
	uint64_t strings = 0, symbols = 0;
	GElf_Dyn v;
	int r;

	for (size_t i = 0; i < n && gelf_getdyn(data, (int)i, &v); i++) {
		if (v.d_tag == DT_NULL)
			break;
		if (v.d_tag == DT_STRTAB)
			strings = v.d_un.d_ptr;
		else if (v.d_tag == DT_SYMTAB)
			symbols = v.d_un.d_ptr;
		else if (v.d_tag == DT_STRSZ)
			d->strings_bytes = v.d_un.d_val;
	}
	if (!to_offset(&d->strings, d->t, strings)) {
		d->strings_bytes = 0;
		return 0;
	}
	if (d->strings_bytes > STRINGS_BYTES) {
		d->strings_bytes = STRINGS_BYTES;
		d->im->over = true;
	}
	r = elf_image_fetch(d->im, d->strings, d->strings_bytes, e);
	if (r != 0)
		d->strings_bytes = 0;
	/* The strings lie behind the symbols, wherever one looked. */
	if (symbols < strings && to_offset(&d->symbols, d->t, symbols))
		d->symbols_bytes = strings - symbols;
	return r < 0 ? r : 0;
}

/* A table of sections says how many symbols there are. */
static void find_symbols(struct dynamic *d)
{
	for (size_t i = 0; i < d->t->sections_n; i++) {
		const struct elf_region *s = &d->t->sections[i];

		if (s->type == SHT_DYNSYM) {
			d->symbols = s->offset;
			d->symbols_bytes = s->file_bytes;
		}
	}
}

static int see_symbol(struct dynamic *d, const GElf_Sym *s, struct err *e)
{
	bool exported = s->st_shndx != SHN_UNDEF;
	struct elf_traits *t = d->t;
	const char *name = (const char *)d->im->p + d->strings + s->st_name;
	size_t room, len;

	if (!s->st_name || s->st_name >= d->strings_bytes)
		return 0;
	if (exported)
		t->exports++;
	else
		t->imports++;
	room = d->strings_bytes - s->st_name;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct elf_told *told = &t->told[t->told_n];

		len = strlen(names[i].name);
		if (names[i].exported != exported || len >= room ||
			memcmp(name, names[i].name, len + 1) != 0)
			continue;
		if (t->told_n == ELF_TOLD_MAX)
			return 0;
		told->exported = exported;
		t->told_n++;
		return keep_string(d, &told->name_at, s->st_name, e);
	}
	return 0;
}

static int read_symbols(struct dynamic *d, struct err *e)
{
	size_t one = gelf_fsize(d->im->elf, ELF_T_SYM, 1, EV_CURRENT), n;
	Elf_Data *data;
	GElf_Sym s;
	int r;

	find_symbols(d);
	n = one ? d->symbols_bytes / one : 0;
	if (n > ELF_SYMBOLS_MAX) {
		n = ELF_SYMBOLS_MAX;
		d->im->over = true;
	}
	if (!n || !d->strings_bytes)
		return 0;
	r = elf_image_fetch(d->im, d->symbols, n * one, e);
	if (r != 0)
		return r < 0 ? r : 0;
	data = elf_getdata_rawchunk(
		d->im->elf, (int64_t)d->symbols, n * one, ELF_T_SYM);
	for (size_t i = 1; r == 0 && data && i < n; i++)
		if (gelf_getsym(data, (int)i, &s))
			r = see_symbol(d, &s, e);
	return r;
}

static int read_dynamic(
	struct dynamic *d, const struct elf_region *g, struct err *e)
{
	size_t one = gelf_fsize(d->im->elf, ELF_T_DYN, 1, EV_CURRENT);
	size_t n = one ? g->file_bytes / one : 0;
	Elf_Data *data;
	GElf_Dyn v;
	int r;

	if (n > ENTRIES_MAX) {
		n = ENTRIES_MAX;
		d->im->over = true;
	}
	if (!n)
		return 0;
	r = elf_image_fetch(d->im, g->offset, n * one, e);
	if (r != 0)
		return r < 0 ? r : 0;
	data = elf_getdata_rawchunk(
		d->im->elf, (int64_t)g->offset, n * one, ELF_T_DYN);
	if (!data)
		return 0;
	r = find_tables(d, data, n, e);
	for (size_t i = 0; r == 0 && i < n && gelf_getdyn(data, (int)i, &v); i++) {
		if (v.d_tag == DT_NULL)
			break;
		r = see_entry(d, &v, e);
	}
	return r < 0 ? r : read_symbols(d, e);
}

int elf_dynamic_read(struct elf_traits *t, struct elf_image *im, struct err *e)
{
	struct dynamic d = { .t = t, .im = im };

	for (size_t i = 0; i < t->segments_n; i++) {
		if (t->segments[i].type != PT_DYNAMIC)
			continue;
		t->dynamic = true;
		return read_dynamic(&d, &t->segments[i], e);
	}
	return 0;
}
