/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BPF programs, maps and links, by three views:
 *
 *	syscall  bpf(BPF_PROG_GET_NEXT_ID) and the like
 *	idr      the kernel's own tables prog_idr, map_idr and link_idr, walked in
 *	         its memory
 *	fdinfo   what /proc/PID/fdinfo says of descriptors; whose they are
 *
 * The first two tell of the same objects; who falsifies the system call is
 * missing from the first.
 */
#ifndef KERNEL_BPF_OBJECT_H
#define KERNEL_BPF_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct kstate;

enum {
	BPF_OBJECTS_MAX = 16384,
	BPF_OBJECT_OWNERS = 8,
	BPF_OBJECT_NAME_CHARS = 16,
	BPF_OBJECT_TAG_BYTES = 8,
	BPF_OBJECT_CODE_BYTES = 512 << 10, /* looked at for helpers */
	BPF_OBJECT_KEPT_BYTES = 4096, /* of its instructions, in the record */
	BPF_OBJECT_FDS_MAX = 1 << 18, /* descriptors looked at */
	BPF_OBJECT_TRIES = 3,
};

/* As in kernel.proto. */
enum bpf_object_kind {
	BPF_OBJECT_PROG = 1,
	BPF_OBJECT_MAP = 2,
	BPF_OBJECT_LINK = 3,
};

enum bpf_object_view {
	BPF_OBJECT_BY_SYSCALL = 1 << 0,
	BPF_OBJECT_BY_IDR = 1 << 1,
	BPF_OBJECT_BY_FDINFO = 1 << 2,
};

enum bpf_object_helper {
	BPF_OBJECT_WRITES_USER = 1 << 0,
	BPF_OBJECT_OVERRIDES_RETURN = 1 << 1,
	BPF_OBJECT_SENDS_SIGNAL = 1 << 2,
};

struct bpf_object {
	enum bpf_object_kind kind;
	uint32_t id;
	unsigned views;
	unsigned missing; /* by bpf_objects_compare() */
	uint32_t type;
	char name[BPF_OBJECT_NAME_CHARS];
	uint8_t tag[BPF_OBJECT_TAG_BYTES];
	uint64_t loaded_boot_ns; /* 0 = not told, here and below */
	uint32_t uid;
	int has_info;
	unsigned helpers;
	uint32_t owners[BPF_OBJECT_OWNERS];
	size_t owners_n;
	uint32_t prog_id; /* of a link */
	uint32_t attach_type;
	uint64_t attach_target;
	uint64_t at; /* in the kernel */
	uint32_t max_entries; /* of a map */
	uint32_t code_bytes;
	uint8_t *code; /* BPF_OBJECT_KEPT_BYTES at most */
};

struct bpf_objects {
	struct bpf_object *v;
	size_t n;
	size_t cap;
	uint64_t lost;
	unsigned asked;
	struct err why[2]; /* of the system call, of the tables */
	struct err fdinfo_why;
};

/*
 * bpf_objects_see(os, state, e), bpf_objects_done(os):
 * All views, until the first two agree or BPF_OBJECT_TRIES times.  -ENOMEM.
 */
int bpf_objects_see(
	struct bpf_objects *os, struct kstate *state, struct err *e) MUST_CHECK;
void bpf_objects_done(struct bpf_objects *os);

/*
 * bpf_objects_captured(os, state, e):
 * The kernel's own tables alone, as they lie in captured memory; what cannot be
 * walked is said in os->why[1].  -ENOMEM.
 */
int bpf_objects_captured(
	struct bpf_objects *os, struct kstate *state, struct err *e) MUST_CHECK;

/*
 * bpf_objects_compare(os, before):
 * Set ->missing of each: of the first two views those that answered and do not
 * tell of it, now and ${before}, when they were looked at last (NULL = now
 * alone).  Return how many are missing from any.
 */
size_t bpf_objects_compare(
	struct bpf_objects *os, const struct bpf_objects *before);

/*
 * bpf_object_get(os, kind, id, e):
 * Made when it is not there.  NULL past BPF_OBJECTS_MAX, which is counted, and
 * without memory, which is said.
 */
struct bpf_object *bpf_object_get(struct bpf_objects *os,
	enum bpf_object_kind kind, uint32_t id, struct err *e);

/* The distances of helpers from __bpf_call_base, as they are in "imm". */
struct bpf_object_helpers {
	int32_t imm[4];
	unsigned flag[4];
	size_t n;
};

/*
 * bpf_object_calls(h, code, len):
 * Which of ${h} are called in instructions that the verifier has been through.
 */
unsigned bpf_object_calls(
	const struct bpf_object_helpers *h, const uint8_t *code, size_t len);

/*
 * bpf_object_fdinfo(kind, id, text, len):
 * Of which object a /proc/PID/fdinfo file is; -ENOENT when of none.
 */
int bpf_object_fdinfo(enum bpf_object_kind *kind, uint32_t *id,
	const char *text, size_t len) MUST_CHECK;

#endif
