/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel's memory by virtual address, read where it lies.
 *
 *	bpf    a program of BPF_PROG_TYPE_SYSCALL (5.14) copies it into an array
 *	       that is mapped here
 *	kcore  /proc/kcore; it gives zeros for what it will not read
 *	image  memory that was captured (inspect/peek_image.h)
 *
 * Whoever walks the kernel's lists by it bounds the walk: what is read can be
 * anything, and changes meanwhile.
 */
#ifndef KERNEL_PEEK_H
#define KERNEL_PEEK_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct peek;

enum peek_kind { PEEK_BPF, PEEK_KCORE, PEEK_KINDS };

struct peek_ops {
	const char *name;
	/* All ${len} bytes at ${at}, or -EFAULT. */
	int (*read)(struct peek *p, void *ret, uint64_t at, size_t len);
	void (*close)(struct peek *p);
};

/* What stands behind it begins with this; tests have their own. */
struct peek {
	const struct peek_ops *ops;
	uint64_t reads; /* so far */
};

/*
 * peek_open(ret, kind, e), peek_close(p):
 * Open one way; refuse with a sentence.
 */
int peek_open(struct peek **ret, enum peek_kind kind, struct err *e) MUST_CHECK;
void peek_close(struct peek *p);

/*
 * peek_read(p, ret, at, len), peek_u64(p, ret, at), peek_u32(p, ret, at):
 * 0, or -EFAULT when not all of it can be read, or it is no kernel address.
 */
int peek_read(struct peek *p, void *ret, uint64_t at, size_t len) MUST_CHECK;
int peek_u64(struct peek *p, uint64_t *ret, uint64_t at) MUST_CHECK;
int peek_u32(struct peek *p, uint32_t *ret, uint64_t at) MUST_CHECK;

/*
 * peek_text(p, ret, cap, at):
 * The NUL-terminated text at ${at}, cut at ${cap} - 1 characters.
 */
int peek_text(struct peek *p, char *ret, size_t cap, uint64_t at) MUST_CHECK;

#endif
