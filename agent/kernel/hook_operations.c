// SPDX-License-Identifier: Apache-2.0
/*
 * Structures of functions by which files are served: those that the kernel
 * has symbols of, what the entries of /proc and of init_net's /proc/net point
 * at, and the roots of mounted /proc and /sys; and netfilter's hooks.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/hook_internal.h"
#include "kernel/layout.h"
#include "kernel/walk.h"

enum { NAME_CHARS = 48, NF_HOOKS_MAX = 1024 };

static const struct {
	const char *symbol;
	const char *type;
} operations[] = {
	{ "proc_root_operations", "file_operations" },
	{ "proc_tgid_base_operations", "file_operations" },
	{ "proc_task_operations", "file_operations" },
	{ "proc_fd_operations", "file_operations" },
	{ "proc_dir_operations", "file_operations" },
	{ "proc_net_operations", "file_operations" },
	{ "proc_reg_file_ops", "file_operations" },
	{ "proc_single_file_operations", "file_operations" },
	{ "kernfs_dir_fops", "file_operations" },
	{ "kernfs_file_fops", "file_operations" },
	{ "socket_file_ops", "file_operations" },
	{ "proc_seq_ops", "proc_ops" },
	{ "proc_single_ops", "proc_ops" },
	{ "proc_net_seq_ops", "proc_ops" },
	{ "proc_net_single_ops", "proc_ops" },
	{ "modules_proc_ops", "proc_ops" },
	{ "kallsyms_proc_ops", "proc_ops" },
	{ "modules_op", "seq_operations" },
	{ "kallsyms_op", "seq_operations" },
	{ "tcp4_seq_ops", "seq_operations" },
	{ "tcp6_seq_ops", "seq_operations" },
	{ "udp_seq_ops", "seq_operations" },
	{ "udp6_seq_ops", "seq_operations" },
	{ "raw_seq_ops", "seq_operations" },
	{ "unix_seq_ops", "seq_operations" },
	{ "packet_seq_ops", "seq_operations" },
	{ "mounts_op", "seq_operations" },
	{ "proc_pid_maps_op", "seq_operations" },
};

const char *hook_operations_symbol(size_t i)
{
	return i < ARRAY_LEN(operations) ? operations[i].symbol : NULL;
}

struct super_layout {
	struct hook_walk *walk;
	uint32_t list, type, type_name, root, inode, fop;
};

/* What lists the root of /proc, wherever it is mounted. */
static int see_super(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct super_layout *l = arg;
	struct peek *p = l->walk->state->peek;
	uint64_t type, name, root, inode, fop;
	char text[NAME_CHARS], slot[NAME_CHARS + 8];

	(void)index;
	at -= l->list;
	if (peek_u64(p, &type, at + l->type) < 0 ||
		peek_u64(p, &name, type + l->type_name) < 0 ||
		peek_text(p, text, sizeof(text), name) < 0)
		return err_set(e, -EFAULT, "no super_block");
	if (strcmp(text, "proc") != 0 && strcmp(text, "sysfs") != 0)
		return 0;
	/* One that is being unmounted has no root any more. */
	if (peek_u64(p, &root, at + l->root) < 0 || !root ||
		peek_u64(p, &inode, root + l->inode) < 0 ||
		peek_u64(p, &fop, inode + l->fop) < 0)
		return 0;
	(void)snprintf(slot, sizeof(slot), "%s root", text);
	return hook_structure(l->walk, "file_operations", slot, fop, e);
}

static int walk_supers(struct hook_walk *w, struct err *e)
{
	uint64_t at = hook_symbol(w, "super_blocks", e);
	struct super_layout l = { .walk = w };
	const struct layout_want wants[] = {
		{ "super_block", "s_list", &l.list },
		{ "super_block", "s_type", &l.type },
		{ "super_block", "s_root", &l.root },
		{ "file_system_type", "name", &l.type_name },
		{ "dentry", "d_inode", &l.inode },
		{ "inode", "i_fop", &l.fop },
	};
	int r = at ? layout_find(w->state->layout, wants, ARRAY_LEN(wants), e)
		   : -ENOENT;

	return r < 0 ? r : walk_list(w->state->peek, at, see_super, &l, e);
}

int hook_walk_operations(struct hook_walk *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(operations); i++) {
		uint64_t at = symbols_address(
			&w->state->symbols, operations[i].symbol);

		if (at)
			r = hook_structure(w, operations[i].type,
				operations[i].symbol, at, e);
	}
	return r < 0 ? r : walk_supers(w, e);
}

struct proc_layout {
	struct hook_walk *walk;
	const char *directory;
	uint32_t ops, seq, name, mode, subdir, node;
	uint64_t single[2]; /* with these ops, seq is a function */
};

static int see_seq(const struct proc_layout *l, uint64_t at, const char *name,
	uint64_t ops, struct err *e)
{
	uint64_t seq;

	if (peek_u64(l->walk->state->peek, &seq, at + l->seq) < 0)
		return err_set(e, -EFAULT, "no entry of /proc");
	if (!seq)
		return 0;
	if (ops == l->single[0] || ops == l->single[1])
		return hook_add(l->walk, name, at + l->seq, seq, e);
	return hook_structure(l->walk, "seq_operations", name, seq, e);
}

