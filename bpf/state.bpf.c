// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own memory by address, for the agent to walk lists in.  Nothing
 * is attached: the agent runs it with BPF_PROG_RUN, and takes the bytes from
 * the mapped array, so that they pass no read() on their way.
 */
#include "kernel_min.h"

#include <bpf/bpf_helpers.h>

#include "state.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct state_slot);
} state_slots SEC(".maps");

SEC("syscall")
int state_peek(struct state_request *request)
{
	__u64 address = request->address;
	__u32 len = request->len, index = 0;
	struct state_slot *slot = bpf_map_lookup_elem(&state_slots, &index);

	/* Of user space nothing is read, whatever a list says. */
	if (!slot || len == 0 || len > STATE_PEEK_BYTES || address >> 63 == 0)
		return STATE_BAD_REQUEST;
	if (bpf_probe_read_kernel(slot->data, len, (void *)address))
		return STATE_FAULT;
	return STATE_OK;
}
