// SPDX-License-Identifier: GPL-2.0-only
/*
 * Physical memory by the kernel's direct map.  Nothing is attached: the agent
 * runs these programs with BPF_PROG_RUN.
 *
 * bpf_probe_read_kernel() survives a page without a mapping, but not a machine
 * check, so a page is looked at in vmemmap before it is touched.
 */
#include "kernel_min.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "memory.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the agent sets the number of readers */
	__type(key, __u32);
	__type(value, struct memory_slot);
} memory_slots SEC(".maps");

struct memory_layout memory_layout;
struct memory_symbols memory_symbols;

/*
 * The address of a kernel variable.  The helper came with 5.16, d6aef08a872b
 * ("bpf: Add bpf_kallsyms_lookup_name helper").
 */
#define FIND(name)                                                             \
	({                                                                     \
		char find_name[] = name;                                       \
		__u64 find_at = 0;                                             \
		if (!bpf_core_enum_value_exists(enum bpf_func_id,              \
			    BPF_FUNC_kallsyms_lookup_name) ||                  \
			bpf_kallsyms_lookup_name(                              \
				find_name, sizeof(find_name), 0, &find_at))    \
			find_at = 0;                                           \
		find_at;                                                       \
	})

/*
 * The value of an enumerator that was found to exist.  The barrier keeps clang
 * from moving the load, which does not verify without one, out of the branch.
 */
#define ENUM_VALUE(type, name)                                                 \
	({                                                                     \
		__u64 enum_value = bpf_core_enum_value(type, name);            \
		barrier_var(enum_value);                                       \
		enum_value;                                                    \
	})

static __always_inline int load_u64(__u64 *ret, __u64 at)
{
	return bpf_probe_read_kernel(ret, sizeof(*ret), (void *)at);
}

/*
 * EFI's table of memory that a confidential guest has not accepted from its
 * host yet; touching such a page ends the guest.  Only TDX and SEV-SNP have
 * it: this code has not met real unaccepted memory in a test.
 */
static __always_inline int locate_unaccepted(struct memory_layout *layout)
{
	struct efi_unaccepted_memory *table;
	unsigned long paddr = 0;
	__u64 start, bytes;
	__u32 unit;
	struct efi *efi;

	if (!bpf_core_type_exists(struct efi_unaccepted_memory) ||
		!bpf_core_field_exists(struct efi, unaccepted))
		return MEMORY_OK;
	efi = (struct efi *)FIND("efi");
	if (!efi)
		return MEMORY_NO_SYMBOLS;
	if (bpf_core_read(&paddr, sizeof(paddr), &efi->unaccepted))
		return MEMORY_BAD_LAYOUT;
	if (!paddr || paddr == ~0UL)
		return MEMORY_OK;
	table = (void *)(layout->direct_map + paddr);
	if (bpf_core_read(&unit, sizeof(unit), &table->unit_size) ||
		bpf_core_read(&start, sizeof(start), &table->phys_base) ||
		bpf_core_read(&bytes, sizeof(bytes), &table->size))
		return MEMORY_BAD_LAYOUT;
	/* So a request, which is aligned, lies in one unit. */
	if (!unit || unit % MEMORY_SLOT_BYTES || start % MEMORY_SLOT_BYTES)
		return MEMORY_BAD_LAYOUT;
	layout->unaccepted_bitmap =
		(__u64)table +
		bpf_core_field_offset(struct efi_unaccepted_memory, bitmap);
	layout->unaccepted_start = start;
	layout->unaccepted_units = bytes * 8;
	layout->unaccepted_unit_bytes = unit;
	return MEMORY_OK;
}

/*
 * Where the direct map and vmemmap are.  They are variables on x86_64 with
 * CONFIG_DYNAMIC_MEMORY_LAYOUT.  Of another processor only this function
 * would know how it differs.
 */
