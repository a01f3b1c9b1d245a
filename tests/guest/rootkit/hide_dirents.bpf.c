// SPDX-License-Identifier: GPL-2.0-only
/*
 * For test guests only: hides the name "icetest-hidden" from whoever reads a
 * directory, as rootkits do, by making the entry before it longer in the
 * memory of the reader.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

enum { ENTRIES = 64, NAME_BYTES = 15 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} asked SEC(".maps");

struct enter {
	__u64 head;
	__u64 nr;
	__u64 fd;
	__u64 dirent;
	__u64 count;
};

struct leave {
	__u64 head;
	__u64 nr;
	__s64 ret;
};

SEC("tp/syscalls/sys_enter_getdents64")
int hide_enter(struct enter *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), at = ctx->dirent;

	bpf_map_update_elem(&asked, &id, &at, BPF_ANY);
	return 0;
}

static __always_inline int is_hidden(const char *name)
{
	const char want[NAME_BYTES] = "icetest-hidden";

	for (int i = 0; i < NAME_BYTES; i++)
		if (name[i] != want[i])
			return 0;
	return 1;
}

SEC("tp/syscalls/sys_exit_getdents64")
int hide_leave(struct leave *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 *at = bpf_map_lookup_elem(&asked, &id);
	__u64 here, end, before = 0;
	__u16 before_len = 0;

	if (!at || ctx->ret <= 0)
		return 0;
	here = *at;
	end = here + ctx->ret;
	for (int i = 0; i < ENTRIES && here < end; i++) {
		char name[NAME_BYTES] = "";
		__u16 len = 0;

		if (bpf_probe_read_user(&len, sizeof(len), (void *)here + 16) ||
			!len)
			break;
		bpf_probe_read_user(name, sizeof(name), (void *)here + 19);
		if (before && is_hidden(name)) {
			before_len += len;
			bpf_probe_write_user((void *)before + 16, &before_len,
				sizeof(before_len));
		} else {
			before = here;
			before_len = len;
		}
		here += len;
	}
	return 0;
}
