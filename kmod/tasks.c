// SPDX-License-Identifier: GPL-2.0-only
#include <linux/build_bug.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "tasks.h"
#include "uapi/icecore.h"

static void tell(struct icecore_task *ret, struct task_struct *leader,
	struct task_struct *t, struct pid_namespace *ns)
{
	const struct task_struct *parent = rcu_dereference(t->real_parent);

	ret->start_boot_ns = t->start_boottime;
	ret->pid = task_pid_nr_ns(leader, ns);
	ret->tid = task_pid_nr_ns(t, ns);
	ret->ppid = task_tgid_nr_ns((struct task_struct *)parent, ns);
	ret->uid = from_kuid_munged(current_user_ns(), task_uid(t));
	ret->is_kthread = !!(t->flags & PF_KTHREAD);
	memcpy(ret->comm, t->comm, sizeof(ret->comm));
	ret->comm[sizeof(ret->comm) - 1] = 0;
}

/* How many there are; the first ${cap} are told. */
static u32 walk(struct icecore_task *ret, u32 cap)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct task_struct *leader, *t;
	u32 n = 0;

	rcu_read_lock();
	for_each_process(leader)
	{
		for_each_thread(leader, t)
		{
			if (n < cap)
				tell(&ret[n], leader, t, ns);
			n++;
		}
	}
	rcu_read_unlock();
	return n;
}

long icecore_tasks_ioctl(void __user *arg)
{
	struct icecore_tasks ask;
	struct icecore_task *v;
	long r = 0;

	BUILD_BUG_ON(sizeof(struct icecore_task) != 48);
	BUILD_BUG_ON(sizeof(struct icecore_tasks) != 16);
	BUILD_BUG_ON(sizeof(v->comm) != TASK_COMM_LEN);
	if (copy_from_user(&ask, arg, sizeof(ask)))
		return -EFAULT;
	if (!ask.cap || ask.cap > ICECORE_TASKS_MAX)
		return -EINVAL;
	v = kvcalloc(ask.cap, sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	ask.n = walk(v, ask.cap);
	if (copy_to_user(u64_to_user_ptr(ask.buf), v,
		    min(ask.n, ask.cap) * sizeof(*v)) ||
		copy_to_user(arg, &ask, sizeof(ask)))
		r = -EFAULT;
	kvfree(v);
	return r;
}
