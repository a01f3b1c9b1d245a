/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Between file.bpf.c and the agent: one open file of a process. */
#ifndef BPF_FILE_H
#define BPF_FILE_H

#include <linux/types.h>

enum {
	FILE_PATH_BYTES = 256, /* a longer one is left to /proc */
	FILE_CHUNK = 4096, /* files that the array holds at once */
};

struct file_seen {
	__u64 inode;
	__u64 position;
	__u64 start_boot_ns; /* of the process */
	__u32 pid;
	__u32 tid; /* whose own table it is; that of most is their process's */
	__u32 fd;
	__u32 flags; /* O_* */
	__u32 mode; /* S_IF* and permissions */
	__u32 major;
	__u32 minor;
	__u32 links;
	__u32 pad;
	__s32 path_len; /* with its NUL; below 0 = the kernel did not say */
	char path[FILE_PATH_BYTES];
};

#endif
