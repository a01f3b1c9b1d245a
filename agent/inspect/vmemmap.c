// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/vmcoreinfo.h"
#include "inspect/captured.h"
#include "inspect/vmemmap.h"
#include "symbols/kernel_files.h"

enum { ENTRIES = 64 }; /* that are read together */

/* x86-64 without CONFIG_DYNAMIC_MEMORY_LAYOUT: arch/x86/include/asm. */
#define X86_PAGE_OFFSET 0xffff888000000000ULL
#define X86_VMEMMAP	0xffffea0000000000ULL

struct table {
	uint64_t start; /* of the entry of page 0, which need not be there */
	uint64_t direct; /* where physical address 0 would be mapped */
	unsigned page_shift;
	uint32_t entry_bytes;
};

static int x86_table(struct table *t, const struct captured *c, struct err *e)
{
	uint64_t table = captured_symbol(c, "vmemmap_base");
	uint64_t direct = captured_symbol(c, "page_offset_base");

	t->start = X86_VMEMMAP;
	t->direct = X86_PAGE_OFFSET;
	if ((table && peek_u64(&c->peek->base, &t->start, table) < 0) ||
		(direct && peek_u64(&c->peek->base, &t->direct, direct) < 0))
		return err_set(
			e, -EFAULT, "no vmemmap_base, no page_offset_base");
	return 0;
}

/* arch/arm64/include/asm/pgtable.h: the table begins with the first RAM. */
static int arm64_table(struct table *t, const struct captured *c, struct err *e)
{
	const struct kernel_files *k = c->files;
	uint64_t start;

	if (!k->has_direct_map ||
		vmcoreinfo_number(&start, (const char *)k->vmcoreinfo.data,
			k->vmcoreinfo.len, "NUMBER(VMEMMAP_START)") < 0)
		return err_set(e, -EOPNOTSUPP,
			"vmcoreinfo does not tell where the table of pages is");
	t->start = start - (k->phys_offset >> t->page_shift) * t->entry_bytes;
	t->direct = k->direct_map;
	return 0;
}

static int see_range(const struct table *t, const struct captured *c,
	struct range at, vmemmap_see *see, void *arg, struct err *e)
{
	uint8_t entries[ENTRIES * VMEMMAP_ENTRY_MAX];
	uint64_t page = at.start >> t->page_shift;
	uint64_t end = at.end >> t->page_shift;
	int r = 0;

	while (r == 0 && page < end) {
		uint64_t n = ENTRIES - page % ENTRIES;

		n = end - page < n ? end - page : n;
		if (peek_read(&c->peek->base, entries,
			    t->start + page * t->entry_bytes,
			    n * t->entry_bytes) < 0)
			n = 0;
		for (uint64_t i = 0; r == 0 && i < n; i++)
			r = see(arg, entries + i * t->entry_bytes,
				t->direct + ((page + i) << t->page_shift), e);
		page += n ? n : ENTRIES - page % ENTRIES;
	}
	return r;
}

int vmemmap_each(const struct captured *c, uint32_t entry_bytes,
	vmemmap_see *see, void *arg, struct err *e)
{
	const struct ranges *known = c->known;
	struct table t = { .page_shift = c->translate.page_shift,
		.entry_bytes = entry_bytes };
	int r;

	if (!entry_bytes || entry_bytes > VMEMMAP_ENTRY_MAX)
		return err_set(
			e, -EBADMSG, "a struct page of %u bytes", entry_bytes);
	r = c->translate.kind == TRANSLATE_X86_64 ? x86_table(&t, c, e)
						  : arm64_table(&t, c, e);
	for (size_t i = 0; r == 0 && i < known->n; i++)
		r = see_range(&t, c, known->v[i], see, arg, e);
	return r;
}
