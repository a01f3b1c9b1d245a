/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of a kernel, as the messages of records; they borrow from it. */
#ifndef KERNEL_MESSAGE_H
#define KERNEL_MESSAGE_H

#include "icecore/v1/kernel.pb-c.h"
#include "kernel/module.h"

struct bpf_object;
struct hook;

/* What the message is made of. */
struct kmodule_message {
	Icecore__V1__KernelModule module;
	Icecore__V1__KernelModulePart parts[KMODULE_PARTS_MAX];
	Icecore__V1__KernelModulePart *parts_p[KMODULE_PARTS_MAX];
};

/*
 * kmodule_message(ret, m, asked):
 * Make ret->module; ${asked}: the views that answered.
 */
void kmodule_message(
	struct kmodule_message *ret, const struct kmodule *m, unsigned asked);

/*
 * hook_message(ret, h):
 * Of a hook that hooks_see() has judged.
 */
void hook_message(Icecore__V1__KernelHook *ret, const struct hook *h);

/*
 * bpf_object_message(ret, o, asked):
 * Of a BPF object; ${asked}: the views that answered.
 */
void bpf_object_message(Icecore__V1__BpfObject *ret, const struct bpf_object *o,
	unsigned asked);

#endif
