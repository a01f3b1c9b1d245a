// SPDX-License-Identifier: Apache-2.0
/* All views of the BPF objects of the running kernel. */
#include <errno.h>

#include "kernel/bpf_object_internal.h"
#include "kernel/state.h"

static int see_once(struct bpf_objects *os, struct kstate *state,
	const struct bpf_object_helpers *h, struct err *e)
{
	int r = bpf_objects_by_syscall(os, h, &os->why[0]);

	if (r == 0)
		os->asked |= BPF_OBJECT_BY_SYSCALL;
	if (r != -ENOMEM) {
		r = bpf_objects_by_idr(os, state, h, &os->why[1]);
		if (r == 0)
			os->asked |= BPF_OBJECT_BY_IDR;
	}
	return r == -ENOMEM ? err_set(e, r, "no memory for BPF objects") : 0;
}

int bpf_objects_see(struct bpf_objects *os, struct kstate *state, struct err *e)
{
	struct bpf_object_helpers h = { .n = 0 };
	struct bpf_objects before = { 0 };
	int r = 0;

	*os = (struct bpf_objects){ 0 };
	bpf_object_helpers_find(&h, &state->symbols);
	for (int i = 0; i < BPF_OBJECT_TRIES; i++) {
		bpf_objects_done(&before);
		before = *os;
		*os = (struct bpf_objects){ 0 };
		r = see_once(os, state, &h, e);
		if (r < 0 || !bpf_objects_compare(os, i ? &before : NULL))
			break;
	}
	bpf_objects_done(&before);
	if (r == 0 && bpf_objects_by_fdinfo(os, &os->fdinfo_why) == 0)
		os->asked |= BPF_OBJECT_BY_FDINFO;
	return r;
}
