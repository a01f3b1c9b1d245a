/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's list of tasks. */
#ifndef ICECORE_TASKS_H
#define ICECORE_TASKS_H

#include <linux/compiler_types.h>

/*
 * icecore_tasks_ioctl(arg):
 * ICECORE_IOC_TASKS.  One walk in one RCU section; what it tells is kept in
 * memory of the call's own until the section has ended.
 */
long icecore_tasks_ioctl(void __user *arg);

#endif
