/* SPDX-License-Identifier: Apache-2.0 */
/* Between bpf_object.c and the views. */
#ifndef KERNEL_BPF_OBJECT_INTERNAL_H
#define KERNEL_BPF_OBJECT_INTERNAL_H

#include "kernel/bpf_object.h"

struct symbols;

/*
 * bpf_object_helpers_find(h, symbols):
 * Where those that are told of are, by symbols that were wanted.
 */
void bpf_object_helpers_find(
	struct bpf_object_helpers *h, const struct symbols *symbols);

/*
 * bpf_objects_by_syscall(os, h, e), bpf_objects_by_idr(os, state, h, e),
 * bpf_objects_by_fdinfo(os, e):
 * One view.
 */
int bpf_objects_by_syscall(struct bpf_objects *os,
	const struct bpf_object_helpers *h, struct err *e) MUST_CHECK;
int bpf_objects_by_idr(struct bpf_objects *os, struct kstate *state,
	const struct bpf_object_helpers *h, struct err *e) MUST_CHECK;
int bpf_objects_by_fdinfo(struct bpf_objects *os, struct err *e) MUST_CHECK;

/*
 * bpf_object_take_code(o, h, code, len, e):
 * What the instructions call, and the first of them.
 */
int bpf_object_take_code(struct bpf_object *o, const struct bpf_object_helpers *h,
	const uint8_t *code, size_t len, struct err *e) MUST_CHECK;

#endif
