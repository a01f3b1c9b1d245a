/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a kernel's structures have their members, by its own BTF
 * (Documentation/bpf/btf.rst).  That of a capture may be made by whoever wrote
 * the capture: a question about it looks at LAYOUT_STEPS_MAX members at most,
 * and what a path leads through in circles is not there.
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct layout;

enum {
	LAYOUT_PATH_CHARS = 96,
	LAYOUT_STEPS_MAX = 1 << 17, /* of one question */
	LAYOUT_BYTES_MAX = 64 << 20, /* of BTF */
};

/*
 * layout_open(ret, e), layout_close(l):
 * /sys/kernel/btf/vmlinux.
 */
int layout_open(struct layout **ret, struct err *e) MUST_CHECK;

/*
 * layout_open_bytes(ret, btf, len, e):
 * The same of BTF that is in memory, of a kernel for a little-endian machine
 * of 64 bits; it is copied.  -EBADMSG when it is none.
 */
int layout_open_bytes(struct layout **ret, const uint8_t *btf, size_t len,
	struct err *e) MUST_CHECK;
void layout_close(struct layout *l);

/* A member to be found, and where it is. */
struct layout_want {
	const char *type; /* of a struct */
	const char *path; /* "mkobj.kobj.entry"; anonymous structs have no name */
	uint32_t *ret; /* bytes from the beginning of ${type} */
};

/*
 * layout_offset(l, ret, type, path, e):
 * -ENOENT when the kernel has no such member.  Of an array it is the first.
 */
int layout_offset(struct layout *l, uint32_t *ret, const char *type,
	const char *path, struct err *e) MUST_CHECK;

/*
 * layout_find(l, wants, n, e):
 * All of ${wants}, or -ENOENT.
 */
int layout_find(struct layout *l, const struct layout_want *wants, size_t n,
	struct err *e) MUST_CHECK;

/*
 * layout_size(l, ret, type, e), layout_count(l, ret, type, path, e):
 * Bytes of a struct; elements of a member that is an array.
 */
int layout_size(struct layout *l, uint32_t *ret, const char *type,
	struct err *e) MUST_CHECK;
int layout_count(struct layout *l, uint32_t *ret, const char *type,
	const char *path, struct err *e) MUST_CHECK;

/* A negative return ends it. */
typedef int layout_see(
	void *arg, const char *name, uint32_t offset, struct err *e);

/*
 * layout_functions(l, type, see, arg, e):
 * Each member of ${type} that is a pointer to a function.
 */
int layout_functions(struct layout *l, const char *type, layout_see *see,
	void *arg, struct err *e) MUST_CHECK;

#endif
