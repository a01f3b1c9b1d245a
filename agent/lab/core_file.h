/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ELF core file (gABI chapter 4, and the notes that Linux writes: struct
 * elf_prstatus, elf_prpsinfo, NT_AUXV, NT_FILE), as gdb reads it.
 *
 * What is known of a mapping is in the file; what is not, and what is only in
 * the mapped file, has a PT_LOAD with p_filesz 0, and never zeros.
 */
#ifndef LAB_CORE_FILE_H
#define LAB_CORE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct core;
struct core_file;
struct err;

/* Zeros are holes of the file; longer runs of them are left out, and told. */
enum { CORE_FILE_ZEROS_MAX = 1 << 30 };

/*
 * core_file_create(ret, dirfd, name, c, e):
 * A new file for ${c}, which is sorted and borrowed: everything but the pages.
 * -EEXIST when the file is there.
 */
int core_file_create(struct core_file **ret, int dirfd, const char *name,
	const struct core *c, struct err *e) MUST_CHECK;

/*
 * core_file_write(f, address, buf, len, e):
 * Bytes of pages, at their place; -ERANGE where nothing known lies.  Any
 * thread.
 */
int core_file_write(struct core_file *f, uint64_t address, const void *buf,
	size_t len, struct err *e) MUST_CHECK;

/*
 * core_file_finish(f, e), core_file_close(f):
 * Make it durable; without that it is deleted as it is closed.
 */
int core_file_finish(struct core_file *f, struct err *e) MUST_CHECK;
void core_file_close(struct core_file *f);

#endif
