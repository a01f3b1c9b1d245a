/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Between regs.bpf.c and the agent: the registers of a thread. */
#ifndef BPF_REGS_H
#define BPF_REGS_H

#include <linux/types.h>

enum {
	REGS_X86_WORDS = 27, /* struct user_regs_struct */
	REGS_ARM64_WORDS = 34, /* struct user_pt_regs */
	REGS_WORDS_MAX = 34,
	REGS_PIDS_MAX = 4096,
	REGS_THREADS_MAX = 32768,
};

struct regs_thread {
	__u32 pid;
	__u32 tid;
	__u32 running;
	__u32 pad;
	__u64 general[REGS_WORDS_MAX];
};

_Static_assert(sizeof(struct regs_thread) % 8 == 0, "no padding at the end");

#endif
