// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/kallsyms.h"
#include "base/vmcoreinfo.h"
#include "kernel/peek.h"
#include "kernel/state.h"
#include "kernel/vmcore.h"

enum { PHDRS_MAX = 8448 };

/* The notes of a core file that is open. */
static int read_notes(uint8_t *note, size_t *len, int fd, struct err *e)
{
	Elf64_Ehdr h = { 0 };
	ssize_t n = io_pread(fd, &h, sizeof(h), 0, e);

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(h) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
		h.e_phentsize != sizeof(Elf64_Phdr) || h.e_phnum > PHDRS_MAX)
		return err_set(e, -EBADMSG, "no ELF core");
	for (size_t i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr p;

		n = io_pread(fd, &p, sizeof(p), h.e_phoff + i * sizeof(p), e);
		if (n < 0)
			return (int)n;
		if ((size_t)n < sizeof(p) || p.p_type != PT_NOTE)
			continue;
		if (p.p_filesz > VMCOREINFO_NOTE_BYTES)
			p.p_filesz = VMCOREINFO_NOTE_BYTES;
		n = io_pread(fd, note, p.p_filesz, p.p_offset, e);
		if (n < 0)
			return (int)n;
		*len = (size_t)n;
		return 0;
	}
	return err_set(e, -ENOENT, "it has no notes");
}

int vmcore_from_kcore(struct buf *ret, const char *path, struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, path, O_RDONLY, 0, e);
	AUTO_FREE uint8_t *note = malloc(VMCOREINFO_NOTE_BYTES);
	const char *text = NULL;
	size_t len = 0;
	int r;

	if (fd < 0)
		return fd;
	if (!note)
		return err_set(e, -ENOMEM, "no memory for notes");
	r = read_notes(note, &len, fd, e);
	if (r < 0)
		return err_wrap(e, r, "%s", path);
	r = vmcoreinfo_note(&text, &len, note, len);
	if (r < 0)
		return err_set(e, r, "%s: no note of the kernel", path);
	return buf_append(ret, text, len, e);
}

int vmcore_from_memory(struct buf *ret, struct peek *p, uint64_t data,
	uint64_t size, struct err *e)
{
	uint64_t at = 0, len = 0;
	uint8_t *to = NULL;
	int r;

	if (!data || !size)
		return err_set(e, -ENOENT,
			"no symbols vmcoreinfo_data and vmcoreinfo_size");
	if (peek_u64(p, &at, data) < 0 || peek_u64(p, &len, size) < 0)
		return err_set(e, -EFAULT, "vmcoreinfo cannot be read");
	if (!len || len > VMCOREINFO_BYTES)
		return err_set(e, -EBADMSG, "vmcoreinfo of an impossible size");
	r = buf_reserve(ret, &to, (size_t)len, e);
	if (r < 0)
		return r;
	if (peek_read(p, to, at, (size_t)len) < 0)
		return err_set(e, -EFAULT, "vmcoreinfo cannot be read");
	ret->len += strnlen((const char *)to, (size_t)len);
	return 0;
}

/* The kernel's memory, by a way that is not to be left out. */
static int open_peek(struct peek **ret, unsigned without, struct err *e)
{
	static const unsigned flags[PEEK_KINDS] = {
		[PEEK_BPF] = KSTATE_WITHOUT_BPF,
		[PEEK_KCORE] = KSTATE_WITHOUT_KCORE,
	};
	int r = err_set(e, -EPERM, "left out");

	for (int kind = 0; r < 0 && kind < PEEK_KINDS; kind++)
		if (!(without & flags[kind]))
			r = peek_open(ret, kind, e);
	return r;
}

static int by_memory(struct buf *ret, unsigned without, struct err *e)
{
	struct kallsyms_symbol v[] = { { "vmcoreinfo_data", 0 },
		{ "vmcoreinfo_size", 0 } };
	struct peek *p = NULL;
	int r = open_peek(&p, without, e);

	if (r == 0)
		r = kallsyms_find(v, ARRAY_LEN(v), "/proc/kallsyms", e);
	if (r == 0)
		r = vmcore_from_memory(ret, p, v[0].address, v[1].address, e);
	peek_close(p);
	return r;
}

int vmcore_direct_map(uint64_t *ret, unsigned without, struct err *e)
{
	struct kallsyms_symbol v = { "page_offset_base", 0 };
	struct peek *p = NULL;
	int r = open_peek(&p, without, e);

	if (r == 0)
		r = kallsyms_find(&v, 1, "/proc/kallsyms", e);
	if (r == 0 && !v.address)
		r = err_set(e, -ENOENT, "no symbol %s", v.name);
	if (r == 0 && peek_u64(p, ret, v.address) < 0)
		r = err_set(e, -EFAULT, "%s cannot be read", v.name);
	peek_close(p);
	return r;
}

int vmcore_read(struct buf *ret, const char **by, unsigned without, struct err *e)
{
	struct err why = { 0 }, second = { 0 };
	int r = without & KSTATE_WITHOUT_KCORE
			? err_set(&why, -EPERM, "left out")
			: vmcore_from_kcore(ret, "/proc/kcore", &why);

	if (r == 0) {
		*by = "kcore";
		return 0;
	}
	r = by_memory(ret, without, &second);
	if (r < 0)
		return err_set(e, r, "%s; %s", why.msg, second.msg);
	*by = "memory";
	return 0;
}