static __always_inline int locate_maps(struct memory_layout *layout)
{
#ifdef __TARGET_ARCH_x86
	__u64 at = memory_symbols.page_offset_base;

	if (!at)
		at = FIND("page_offset_base");
	if (!at)
		return MEMORY_NO_SYMBOLS;
	if (load_u64(&layout->direct_map, at))
		return MEMORY_BAD_LAYOUT;
	at = memory_symbols.vmemmap_base;
	if (!at)
		at = FIND("vmemmap_base");
	if (!at)
		return MEMORY_NO_SYMBOLS;
	if (load_u64(&layout->vmemmap, at))
		return MEMORY_BAD_LAYOUT;
	/* The upper half, and KASLR moves both by 1 GiB. */
	if (layout->direct_map >> 63 == 0 || layout->vmemmap >> 63 == 0 ||
		layout->direct_map & ((1 << 30) - 1) ||
		layout->vmemmap & ((1 << 30) - 1))
		return MEMORY_BAD_LAYOUT;
	return MEMORY_OK;
#else
	(void)layout;
	return MEMORY_NO_ARCH;
#endif
}

SEC("syscall")
int memory_locate(void *ctx)
{
	struct memory_layout layout = { 0 };
	int r;

	(void)ctx;
	if (bpf_core_type_size(struct page) > MEMORY_STRUCT_PAGE_MAX)
		return MEMORY_BAD_LAYOUT;
	r = locate_maps(&layout);
	if (r == MEMORY_OK)
		r = locate_unaccepted(&layout);
	if (r == MEMORY_OK)
		memory_layout = layout;
	return r;
}

static __always_inline int is_unaccepted(__u64 paddr)
{
	const struct memory_layout *l = &memory_layout;
	__u64 unit, word = 0;

	if (!l->unaccepted_bitmap || paddr < l->unaccepted_start ||
		!l->unaccepted_unit_bytes)
		return 0;
	unit = (paddr - l->unaccepted_start) / l->unaccepted_unit_bytes;
	if (unit >= l->unaccepted_units)
		return 0;
	/* What cannot be known is not touched. */
	if (load_u64(&word, l->unaccepted_bitmap + unit / 64 * 8))
		return 1;
	return word >> unit % 64 & 1;
}

static __always_inline __u64 page_flags(const void *page)
{
	if (bpf_core_field_exists(struct page, flags))
		return *(const __u64 *)(page + bpf_core_field_offset(
						       struct page, flags));
	return *(const __u64 *)(page + bpf_core_field_offset(
					       struct page___memdesc, flags));
}

/* Without CONFIG_MEMORY_FAILURE there is no such flag. */
static __always_inline int has_hwpoison(__u64 flags)
{
	if (!bpf_core_enum_value_exists(enum pageflags, PG_hwpoison))
		return 0;
	return flags >> ENUM_VALUE(enum pageflags, PG_hwpoison) & 1;
}

/* A page that was given back: by a balloon, virtio-mem, Hyper-V. */
static __always_inline int is_offline(const void *page)
{
	__u32 type = *(const __u32 *)(page + bpf_core_field_offset(
						     struct page, page_type));

	/* 6.12, 4ffca5a96678 ("mm: support only one page_type per page"). */
	if (bpf_core_enum_value_exists(enum pagetype___6_12, PGTY_offline))
		return type >> 24 ==
		       ENUM_VALUE(enum pagetype___6_12, PGTY_offline);
	/* 6.11: both are of an enum; a type is a bit that is clear. */
	if (bpf_core_enum_value_exists(enum pagetype, PG_offline)) {
		__u32 type_base = ENUM_VALUE(enum pagetype, PAGE_TYPE_BASE);
		__u32 bit = ENUM_VALUE(enum pagetype, PG_offline);

		return (type & (type_base | bit)) == type_base;
	}
	/* 6.1: PAGE_TYPE_BASE 0xf0000000, PG_offline 0x100, both macros. */
	return (type & 0xf0000100) == 0xf0000000;
}

/* The head of a huge page, of which tails in a row are asked. */
struct head {
	__u64 at;
	__u64 flags;
};

