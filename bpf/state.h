/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Between state.bpf.c and the agent. */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include <linux/types.h>

enum { STATE_PEEK_BYTES = 4096 };

/* What was read; the agent has it mapped. */
struct state_slot {
	__u8 data[STATE_PEEK_BYTES];
};

/* Read [address, address + len) of the kernel's memory. */
struct state_request {
	__u64 address;
	__u32 len; /* 1 to STATE_PEEK_BYTES */
	__u32 pad;
};

_Static_assert(sizeof(struct state_request) == 16, "no padding");

/* What the program returns. */
enum state_result {
	STATE_OK = 0,
	STATE_FAULT = 1, /* nothing is mapped there, or not all of it */
	STATE_BAD_REQUEST = 2,
};

#endif
