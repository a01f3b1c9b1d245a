// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>
#include <string.h>

#include "binary/elf_internal.h"

enum { FEW_IMPORTS = 4 };

/* As the ABIs of Linux have them; "*" crosses slashes. */
static const char *const interpreters[] = {
	"/lib*/ld-linux*.so*",
	"/lib*/ld-musl-*.so*",
	"/lib*/ld64.so.*",
	"/lib*/ld.so.*",
	"/lib*/ld-*.so*",
	"/usr/lib*/ld-linux*.so*",
};

static const char *const writable[] = {
	"/tmp",
	"/var/tmp",
	"/dev/shm",
	"/run/user",
	"/dev/mqueue",
};

static bool is_loaded(const struct elf_traits *t)
{
	return t->type == ET_EXEC || t->type == ET_DYN;
}

static bool holds(const struct elf_region *g, uint64_t address)
{
	return address >= g->address && address - g->address < g->memory_bytes;
}

static void judge_segments(struct elf_traits *t)
{
	size_t executable = 0, at = 0;
	bool found = false;

	for (size_t i = 0; i < t->segments_n; i++) {
		const struct elf_region *g = &t->segments[i];

		if (g->type == PT_GNU_STACK && g->flags & PF_X)
			t->odd |= ELF_EXEC_STACK;
		if (g->type != PT_LOAD || !(g->flags & PF_X))
			continue;
		executable++;
		if (g->flags & PF_W)
			t->odd |= ELF_WX_SEGMENT;
		if (!holds(g, t->entry))
			continue;
		found = true;
		at = executable;
		if (g->flags & PF_W)
			t->odd |= ELF_ENTRY_WRITABLE;
	}
	if (!t->entry)
		return; /* a library has none */
	if (!found)
		t->odd |= ELF_ENTRY_OUTSIDE;
	else if (executable > 1 && at == executable)
		t->odd |= ELF_ENTRY_LAST;
}

static void judge_sections(struct elf_traits *t)
{
	if (!t->sections_n) {
		t->odd |= ELF_NO_SECTIONS;
		return;
	}
	if (!t->entry)
		return;
	for (size_t i = 0; i < t->sections_n; i++) {
		const struct elf_region *s = &t->sections[i];

		if (s->flags & SHF_EXECINSTR && holds(s, t->entry))
			return;
	}
	t->odd |= ELF_ENTRY_NO_TEXT;
}

static void judge_interpreter(struct elf_traits *t)
{
	const char *path = elf_text(t, t->interpreter_at);

	if (!path)
		return;
	for (size_t i = 0; i < ARRAY_LEN(interpreters); i++)
		if (fnmatch(interpreters[i], path, 0) == 0)
			return;
	t->odd |= ELF_INTERPRETER_ODD;
}

/* One directory of a list with ":". */
static bool is_writable_by_others(const char *dir, size_t len)
{
	/* Relative: wherever the process happens to be. */
	if (!len || (*dir != '/' && *dir != '$'))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(writable); i++) {
		size_t n = strlen(writable[i]);

		if (len >= n && memcmp(dir, writable[i], n) == 0 &&
			(len == n || dir[n] == '/'))
			return true;
	}
	return false;
}

static void judge_rpath(struct elf_traits *t, uint32_t at)
{
	const char *p = elf_text(t, at);

	while (p && *p) {
		size_t len = strcspn(p, ":");

		if (is_writable_by_others(p, len))
			t->odd |= ELF_RPATH_WRITABLE;
		p += len + (p[len] == ':');
	}
}

void elf_judge(struct elf_traits *t)
{
	if (!is_loaded(t))
		return;
	judge_segments(t);
	judge_sections(t);
	judge_interpreter(t);
	judge_rpath(t, t->rpath_at);
	judge_rpath(t, t->runpath_at);
	if (t->dynamic && t->interpreter_at && t->imports < FEW_IMPORTS)
		t->odd |= ELF_FEW_IMPORTS;
}
