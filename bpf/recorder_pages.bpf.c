// SPDX-License-Identifier: GPL-2.0-only
/*
 * The content of an executable that nobody can open any more a millisecond
 * later: its pages, from the page cache, before it runs its first instruction.
 * Only of what is a memfd, has no name, or lies in a tmpfs.
 */
#include "recorder_common.h"
#include "recorder_exe.h"

enum {
	XA_NODES = 6, /* of a path to any index */
	XA_MASK = 63,
	XA_INTERNAL = 2,
	XA_VALUE = 1,
	XA_SIBLINGS = 64,
	XA_FOLIO_PAGES = 512,
	PAGE_SHIFT_ = 12,
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} recorder_pages SEC(".maps");

struct taken_key {
	struct recorder_file_key file;
	__u64 ctime_s;
	__u64 size;
};

/* Once is enough. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct taken_key);
	__type(value, __u8);
} recorder_copied SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct recorder_exec);
} recorder_look SEC(".maps");

struct copying {
	struct recorder_exec *exe;
	void *root;
	__u64 vmemmap;
	__u64 direct_map;
	__u32 pages;
};

static __always_inline __u64 index_of(void *folio)
{
	struct page___folio_index *newer = folio;
	struct page___index *page = folio;

	if (bpf_core_field_exists(newer->__folio_index))
		return BPF_CORE_READ(newer, __folio_index);
	return BPF_CORE_READ(page, index);
}

static __always_inline void *slot_at(struct xa_node *node, __u32 i)
{
	void *entry = NULL;

	(void)bpf_probe_read_kernel(&entry, sizeof(entry),
		(void *)node + bpf_core_field_offset(struct xa_node, slots) +
			(__u64)(i & XA_MASK) * sizeof(void *));
	return entry;
}

/* The struct page of ${index}; NULL = it is not in memory. */
static __always_inline void *page_at(void *root, __u64 index)
{
	void *entry = root;
	__u64 first;

	for (__u32 i = 0; i < XA_NODES; i++) {
		struct xa_node *node;
		__u8 shift;

		if (((__u64)entry & 3) != XA_INTERNAL || (__u64)entry < 4096)
			break;
		node = (void *)((__u64)entry - XA_INTERNAL);
		shift = BPF_CORE_READ(node, shift);
		/* Whoever has no room at its level is not there. */
		if (shift > 60 || (i == 0 && index >> shift > XA_MASK))
			return NULL;
		entry = slot_at(node, index >> shift & XA_MASK);
		/* A part of what another slot has. */
		if (((__u64)entry & 3) == XA_INTERNAL &&
			(__u64)entry >> 2 < XA_SIBLINGS)
			entry = slot_at(node, (__u64)entry >> 2);
	}
	if (!entry || (__u64)entry & 3)
		return NULL;
	first = index_of(entry);
	if (index < first || index - first >= XA_FOLIO_PAGES)
		return NULL;
	return entry + (index - first) * bpf_core_type_size(struct page);
}

static __always_inline void put_page(struct copying *c, void *page, __u32 index)
{
	struct recorder_counters *counts = recorder_happened(RECORDER_PAGE);
	struct recorder_exec *exe = c->exe;
	struct recorder_page *p;
	__u64 frame;

	p = bpf_ringbuf_reserve(&recorder_pages, sizeof(*p), 0);
	if (!p) {
		recorder_lost(counts, RECORDER_PAGE);
		return;
	}
	frame = ((__u64)page - c->vmemmap) / bpf_core_type_size(struct page);
	p->head = exe->head;
	p->head.kind = RECORDER_PAGE;
	p->head.bytes = sizeof(*p);
	p->inode = exe->inode;
	p->size = exe->size;
	p->ctime_s = exe->ctime_s;
	p->major = exe->major;
	p->minor = exe->minor;
	p->index = index;
	p->last = index + 1 == c->pages;
	if (bpf_probe_read_kernel(p->data, sizeof(p->data),
		    (void *)(c->direct_map + (frame << PAGE_SHIFT_)))) {
		recorder_lost(counts, RECORDER_PAGE);
		bpf_ringbuf_discard(p, BPF_RB_NO_WAKEUP);
		return;
	}
	bpf_ringbuf_submit(p, BPF_RB_NO_WAKEUP);
}

static long copy(__u32 i, void *ctx)
{
	struct copying *c = ctx;
	void *page;

	if (i >= c->pages)
		return 1;
	page = page_at(c->root, i);
	if (page)
		put_page(c, page, i);
	return 0;
}

static __always_inline int is_new(struct recorder_exec *x)
{
	struct taken_key key = { 0 };
	__u8 yes = 1;

	key.file.inode = x->inode;
	key.file.dev = (__u64)x->major << RECORDER_MINOR_BITS | x->minor;
	key.ctime_s = x->ctime_s;
	key.size = x->size;
	return bpf_map_update_elem(&recorder_copied, &key, &yes, BPF_NOEXIST) ==
	       0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(recorder_on_exec_pages, struct task_struct *task, int old_pid,
	struct linux_binprm *bprm)
{
	struct file *file = BPF_CORE_READ(bprm, file);
	struct file___recorder *f = (void *)file;
	struct copying c = { 0 };
	__u32 zero = 0;

	c.exe = bpf_map_lookup_elem(&recorder_look, &zero);
	if (!c.exe)
		return 0;
	put_exe(c.exe, file);
	if (!(c.exe->exe & (RECORDER_EXE_MEMFD | RECORDER_EXE_DELETED |
				   RECORDER_EXE_TMPFS)) ||
		!is_new(c.exe))
		return 0;
	recorder_who(&c.exe->head, RECORDER_PAGE, 0);
	if (bpf_probe_read_kernel(&c.vmemmap, sizeof(c.vmemmap),
		    (void *)recorder_settings.vmemmap_base) ||
		bpf_probe_read_kernel(&c.direct_map, sizeof(c.direct_map),
			(void *)recorder_settings.page_offset_base))
		return 0;
	c.root = BPF_CORE_READ(f, f_mapping, i_pages.xa_head);
	c.pages = (c.exe->size + RECORDER_PAGE_BYTES - 1) >> PAGE_SHIFT_;
	if (c.exe->size > (__u64)RECORDER_PAGES_MAX << PAGE_SHIFT_)
		c.pages = RECORDER_PAGES_MAX;
	bpf_loop(RECORDER_PAGES_MAX, copy, &c, 0);
	return 0;
}
