// SPDX-License-Identifier: Apache-2.0
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

#include "base/err.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "unit/fake_image.h"

/* Each member is 8 bytes, or a structure; in the order of their definition. */
static const struct {
	const char *type;
	const char *member;
	const char *of; /* NULL = a number */
} members[] = {
	{ "xarray", "xa_head", NULL },
	{ "xa_node", "shift", NULL },
	{ "xa_node", "pad1", NULL },
	{ "xa_node", "pad2", NULL },
	{ "xa_node", "pad3", NULL },
	{ "xa_node", "pad4", NULL },
	{ "xa_node", "slots", NULL },
	{ "idr", "idr_rt", "xarray" },
	{ "pid_namespace", "idr", "idr" },
	{ "pid", "tasks", NULL },
	{ "cred", "uid", NULL },
	{ "signal_struct", "pad", NULL },
	{ "signal_struct", "thread_head", NULL },
	{ "sched_entity", "pad", NULL },
	{ "task_struct", "__state", NULL },
	{ "task_struct", "stack", NULL },
	{ "task_struct", "usage", NULL },
	{ "task_struct", "flags", NULL },
	{ "task_struct", "tasks", NULL },
	{ "task_struct", "tasks_prev", NULL },
	{ "task_struct", "mm", NULL },
	{ "task_struct", "exit_state", NULL },
	{ "task_struct", "pid", NULL },
	{ "task_struct", "tgid", NULL },
	{ "task_struct", "real_parent", NULL },
	{ "task_struct", "children", NULL },
	{ "task_struct", "children_prev", NULL },
	{ "task_struct", "sibling", NULL },
	{ "task_struct", "sibling_prev", NULL },
	{ "task_struct", "group_leader", NULL },
	{ "task_struct", "pid_links", NULL },
	{ "task_struct", "pid_links_prev", NULL },
	{ "task_struct", "thread_pid", NULL },
	{ "task_struct", "thread_node", NULL },
	{ "task_struct", "thread_node_prev", NULL },
	{ "task_struct", "start_boottime", NULL },
	{ "task_struct", "real_cred", NULL },
	{ "task_struct", "comm", NULL },
	{ "task_struct", "comm_rest", NULL },
	{ "task_struct", "nsproxy", NULL },
	{ "task_struct", "signal", NULL },
	{ "task_struct", "sighand", NULL },
	{ "task_struct", "cg_list", NULL },
	{ "task_struct", "cg_list_prev", NULL },
	{ "css_set", "hlist", NULL },
	{ "css_set", "hlist_prev", NULL },
	{ "css_set", "tasks", NULL },
	{ "css_set", "tasks_prev", NULL },
	{ "css_set", "mg_tasks", NULL },
	{ "css_set", "mg_tasks_prev", NULL },
	{ "rq", "curr", NULL },
	{ "kmem_cache", "size", NULL },
	{ "kmem_cache", "oo", NULL },
	{ "slab", "flags", NULL },
	{ "slab", "slab_cache", NULL },
	{ "page", "flags", NULL },
	{ "maple_tree", "ma_root", NULL },
	{ "path", "mnt", NULL },
	{ "path", "dentry", NULL },
	{ "file", "f_path", "path" },
	{ "qstr", "name", NULL },
	{ "dentry", "d_parent", NULL },
	{ "dentry", "d_name", "qstr" },
	{ "vfsmount", "mnt_root", NULL },
	{ "mount", "mnt_parent", NULL },
	{ "mount", "mnt_mountpoint", NULL },
	{ "mount", "mnt", "vfsmount" },
	{ "mm_struct", "mm_mt", "maple_tree" },
	{ "mm_struct", "pgd", NULL },
	{ "mm_struct", "exe_file", NULL },
	{ "vm_area_struct", "vm_start", NULL },
	{ "vm_area_struct", "vm_end", NULL },
	{ "vm_area_struct", "vm_flags", NULL },
	{ "vm_area_struct", "vm_pgoff", NULL },
	{ "vm_area_struct", "vm_file", NULL },
	{ "ns_common", "inum", NULL },
	{ "inet_hashinfo", "ehash", NULL },
	{ "inet_hashinfo", "ehash_mask", NULL },
	{ "inet_hashinfo", "lhash2", NULL },
	{ "inet_hashinfo", "lhash2_mask", NULL },
	{ "inet_ehash_bucket", "chain", NULL },
	{ "inet_listen_hashbucket", "lock", NULL },
	{ "inet_listen_hashbucket", "nulls_head", NULL },
	{ "udp_table", "hash", NULL },
	{ "udp_table", "mask", NULL },
	{ "udp_hslot", "head", NULL },
	{ "udp_hslot", "count", NULL },
	{ "unix_table", "buckets", NULL },
	{ "netns_unix", "table", "unix_table" },
	{ "inet_timewait_death_row", "hashinfo", NULL },
	{ "netns_ipv4", "tcp_death_row", "inet_timewait_death_row" },
	{ "netns_ipv4", "udp_table", NULL },
	{ "possible_net_t", "net", NULL },
	{ "net", "list", NULL },
	{ "net", "ns", "ns_common" },
	{ "net", "ipv4", "netns_ipv4" },
	{ "net", "unx", "netns_unix" },
	{ "nsproxy", "net_ns", NULL },
	{ "sock_common", "skc_daddr", NULL },
	{ "sock_common", "skc_rcv_saddr", NULL },
	{ "sock_common", "skc_dport", NULL },
	{ "sock_common", "skc_num", NULL },
	{ "sock_common", "skc_family", NULL },
	{ "sock_common", "skc_state", NULL },
	{ "sock_common", "skc_net", "possible_net_t" },
	{ "sock_common", "skc_node", NULL },
	{ "sock", "__sk_common", "sock_common" },
	{ "sock", "sk_socket", NULL },
	{ "sock", "sk_uid", NULL },
	{ "sock", "sk_type", NULL },
	{ "sock", "sk_protocol", NULL },
	{ "inode", "i_ino", NULL },
	{ "socket_alloc", "socket", NULL },
	{ "socket_alloc", "vfs_inode", "inode" },
	{ "unix_sock", "sk", "sock" },
	{ "unix_sock", "addr", NULL },
	{ "unix_address", "len", NULL },
	{ "unix_address", "name", NULL },
};

