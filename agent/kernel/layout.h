/* SPDX-License-Identifier: Apache-2.0 */
/* Where the running kernel's structures have their members, by its own BTF. */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct layout;

enum { LAYOUT_PATH_CHARS = 96 };

/*
 * layout_open(ret, e), layout_close(l):
 * /sys/kernel/btf/vmlinux.
 */
int layout_open(struct layout **ret, struct err *e) MUST_CHECK;
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