/*
 * hugetlbfs marks the head alone, whichever page is bad, so a tail of a
 * poisoned head is left alone too.
 */
static __always_inline int in_hwpoison(const void *page, struct head *head)
{
	__u64 at;

	if (has_hwpoison(page_flags(page)))
		return 1;
	if (!bpf_core_field_exists(struct page, compound_head))
		return 0;
	at = *(const __u64 *)(page + bpf_core_field_offset(
					     struct page, compound_head));
	if (!(at & 1))
		return 0;
	if (at != head->at) {
		__u64 off = bpf_core_field_exists(struct page, flags)
				    ? bpf_core_field_offset(struct page, flags)
				    : bpf_core_field_offset(
					      struct page___memdesc, flags);

		head->at = at;
		/* A head that went away meanwhile: an ordinary page. */
		if (load_u64(&head->flags, at - 1 + off))
			head->flags = 0;
	}
	return has_hwpoison(head->flags);
}

/* Copy from ${paddr} to the end of its page, or to ${end}. */
static __always_inline __u8 read_page(
	void *to, const void *page, __u64 paddr, __u64 end, struct head *head)
{
	__u64 bytes = MEMORY_PAGE_BYTES - paddr % MEMORY_PAGE_BYTES;

	if (in_hwpoison(page, head))
		return MEMORY_PAGE_HWPOISON;
	if (is_offline(page))
		return MEMORY_PAGE_OFFLINE;
	if (bytes > end - paddr)
		bytes = end - paddr;
	barrier_var(bytes);
	if (bytes > MEMORY_PAGE_BYTES ||
		bpf_probe_read_kernel(
			to, bytes, (void *)(memory_layout.direct_map + paddr)))
		return MEMORY_PAGE_NO_DIRECT_MAP;
	return MEMORY_PAGE_DATA;
}

static __always_inline void set_all(struct memory_slot *slot, __u8 status)
{
	for (int i = 0; i < MEMORY_SLOT_PAGES; i++)
		slot->status[i] = status;
}

SEC("syscall")
int memory_read(struct memory_request *request)
{
	__u64 start = request->paddr, len = request->len;
	__u64 base = start & -(__u64)MEMORY_PAGE_BYTES, end = start + len;
	__u64 pages = (end - base + MEMORY_PAGE_BYTES - 1) / MEMORY_PAGE_BYTES;
	const __u64 page_size = bpf_core_type_size(struct page);
	__u64 struct_bytes = pages * page_size;
	struct head head = { 0 };
	struct memory_slot *slot;
	__u32 index = request->slot;

	slot = bpf_map_lookup_elem(&memory_slots, &index);
	/* For the verifier of 6.1 the product has no bounds of its own. */
	barrier_var(struct_bytes);
	if (!slot || pages > MEMORY_SLOT_PAGES ||
		page_size > MEMORY_STRUCT_PAGE_MAX ||
		struct_bytes > sizeof(slot->struct_pages))
		return MEMORY_BAD_REQUEST;
	if (is_unaccepted(start)) {
		set_all(slot, MEMORY_PAGE_UNACCEPTED);
		return MEMORY_OK;
	}
	/* Without a struct page nobody knows what the page is. */
	if (bpf_probe_read_kernel(slot->struct_pages, struct_bytes,
		    (void *)(memory_layout.vmemmap +
			     base / MEMORY_PAGE_BYTES * page_size))) {
		set_all(slot, MEMORY_PAGE_NOT_MAPPED);
		return MEMORY_OK;
	}
	for (__u32 i = 0; i < MEMORY_SLOT_PAGES && i < pages; i++) {
		__u64 at = (__u64)i * MEMORY_PAGE_BYTES;
		/* Only the first page may begin behind its beginning. */
		__u64 skip = i ? 0 : start % MEMORY_PAGE_BYTES;

		slot->status[i] = read_page(slot->data + at + skip,
			slot->struct_pages + i * page_size, base + at + skip,
			end, &head);
	}
	return MEMORY_OK;
}
