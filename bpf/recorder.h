/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Between recorder_*.bpf.c and the agent: what happened, as compact records in
 * a ring buffer.  Each begins with struct recorder_head; what follows is by
 * its kind.  Ids are those of the agent's pid namespace; 0 = not in it.
 *
 * Every event is counted when it happens; one for which the ring buffer had no
 * room is counted as lost as well.
 */
#ifndef BPF_RECORDER_H
#define BPF_RECORDER_H

#include <linux/types.h>

enum {
	RECORDER_COMM_BYTES = 16,
	RECORDER_ANCESTORS = 8,
	RECORDER_FILENAME_BYTES = 256, /* with its NUL */
	RECORDER_ARGS_BYTES = 1024,
	RECORDER_NAME_BYTES = 64, /* of one thing: a memfd, a module */
	RECORDER_PATH_PARTS = 12, /* from the file up */
	RECORDER_PATH_PART_BYTES = 64,
	RECORDER_PATH_BYTES = 512,
	RECORDER_DNS_BYTES = 256, /* from the start of a message */
	RECORDER_CPUS_MAX = 1024,
	RECORDER_AGENTS_MAX = 64,
	RECORDER_SOCKETS_MAX = 65536, /* whose owner is known */
	RECORDER_FLOWS_MAX = 16384,
	RECORDER_EXECUTED_MAX = 16384, /* inodes that ran */
	RECORDER_PAGE_BYTES = 4096,
	RECORDER_PAGES_MAX = 2048, /* copied of one executable */
};

/* As in event.proto. */
enum recorder_kind {
	RECORDER_EXEC = 1,
	RECORDER_FORK = 2,
	RECORDER_EXIT = 3,
	RECORDER_MEMFD = 4,
	RECORDER_MPROTECT = 5,
	RECORDER_MMAP = 6,
	RECORDER_PTRACE = 7,
	RECORDER_MODULE = 8,
	RECORDER_BPF_LOAD = 9,
	RECORDER_BPF_ATTACH = 10,
	RECORDER_CREDS = 11,
	RECORDER_UNLINK = 12,
	RECORDER_TCP_CONNECT = 13,
	RECORDER_TCP_ACCEPT = 14,
	RECORDER_TCP_CLOSE = 15,
	RECORDER_UDP_FLOW = 16,
	RECORDER_DNS = 17,
	RECORDER_MOUNT = 18,
	RECORDER_NAMESPACE = 19,
	RECORDER_KILL = 20,
	RECORDER_PAGE = 21, /* of an executable; in a ring buffer of its own */
	RECORDER_KINDS = 22,
};

struct recorder_head {
	__u64 boot_ns; /* CLOCK_BOOTTIME */
	__u64 start_boot_ns; /* of the process */
	__u64 cgroup_id; /* of the v2 hierarchy */
	__u32 bytes; /* of all of the record */
	__u32 kind; /* enum recorder_kind */
	__u32 pid;
	__u32 tid;
	__u32 ppid;
	__u32 uid;
	__u32 euid;
	__u32 pad;
	char comm[RECORDER_COMM_BYTES];
};

/* What there is to say of an executable; a set of bits. */
enum recorder_exe {
	RECORDER_EXE_MEMFD = 1 << 0,
	RECORDER_EXE_DELETED = 1 << 1, /* no name is left */
	RECORDER_EXE_TMPFS = 1 << 2,
	RECORDER_EXE_WRITABLE = 1 << 3, /* anybody may write its directory */
	RECORDER_EXE_UPPER = 1 << 4, /* in the upper layer of an overlay */
	RECORDER_EXE_SETID = 1 << 5,
};

struct recorder_ancestor {
	__u32 pid;
	char comm[RECORDER_COMM_BYTES];
};

/* Behind it: ${filename_bytes} with a NUL, ${args_bytes} as they lie in the
 * memory of the process. */
struct recorder_exec {
	struct recorder_head head;
	__u64 inode;
	__u64 size;
	__u64 ctime_s;
	__u32 major;
	__u32 minor;
	__u32 nlink;
	__u32 mode;
	__u32 magic; /* of the file system */
	__u32 exe; /* enum recorder_exe */
	__u32 mntns;
	__u32 args_all_bytes; /* what there was */
	__u16 filename_bytes;
	__u16 args_bytes;
	__u32 ancestors_n;
	struct recorder_ancestor ancestors[RECORDER_ANCESTORS];
	char text[RECORDER_FILENAME_BYTES + RECORDER_ARGS_BYTES];
};

struct recorder_fork {
	struct recorder_head head; /* of the parent */
	__u64 child_start_boot_ns;
	__u32 child_pid;
	__u32 pad;
};

struct recorder_exit {
	struct recorder_head head;
	__u32 code; /* as wait() tells it */
	__u32 pad;
};

