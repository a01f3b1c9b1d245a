/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ELF file says of itself (System V ABI, elf(5)), by libelf, of a file
 * that may lie: only headers, tables and strings are read, into a private copy,
 * each at most so many, and what contradicts itself is a trait, not an error.
 */
#ifndef BINARY_ELF_TRAITS_H
#define BINARY_ELF_TRAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

struct err;

enum {
	ELF_SEGMENTS_MAX = 64,
	ELF_SECTIONS_MAX = 128,
	ELF_NEEDED_MAX = 64,
	ELF_SYMBOLS_MAX = 65536, /* looked at */
	ELF_TOLD_MAX = 32, /* of them, those that matter */
	ELF_TEXT_BYTES = 64 << 10, /* of all names together */
	ELF_COPY_BYTES = 8 << 20, /* read of one file */
	ELF_BUILD_ID_BYTES = 64,
};

enum elf_odd {
	ELF_WX_SEGMENT = 1 << 0, /* loaded writable and executable at once */
	ELF_NO_SECTIONS = 1 << 1, /* of a file that is loaded */
	ELF_ENTRY_OUTSIDE = 1 << 2, /* in nothing that is executable */
	ELF_ENTRY_WRITABLE = 1 << 3,
	ELF_ENTRY_LAST = 1 << 4, /* in the last of several executable segments */
	ELF_ENTRY_NO_TEXT = 1 << 5, /* in no section of code */
	ELF_RPATH_WRITABLE = 1 << 6, /* libraries from where others may write */
	ELF_INTERPRETER_ODD = 1 << 7, /* no dynamic linker of a system */
	ELF_EXEC_STACK = 1 << 8,
	ELF_LIES = 1 << 9, /* tables or segments that are not in the file */
	ELF_FEW_IMPORTS = 1 << 10, /* dynamic, and imports next to nothing */
	ELF_NOT_READ = 1 << 11, /* over a limit: not all was looked at */
};

enum elf_made_by {
	ELF_MADE_BY_UNKNOWN,
	ELF_MADE_BY_GO,
	ELF_MADE_BY_RUST,
};

struct elf_region { /* a segment or a section */
	uint32_t name_at; /* of a section, in ->text */
	uint32_t type; /* PT_*, SHT_* */
	uint64_t flags; /* PF_*, SHF_* */
	uint64_t offset;
	uint64_t file_bytes; /* 0 for SHT_NOBITS */
	uint64_t address;
	uint64_t memory_bytes;
};

/* A symbol that matters: what a library of an attacker wants to be asked
 * instead of libc (exported), or what lets a program into others (imported). */
struct elf_told {
	uint32_t name_at;
	bool exported;
};

/* Offsets "_at" are of ->text; 0 = not told. */
struct elf_traits {
	uint32_t type; /* ET_* */
	uint32_t machine; /* EM_* */
	uint32_t bits; /* 32 or 64 */
	uint64_t entry;
	uint32_t odd; /* enum elf_odd */
	enum elf_made_by made_by;
	uint32_t interpreter_at;
	uint32_t soname_at;
	uint32_t rpath_at;
	uint32_t runpath_at;
	uint32_t needed_at[ELF_NEEDED_MAX];
	size_t needed_n;
	struct elf_region segments[ELF_SEGMENTS_MAX];
	size_t segments_n;
	struct elf_region sections[ELF_SECTIONS_MAX];
	size_t sections_n;
	struct elf_told told[ELF_TOLD_MAX];
	size_t told_n;
	uint64_t imports;
	uint64_t exports;
	uint8_t build_id[ELF_BUILD_ID_BYTES];
	size_t build_id_len;
	uint64_t end; /* behind everything that the headers speak of */
	bool dynamic;
	bool signed_module; /* a signature is appended, as of kernel modules */
	struct buf text;
};

/*
 * elf_read(arg, buf, len, offset, e):
 * Read at most ${len} bytes of the file; return the count.
 */
typedef ssize_t elf_read(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e);

/*
 * elf_traits_read(ret, size, read, arg, e), elf_traits_done(t):
 * Look at a file of ${size} bytes.  Return 0, or 1 when it is no ELF file and
 * ${ret} is empty; a negative return is an error of ${read} or -ENOMEM.
 */
int elf_traits_read(struct elf_traits *ret, uint64_t size, elf_read *read,
	void *arg, struct err *e) MUST_CHECK;
void elf_traits_done(struct elf_traits *t);

/*
 * elf_text(t, at): the string there; NULL when it is not told.
 */
static inline const char *elf_text(const struct elf_traits *t, uint32_t at)
{
	return at ? (const char *)t->text.data + at : NULL;
}

#endif
