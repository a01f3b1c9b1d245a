/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Between sock.bpf.c and the agent: a socket as a witness tells it.  What the
 * witness does not tell has no bit in ${present} and is 0.  Ports are in the
 * order of the host, addresses in that of the network.
 */
#ifndef BPF_SOCK_H
#define BPF_SOCK_H

#include <linux/types.h>

enum {
	SOCK_PATH_BYTES = 108, /* sun_path */
	SOCK_NAME_BYTES = 128, /* the same, for the verifier's sake */
	SOCK_FILTER_MAX = 512, /* instructions that are kept of a filter */
	SOCK_FILTERS_MAX = 128, /* that one pass of the iterator keeps */
};

/* As SocketWitness in net.proto. */
enum net_witness {
	NET_BY_ITERATOR = 1 << 0,
	NET_BY_PROC = 1 << 1,
	NET_BY_DIAG = 1 << 2,
};

enum net_has {
	NET_HAS_UID = 1 << 0,
	NET_HAS_QUEUES = 1 << 1,
	NET_HAS_BYTES = 1 << 2, /* bytes_* and segs_* */
	NET_HAS_TIMER = 1 << 3,
	NET_HAS_MARK = 1 << 4,
	NET_HAS_KERNEL = 1 << 5, /* is_kernel */
	NET_HAS_IDS = 1 << 6, /* local_id, remote_id */
	NET_HAS_GROUPS = 1 << 7,
	NET_HAS_NAME = 1 << 8,
	NET_HAS_LAST = 1 << 9, /* last_*_ms, rtt_us */
	NET_HAS_FILTER = 1 << 10,
	NET_HAS_PEER = 1 << 11,
};

struct net_sock {
	__u64 inode; /* 0 = no file */
	__u64 cookie; /* 0 = nobody asked for one yet */
	__u64 peer_inode;
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u64 bytes_retrans;
	__u32 segs_out;
	__u32 segs_in;
	__u32 retransmits;
	__u32 rtt_us;
	__u32 last_sent_ms;
	__u32 last_received_ms;
	__u32 timer_ms;
	__u32 present; /* enum net_has */
	__u32 seen_by; /* enum net_witness */
	__u32 netns;
	__u32 uid;
	__u32 mark;
	__u32 ifindex;
	__u32 rx_queue;
	__u32 tx_queue;
	__u32 local_id; /* port id of netlink, CID of vsock */
	__u32 remote_id;
	__u32 groups;
	__u32 pid; /* of who has it open, of a pass over files */
	__u32 fd;
	__u32 local_port; /* vsock: 32 bits */
	__u32 remote_port;
	__u32 filter_at; /* which filter; of the agent: where in its bytes */
	__u32 filter_n; /* instructions */
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u16 name_len;
	__u8 state; /* TCP_* for all families */
	__u8 timer;
	__u8 is_kernel;
	__u8 missing; /* enum net_witness: they should tell it, and do not */
	__u8 local[16];
	__u8 remote[16];
	char name[SOCK_NAME_BYTES];
};

_Static_assert(sizeof(struct net_sock) % 8 == 0, "no padding at the end");

/* Classic BPF, as in linux/filter.h. */
struct net_filter {
	__u64 insns[SOCK_FILTER_MAX];
};

#endif