/* MEMFD: name; MPROTECT and MMAP: addresses, protection and file. */
struct recorder_memory {
	struct recorder_head head;
	__u64 start;
	__u64 end;
	__u64 inode; /* 0 = of no file */
	__u32 protection; /* PROT_* that was asked for */
	__u32 flags; /* MAP_*, or those of the memfd's file */
	char name[RECORDER_NAME_BYTES];
};

/* PTRACE, KILL: of another process. */
struct recorder_target {
	struct recorder_head head;
	__u64 start_boot_ns;
	__u32 pid;
	__u32 number; /* the request, the signal */
	char comm[RECORDER_COMM_BYTES];
};

/* MODULE, BPF_LOAD, BPF_ATTACH */
struct recorder_code {
	struct recorder_head head;
	__u32 type; /* of the program, or of the link */
	__u32 id; /* of the program; 0 = not given yet */
	__u32 instructions;
	__u32 taints;
	char name[RECORDER_NAME_BYTES];
};

struct recorder_creds {
	struct recorder_head head; /* with what it was before */
	__u64 caps_before; /* effective */
	__u64 caps;
	__u32 uid;
	__u32 euid;
	__u32 gid_before;
	__u32 gid;
	__u32 egid_before;
	__u32 egid;
	__u32 userns_before;
	__u32 userns;
};

enum recorder_running {
	RECORDER_RUNS_SELF = 1 << 0, /* who unlinks is it */
	RECORDER_RUNS_NOW = 1 << 1, /* the kernel says that it runs */
	RECORDER_RAN = 1 << 2, /* it was executed since the recorder runs */
};

/* UNLINK, MOUNT.  ${path} is what dentries are named, from the last component
 * up, each with a NUL; it ends at the root of its file system. */
struct recorder_path {
	struct recorder_head head;
	__u64 inode;
	__u64 flags; /* MS_*, or enum recorder_running */
	__u32 major;
	__u32 minor;
	__u32 path_bytes;
	__u32 parts;
	char type[32]; /* of the file system that is mounted */
	char source[RECORDER_NAME_BYTES];
	char path[RECORDER_PATH_BYTES];
};

/* TCP_*, UDP_FLOW, DNS.  For DNS, the message's start is behind it. */
struct recorder_net {
	struct recorder_head head; /* TCP_CLOSE: of who opened it */
	__u64 socket; /* the same for all events of one */
	__u64 sent_bytes;
	__u64 received_bytes;
	__u64 open_ns; /* how long it was; 0 = not known */
	__u32 netns;
	__u16 family; /* AF_INET, AF_INET6 */
	__u16 protocol;
	__u16 local_port;
	__u16 remote_port;
	__u32 message_bytes;
	__u8 local[16];
	__u8 remote[16];
};

struct recorder_dns {
	struct recorder_net net;
	__u8 message[RECORDER_DNS_BYTES];
};

enum recorder_ns {
	RECORDER_NS_MNT,
	RECORDER_NS_PID,
	RECORDER_NS_NET,
	RECORDER_NS_UTS,
	RECORDER_NS_IPC,
	RECORDER_NS_CGROUP,
	RECORDER_NS_KINDS,
};

struct recorder_namespace {
	struct recorder_head head;
	__u32 before[RECORDER_NS_KINDS];
	__u32 after[RECORDER_NS_KINDS];
};

/* A page of an executable, from the page cache, as it was executed. */
struct recorder_page {
	struct recorder_head head;
	__u64 inode;
	__u64 size; /* of the file */
	__u64 ctime_s;
	__u32 major;
	__u32 minor;
	__u32 index;
	__u32 last; /* no page of it comes behind */
	__u8 data[RECORDER_PAGE_BYTES];
};

/* Of one processor. */
struct recorder_counters {
	__u64 happened[RECORDER_KINDS];
	__u64 lost[RECORDER_KINDS];
	__u64 pad[20]; /* whole cache lines */
};

/* Set before the programs are loaded. */
struct recorder_settings {
	/* The kernel's variables, from /proc/kallsyms; 0 = not known. */
	__u64 vmemmap_base;
	__u64 page_offset_base;
	__u32 level; /* of the agent's pid namespace */
	__u32 pad;
};

_Static_assert(sizeof(struct recorder_counters) % 64 == 0, "cache lines");
_Static_assert(sizeof(struct recorder_head) == 72, "no padding");
_Static_assert(sizeof(struct recorder_exec) % 8 == 0, "no padding at the end");
_Static_assert(sizeof(struct recorder_path) % 8 == 0, "no padding at the end");
_Static_assert(sizeof(struct recorder_net) % 8 == 0, "no padding at the end");
_Static_assert(sizeof(struct recorder_page) % 8 == 0, "no padding at the end");

#endif
