// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/kallsyms.h"
#include "base/num.h"
#include "base/vmcoreinfo.h"
#include "symbols/numbers.h"

/* arch/x86/include/asm/page_64_types.h, and CONFIG_PHYSICAL_START. */
#define START_KERNEL_MAP 0xffffffff80000000ULL
#define LINKED_AT	 (START_KERNEL_MAP + 0x1000000ULL)

enum { PAGE_BYTES = 4096, VA_BITS_MIN = 36, VA_BITS_MAX = 52 };

enum kernel_arch kernel_arch_of(const char *machine)
{
	if (strcmp(machine, "x86_64") == 0)
		return KERNEL_ARCH_X86_64;
	return strcmp(machine, "aarch64") == 0 ? KERNEL_ARCH_ARM64
					       : KERNEL_ARCH_UNKNOWN;
}

static bool number(uint64_t *ret, const struct kernel_files *k, const char *key)
{
	return vmcoreinfo_number(ret, (const char *)k->vmcoreinfo.data,
		       k->vmcoreinfo.len, key) == 0;
}

/* Where the root table lies, by what is known. */
static void find_dtb(struct kernel_files *k)
{
	if (!k->swapper_pg_dir)
		return;
	if (k->arch == KERNEL_ARCH_X86_64 && k->has_phys_base)
		k->dtb = k->swapper_pg_dir - START_KERNEL_MAP + k->phys_base;
	if (k->arch == KERNEL_ARCH_ARM64 && k->kimage_voffset)
		k->dtb = k->swapper_pg_dir - k->kimage_voffset;
}

static void arm64_numbers(struct kernel_files *k)
{
	uint64_t bits = 0;

	(void)number(&k->kimage_voffset, k, "NUMBER(kimage_voffset)");
	if (!number(&bits, k, "NUMBER(VA_BITS)") || bits < VA_BITS_MIN ||
		bits > VA_BITS_MAX)
		return;
	k->va_bits = (unsigned)bits;
	/* arch/arm64/include/asm/memory.h: PAGE_OFFSET maps PHYS_OFFSET. */
	if (number(&k->phys_offset, k, "NUMBER(PHYS_OFFSET)")) {
		k->has_direct_map = true;
		k->direct_map = -(1ULL << bits) - k->phys_offset;
	}
}

void kernel_files_numbers(struct kernel_files *k)
{
	uint64_t v = 0;

	if (number(&v, k, "PAGESIZE") && !k->page_bytes)
		k->page_bytes = v;
	k->has_phys_base = number(&k->phys_base, k, "NUMBER(phys_base)");
	k->has_kaslr = number(&k->kaslr_bytes, k, "KERNELOFFSET");
	k->la57 = number(&v, k, "NUMBER(pgtable_l5_enabled)") && v == 1;
	(void)number(&k->swapper_pg_dir, k, "SYMBOL(swapper_pg_dir)");
	if (k->arch == KERNEL_ARCH_ARM64)
		arm64_numbers(k);
	find_dtb(k);
}

/* "  05600000-06a02301 : Kernel code": its start. */
static bool kernel_code(uint64_t *ret, const struct buf *iomem)
{
	static const char what[] = " : Kernel code";
	const char *text = (const char *)iomem->data;
	const char *end = iomem->len ? text + iomem->len : text;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		const char *at;

		if (!eol)
			return false;
		at = memmem(text, (size_t)(eol - text), what, sizeof(what) - 1);
		if (at && at + sizeof(what) - 1 == eol) {
			while (*text == ' ')
				text++;
			return num_hex(ret, text) > 0 && *ret;
		}
		text = eol + 1;
	}
	return false;
}

static bool uses_la57(const struct buf *cpuinfo)
{
	return cpuinfo->len &&
	       memmem(cpuinfo->data, cpuinfo->len, " la57 ", 6) != NULL;
}

enum { TEXT, STEXT, END, TOP_PGT, SWAPPER, SYMBOLS };

/* Of a kernel whose vmcoreinfo is not there. */
static void x86_numbers(struct kernel_files *k,
	const struct kallsyms_symbol v[SYMBOLS], const struct buf *iomem,
	const struct buf *cpuinfo)
{
	uint64_t code = 0;

	k->la57 = uses_la57(cpuinfo);
	k->swapper_pg_dir =
		v[TOP_PGT].address ? v[TOP_PGT].address : v[SWAPPER].address;
	if (v[TEXT].address < LINKED_AT)
		return;
	k->has_kaslr = true;
	k->kaslr_bytes = v[TEXT].address - LINKED_AT;
	if (kernel_code(&code, iomem)) {
		k->has_phys_base = true;
		k->phys_base = code - (v[TEXT].address - START_KERNEL_MAP);
	}
	find_dtb(k);
}

static void find_image(struct kernel_files *k, uint64_t text, uint64_t end)
{
	uint64_t page = k->page_bytes ? k->page_bytes : PAGE_BYTES;

	if (!text || end <= text || end > -page)
		return;
	if (k->arch == KERNEL_ARCH_X86_64 && k->has_phys_base)
		k->image_paddr = text - START_KERNEL_MAP + k->phys_base;
	else if (k->arch == KERNEL_ARCH_ARM64 && k->kimage_voffset)
		k->image_paddr = text - k->kimage_voffset;
	else
		return;
	k->image_start = text & -page;
	k->image_end = (end + page - 1) & -page;
	k->image_paddr &= -page;
}

int numbers_by_texts(struct kernel_files *k, const struct buf *iomem,
	const struct buf *cpuinfo, struct err *e)
{
	struct kallsyms_symbol v[SYMBOLS] = {
		[TEXT] = { "_text", 0 },
		[STEXT] = { "_stext", 0 },
		[END] = { "_end", 0 },
		[TOP_PGT] = { "init_top_pgt", 0 },
		[SWAPPER] = { "swapper_pg_dir", 0 },
	};
	int r = k->kallsyms[0] ? kallsyms_find(v, ARRAY_LEN(v), k->kallsyms, e)
			       : 0;

	if (r < 0 && r != -EBADMSG && r != -EFBIG)
		return r;
	k->kallsyms_hidden = k->kallsyms[0] && !v[STEXT].address;
	if (!k->page_bytes && k->arch == KERNEL_ARCH_X86_64)
		k->page_bytes = PAGE_BYTES;
	if (!k->vmcoreinfo.len && k->arch == KERNEL_ARCH_X86_64)
		x86_numbers(k, v, iomem, cpuinfo);
	find_image(k, v[TEXT].address, v[END].address);
	return 0;
}
