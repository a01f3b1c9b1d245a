/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Between live.bpf.c and the agent: a task as a witness tells it.  What the
 * witness does not tell has no bit in ${present} and is 0.
 */
#ifndef BPF_LIVE_H
#define BPF_LIVE_H

#include <linux/types.h>

enum {
	LIVE_COMM_BYTES = 16,
	LIVE_TTY_BYTES = 32,
	LIVE_PIDS_MAX = 16, /* of a filter */
};

enum live_ns {
	LIVE_NS_MNT,
	LIVE_NS_PID,
	LIVE_NS_NET,
	LIVE_NS_USER,
	LIVE_NS_UTS,
	LIVE_NS_IPC,
	LIVE_NS_CGROUP,
	LIVE_NS_TIME,
	LIVE_NS_KINDS,
};

enum live_cap {
	LIVE_CAP_INHERITABLE,
	LIVE_CAP_PERMITTED,
	LIVE_CAP_EFFECTIVE,
	LIVE_CAP_BOUNDING,
	LIVE_CAP_AMBIENT,
	LIVE_CAP_KINDS,
};

enum live_id {
	LIVE_ID_REAL,
	LIVE_ID_EFFECTIVE,
	LIVE_ID_SAVED,
	LIVE_ID_FS,
	LIVE_ID_KINDS,
};

enum live_has {
	LIVE_HAS_IDS = 1 << 0, /* uid, gid */
	LIVE_HAS_CAPS = 1 << 1,
	LIVE_HAS_NO_NEW_PRIVS = 1 << 2,
	LIVE_HAS_SECCOMP = 1 << 3,
	LIVE_HAS_LOGINUID = 1 << 4, /* and sessionid */
	LIVE_HAS_CGROUP_ID = 1 << 5,
	LIVE_HAS_EXE = 1 << 6, /* device and inode */
	LIVE_HAS_CPU = 1 << 7, /* user_ns, system_ns */
	LIVE_HAS_TTY = 1 << 8,
	LIVE_HAS_RSS = 1 << 9,
	LIVE_HAS_OOM_ADJ = 1 << 10,
	LIVE_HAS_TRACER = 1 << 11,
	LIVE_HAS_NLINK = 1 << 12, /* exe_links */
	LIVE_HAS_REAL_PPID = 1 << 13,
	LIVE_HAS_STATE = 1 << 14,
	LIVE_HAS_KTHREAD = 1 << 15,
	LIVE_HAS_NS_TID = 1 << 16,
	LIVE_HAS_EXE_PATH = 1 << 17,
	LIVE_HAS_OOM_SCORE = 1 << 18,
	LIVE_HAS_LAYER = 1 << 19,
};

/* Of an overlay: where a file is. */
enum live_layer {
	LIVE_LAYER_LOWER = 1,
	LIVE_LAYER_UPPER = 2,
};

enum live_witness {
	LIVE_BY_ITERATOR = 1 << 0,
	LIVE_BY_PROC = 1 << 1,
	LIVE_BY_LIST = 1 << 2, /* the list that begins at init_task */
	LIVE_BY_SCHEDULER = 1 << 3, /* seen on a processor */
	LIVE_BY_PROBE = 1 << 4, /* a signal could be sent to its id */
	LIVE_BY_MODULE = 1 << 5, /* as LIVE_BY_LIST, by icecore's module */
};

/* Ids are those of the pid namespace that the agent is in; 0 = not in it. */
struct live_task {
	__u64 seen_ns; /* CLOCK_MONOTONIC */
	__u64 start_boot_ns; /* of /proc: in steps of 10 ms */
	__u64 user_ns;
	__u64 system_ns;
	__u64 cap[LIVE_CAP_KINDS];
	__u64 exe_inode;
	__u64 cgroup_id;
	__u64 rss_bytes;
	__u32 present; /* enum live_has */
	__u32 seen_by; /* enum live_witness */
	__u32 pid;
	__u32 tid;
	__u32 ppid;
	__u32 real_ppid;
	__u32 tracer;
	__u32 session;
	__u32 pgid;
	__u32 ns_tid; /* in its own pid namespace */
	__u32 uid[LIVE_ID_KINDS];
	__u32 gid[LIVE_ID_KINDS];
	__u32 ns[LIVE_NS_KINDS]; /* inodes; 0 = not told */
	__u32 loginuid;
	__u32 sessionid;
	__u32 exe_major;
	__u32 exe_minor;
	__u32 exe_links;
	__u32 exe_layer; /* enum live_layer */
	__u32 seccomp;
	__s32 oom_score_adj;
	__u32 oom_score;
	__u32 state_bits; /* the kernel's; state is made of it */
	__u32 is_kthread;
	__u32 no_new_privs;
	__u32 pad_to_8;
	char state;
	char pad[3];
	char comm[LIVE_COMM_BYTES];
	char tty[LIVE_TTY_BYTES];
};

/* A mapping; ${flags} are VM_READ 1, VM_WRITE 2, VM_EXEC 4, VM_SHARED 8. */
struct live_vma {
	__u64 start;
	__u64 end;
	__u64 inode; /* 0 = of no file */
	__u32 pid;
	__u32 flags;
	__u32 major;
	__u32 minor;
};

_Static_assert(sizeof(struct live_vma) == 40, "no padding");
_Static_assert(sizeof(struct live_task) % 8 == 0, "no padding at the end");

#endif