/* How large a structure is: its members one behind the other. */
static uint32_t size_of(const char *type)
{
	uint32_t bytes = 0;

	if (!type)
		return 8;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (strcmp(members[i].type, type) == 0)
			bytes += size_of(members[i].of);
	return strcmp(type, "task_struct") == 0 ? FAKE_TASK_BYTES
	       : strcmp(type, "page") == 0	? FAKE_PAGE_ENTRY
						: bytes;
}

uint8_t *fake_image_types(size_t *len)
{
	struct btf *btf = btf__new_empty();
	const void *raw;
	uint32_t at = 0, n = 0;
	uint8_t *ret;
	int number;

	assert(btf);
	number = btf__add_int(btf, "long", 8, 0);
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		int of = number;

		if (i == 0 || strcmp(members[i].type, members[i - 1].type) != 0) {
			at = 0;
			assert(btf__add_struct(btf, members[i].type,
				       size_of(members[i].type)) > 0);
		}
		if (members[i].of)
			of = btf__find_by_name_kind(
				btf, members[i].of, BTF_KIND_STRUCT);
		assert(of > 0 && btf__add_field(btf, members[i].member, of,
					 8 * at, 0) == 0);
		at += size_of(members[i].of);
	}
	raw = btf__raw_data(btf, &n);
	ret = malloc(n);
	assert(raw && ret);
	memcpy(ret, raw, n);
	*len = n;
	btf__free(btf);
	return ret;
}

static int fake_read(struct physical *m, void *ret, uint64_t paddr, size_t len)
{
	const struct fake_image *f = (struct fake_image *)(void *)m;

	if (paddr > f->len || len > f->len - paddr)
		return -ENODATA;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)ret)[i] = paddr + i < FAKE_IMAGE_TABLES
					      ? f->tables[paddr + i]
					      : f->data[paddr + i];
	return 0;
}

static int fake_when(struct physical *m, uint64_t *first_ns, uint64_t *last_ns,
	uint64_t paddr)
{
	const struct fake_image *f = (struct fake_image *)(void *)m;

	*first_ns = 1000 + paddr;
	*last_ns = 2000 + paddr;
	return paddr < f->len ? 0 : -ENODATA;
}

/* A page of 2 MiB at the beginning of the direct map. */
static void map(struct fake_image *f)
{
	const uint64_t entries[] = { 0x1003, 0x2003, 0x83 };
	const uint64_t base = FAKE_IMAGE_BASE;

	for (unsigned i = 0; i < 3; i++)
		memcpy(f->tables + 0x1000 * i + (base >> (39 - 9 * i) & 511) * 8,
			&entries[i], 8);
}

int fake_image_init(
	struct fake_image *f, uint8_t *data, size_t len, struct err *e)
{
	struct captured *c = &f->captured;
	AUTO_FREE uint8_t *types = NULL;
	size_t types_len;
	int r;

	*f = (struct fake_image){ .physical = { fake_read, fake_when },
		.data = data,
		.len = len,
		.range = { 0, len & ~4095ULL },
		.files = { .arch = KERNEL_ARCH_X86_64, .fd = -1 } };
	f->known = (struct ranges){ &f->range, 1, 1 };
	map(f);
	c->files = &f->files;
	c->known = &f->known;
	c->translate = (struct translate){ .memory = &f->physical,
		.kind = TRANSLATE_X86_64,
		.levels = 4,
		.page_shift = 12,
		.va_bits = 48,
		.address_mask = 0x000ffffffffff000ULL };
	r = kstate_new(&c->state, "/dev/null", e);
	if (r == 0)
		captured_want(c);
	if (r == 0)
		r = symbols_scan(&c->state->symbols, "/dev/null", e);
	types = fake_image_types(&types_len);
	if (r == 0)
		r = layout_open_bytes(&c->state->layout, types, types_len, e);
	if (r == 0)
		r = peek_image_new(&c->peek, &f->physical, &c->translate, e);
	if (r == 0)
		c->state->peek = &c->peek->base;
	else
		fake_image_done(f);
	return r;
}

void fake_image_done(struct fake_image *f)
{
	kstate_close(f->captured.state);
	f->captured.state = NULL;
}

void fake_image_symbol(
	struct fake_image *f, const char *name, uint64_t address, uint64_t end)
{
	struct symbol *s = (struct symbol *)(uintptr_t)symbols_find(
		&f->captured.state->symbols, name);

	assert(s);
	s->address = address;
	s->end = end;
}

void fake_image_put(struct fake_image *f, uint64_t paddr, uint64_t v)
{
	assert(paddr >= FAKE_IMAGE_TABLES && paddr + 8 <= f->len);
	memcpy(f->data + paddr, &v, sizeof(v));
}

void fake_image_put32(struct fake_image *f, uint64_t paddr, uint32_t v)
{
	assert(paddr >= FAKE_IMAGE_TABLES && paddr + 4 <= f->len);
	memcpy(f->data + paddr, &v, sizeof(v));
}

uint32_t fake_image_at(struct fake_image *f, const char *type, const char *path)
{
	uint32_t ret = 0;

	assert(layout_offset(
		       f->captured.state->layout, &ret, type, path, NULL) == 0);
	return ret;
}
