// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/global_types.h"

const struct global_type global_types[] = {
	{ "__per_cpu_offset", "[?]long unsigned int" },
	{ "__start___tracepoints_ptrs", "[?]int" },
	{ "_etext", "char" },
	{ "_stext", "char" },
	{ "_text", "char" },
	{ "cap_last_cap", "int" },
	{ "cgrp_dfl_root", "struct cgroup_root" },
	{ "class_kset", "*struct kset" },
	{ "fair_sched_class", "struct sched_class" },
	{ "ftrace_list_end", "struct ftrace_ops" },
	{ "ftrace_ops_list", "*struct ftrace_ops" },
	{ "ia32_sys_call_table", "[?]*()" },
	{ "idt_table", "[256]struct gate_struct" },
	{ "inet_protos", "[256]*struct net_protocol" },
	{ "init_cred", "struct cred" },
	{ "init_files", "struct files_struct" },
	{ "init_fs", "struct fs_struct" },
	{ "init_mm", "struct mm_struct" },
	{ "init_net", "struct net" },
	{ "init_nsproxy", "struct nsproxy" },
	{ "init_pid_ns", "struct pid_namespace" },
	{ "init_task", "struct task_struct" },
	{ "init_user_ns", "struct user_namespace" },
	{ "init_uts_ns", "struct uts_namespace" },
	{ "iomem_resource", "struct resource" },
	{ "ioport_resource", "struct resource" },
	{ "keyboard_notifier_list", "struct atomic_notifier_head" },
	{ "link_idr", "struct idr" },
	{ "log_buf", "*char" },
	{ "log_buf_len", "unsigned int" },
	{ "map_idr", "struct idr" },
	{ "max_pfn", "long unsigned int" },
	{ "mem_map", "*struct page" },
	{ "mem_section", "**struct mem_section" },
	{ "mod_tree", "struct mod_tree_root" },
	{ "module_kset", "*struct kset" },
	{ "modules", "struct list_head" },
	{ "mount_hashtable", "*struct hlist_head" },
	{ "net_namespace_list", "struct list_head" },
	{ "node_data", "[?]*struct pglist_data" },
	{ "nr_cpu_ids", "unsigned int" },
	{ "num_registered_fb", "int" },
	{ "page_offset_base", "long unsigned int" },
	{ "phys_base", "long unsigned int" },
	{ "pid_hash", "*struct hlist_head" },
	{ "pidhash_shift", "unsigned int" },
	{ "prb", "*struct printk_ringbuffer" },
	{ "printk_rb_static", "struct printk_ringbuffer" },
	{ "prog_idr", "struct idr" },
	{ "ptype_all", "struct list_head" },
	{ "ptype_base", "[16]struct list_head" },
	{ "raw_seq_afinfo", "struct raw_seq_afinfo" },
	{ "registered_fb", "[32]*struct fb_info" },
	{ "rt_sched_class", "struct sched_class" },
	{ "saved_command_line", "*char" },
	{ "security_hook_heads", "struct security_hook_heads" },
	{ "slab_caches", "struct list_head" },
	{ "socket_file_ops", "struct file_operations" },
	{ "sockfs_dentry_operations", "struct dentry_operations" },
	{ "super_blocks", "struct list_head" },
	{ "sys_call_table", "[?]*()" },
	{ "tcp4_seq_afinfo", "struct tcp_seq_afinfo" },
	{ "tcp4_seq_ops", "struct seq_operations" },
	{ "tcp6_seq_afinfo", "struct tcp_seq_afinfo" },
	{ "tcp6_seq_ops", "struct seq_operations" },
	{ "tcp_hashinfo", "struct inet_hashinfo" },
	{ "timekeeper", "struct timekeeper" },
	{ "tk_core", "{seq,timekeeper}" },
	{ "tty_drivers", "struct list_head" },
	{ "udp4_seq_afinfo", "struct udp_seq_afinfo" },
	{ "udp6_seq_afinfo", "struct udp_seq_afinfo" },
	{ "udp_seq_ops", "struct seq_operations" },
	{ "udp_table", "struct udp_table" },
	{ "udplite4_seq_afinfo", "struct udp_seq_afinfo" },
	{ "udplite6_seq_afinfo", "struct udp_seq_afinfo" },
	{ "vmap_area_list", "struct list_head" },
	{ "vmap_area_root", "struct rb_root" },
	{ "vmemmap_base", "long unsigned int" },
	{ NULL, NULL },
};

static int by_symbol(const void *key, const void *v)
{
	return strcmp(key, ((const struct global_type *)v)->symbol);
}

const char *global_type_find(const char *symbol)
{
	const struct global_type *found = bsearch(symbol, global_types,
		ARRAY_LEN(global_types) - 1, sizeof(*global_types), by_symbol);

	return found ? found->type : NULL;
}
