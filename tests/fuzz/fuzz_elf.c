// SPDX-License-Identifier: Apache-2.0
/* Whatever an ELF file says of itself, what is made of it lies within its own
 * limits; also of a file that is shorter than it was when it was opened. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "binary/elf_traits.h"
#include "binary/reasons.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct file {
	const uint8_t *p;
	size_t size;
	uint64_t read; /* bytes that were asked for */
};

static ssize_t read_file(
	void *arg, void *buf, size_t len, uint64_t offset, struct err *e)
{
	struct file *f = arg;
	size_t n = offset < f->size ? f->size - (size_t)offset : 0;

	(void)e;
	f->read += len;
	if (n > len)
		n = len;
	memcpy(buf, f->p + (n ? offset : 0), n);
	return (ssize_t)n;
}

static void check_text(const struct elf_traits *t, uint32_t at)
{
	assert(at < t->text.len);
	assert(!at || memchr(t->text.data + at, 0, t->text.len - at));
}

static void check(const struct elf_traits *t)
{
	check_text(t, t->interpreter_at);
	check_text(t, t->soname_at);
	check_text(t, t->rpath_at);
	check_text(t, t->runpath_at);
	assert(t->needed_n <= ELF_NEEDED_MAX);
	for (size_t i = 0; i < t->needed_n; i++)
		check_text(t, t->needed_at[i]);
	assert(t->segments_n <= ELF_SEGMENTS_MAX);
	assert(t->sections_n <= ELF_SECTIONS_MAX);
	for (size_t i = 0; i < t->sections_n; i++)
		check_text(t, t->sections[i].name_at);
	assert(t->told_n <= ELF_TOLD_MAX);
	for (size_t i = 0; i < t->told_n; i++)
		check_text(t, t->told[i].name_at);
	assert(t->build_id_len <= ELF_BUILD_ID_BYTES);
	assert(t->bits == 32 || t->bits == 64);
}

static void look(const uint8_t *data, size_t size, uint64_t claimed)
{
	struct reasons_facts facts = { .entropy = -1, .size_bytes = claimed };
	struct file f = { data, size, 0 };
	struct elf_traits t;
	struct reasons reasons;
	struct err e = { "" };
	int r = elf_traits_read(&t, claimed, read_file, &f, &e);

	assert(r == 0 || r == 1);
	assert(f.read <= ELF_COPY_BYTES + 64);
	if (r)
		return;
	check(&t);
	facts.elf = &t;
	reasons_find(&reasons, &facts);
	assert(reasons.n <= REASONS_MAX);
	elf_traits_done(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look(data, size, size);
	look(data, size, 1ULL << 33);
	return 0;
}