static int see_entry(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	const struct proc_layout *l = arg;
	struct peek *p = l->walk->state->peek;
	char name[NAME_CHARS], slot[NAME_CHARS + 16];
	uint64_t text, ops;
	uint32_t mode;
	int r;

	(void)index;
	at -= l->node;
	if (peek_u64(p, &text, at + l->name) < 0 ||
		peek_text(p, name, sizeof(name), text) < 0 ||
		peek_u64(p, &ops, at + l->ops) < 0 ||
		peek_u32(p, &mode, at + l->mode) < 0)
		return err_set(e, -EFAULT, "no entry of /proc");
	(void)snprintf(slot, sizeof(slot), "%s/%s", l->directory, name);
	if (!ops)
		return 0;
	if (S_ISDIR(mode & S_IFMT))
		return hook_structure(l->walk, "file_operations", slot, ops, e);
	if (!S_ISREG(mode & S_IFMT))
		return 0;
	r = hook_structure(l->walk, "proc_ops", slot, ops, e);
	return r < 0 ? r : see_seq(l, at, slot, ops, e);
}

int hook_walk_proc(struct hook_walk *w, struct err *e)
{
	const struct symbols *s = &w->state->symbols;
	uint64_t root = hook_symbol(w, "proc_root", e);
	uint64_t net = symbols_address(s, "init_net"), proc_net = 0;
	struct proc_layout l = { .walk = w, .directory = "/proc" };
	uint32_t net_entry;
	const struct layout_want wants[] = {
		{ "proc_dir_entry", "proc_ops", &l.ops },
		{ "proc_dir_entry", "seq_ops", &l.seq },
		{ "proc_dir_entry", "name", &l.name },
		{ "proc_dir_entry", "mode", &l.mode },
		{ "proc_dir_entry", "subdir", &l.subdir },
		{ "proc_dir_entry", "subdir_node", &l.node },
		{ "net", "proc_net", &net_entry },
	};
	int r = root ? layout_find(w->state->layout, wants, ARRAY_LEN(wants), e)
		     : -ENOENT;

	if (r < 0)
		return r;
	l.single[0] = symbols_address(s, "proc_single_ops");
	l.single[1] = symbols_address(s, "proc_net_single_ops");
	r = walk_tree(w->state->peek, root + l.subdir, see_entry, &l, e);
	if (r < 0 || !net)
		return r;
	if (peek_u64(w->state->peek, &proc_net, net + net_entry) < 0)
		return err_set(e, -EFAULT, "no init_net");
	l.directory = "/proc/net";
	return walk_tree(w->state->peek, proc_net + l.subdir, see_entry, &l, e);
}

struct net_layout {
	struct hook_walk *walk;
	uint32_t list, inum, hooks, entry, fn, num;
	uint32_t family[4], families[4];
	unsigned namespaces;
};

static const char *const families[] = { "ipv4", "ipv6", "arp", "bridge" };

static int see_entries(const struct net_layout *l, const char *slot,
	uint64_t at, struct err *e)
{
	struct peek *p = l->walk->state->peek;
	uint16_t n;
	int r = 0;

	if (peek_read(p, &n, at + l->num, sizeof(n)) < 0 || n > NF_HOOKS_MAX)
		return err_set(e, -EFAULT, "no hooks of %s", slot);
	for (unsigned i = 0; r == 0 && i < n; i++) {
		uint64_t where = at + l->hooks + (uint64_t)i * l->entry + l->fn,
			 target;

		if (peek_u64(p, &target, where) < 0)
			return err_set(e, -EFAULT, "no hooks of %s", slot);
		r = hook_add(l->walk, slot, where, target, e);
	}
	return r;
}

static int see_net(void *arg, uint64_t at, uint64_t index, struct err *e)
{
	struct net_layout *l = arg;
	struct peek *p = l->walk->state->peek;
	int r = 0;

	(void)index;
	at -= l->list;
	if (l->namespaces++ == HOOK_NETNS_MAX)
		return err_set(e, -E2BIG, "more than %d network namespaces",
			HOOK_NETNS_MAX);
	if (peek_u32(p, &l->walk->netns, at + l->inum) < 0)
		return err_set(e, -EFAULT, "no network namespace");
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (uint32_t i = 0; r == 0 && i < l->families[f]; i++) {
			char slot[NAME_CHARS];
			uint64_t entries;

			(void)snprintf(
				slot, sizeof(slot), "%s[%u]", families[f], i);
			if (peek_u64(p, &entries, at + l->family[f] + 8ULL * i) <
				0)
				return err_set(e, -EFAULT, "no hooks");
			if (entries)
				r = see_entries(l, slot, entries, e);
		}
	return r;
}

int hook_walk_netfilter(struct hook_walk *w, struct err *e)
{
	uint64_t at = hook_symbol(w, "net_namespace_list", e);
	struct layout *types = w->state->layout;
	struct net_layout l = { .walk = w };
	const struct layout_want wants[] = {
		{ "net", "list", &l.list },
		{ "net", "ns.inum", &l.inum },
		{ "nf_hook_entries", "num_hook_entries", &l.num },
		{ "nf_hook_entries", "hooks", &l.hooks },
		{ "nf_hook_entry", "hook", &l.fn },
	};
	int r = at ? layout_find(types, wants, ARRAY_LEN(wants), e) : -ENOENT;

	if (r == 0)
		r = layout_size(types, &l.entry, "nf_hook_entry", e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(families); i++) {
		char path[NAME_CHARS];

		/* Which there are is the kernel's configuration. */
		(void)snprintf(path, sizeof(path), "nf.hooks_%s", families[i]);
		if (layout_offset(types, &l.family[i], "net", path, NULL) < 0 ||
			layout_count(types, &l.families[i], "net", path, NULL) < 0)
			l.families[i] = 0;
	}
	if (r == 0)
		r = walk_list(w->state->peek, at, see_net, &l, e);
	w->netns = 0;
	return r;
}
