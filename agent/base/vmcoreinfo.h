/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vmcoreinfo: what the kernel tells of itself to whoever opens its memory,
 * "KEY=VALUE" lines such as
 *
 *	OSRELEASE=6.1.0
 *	SYMBOL(swapper_pg_dir)=ffffffff83a0a000
 *	NUMBER(phys_base)=174063616
 *	KERNELOFFSET=1400000
 *
 * (Documentation/admin-guide/kdump/vmcoreinfo.rst).  It lies in an ELF note
 * named VMCOREINFO, whose physical address /sys/kernel/vmcoreinfo tells.
 */
#ifndef BASE_VMCOREINFO_H
#define BASE_VMCOREINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

enum {
	VMCOREINFO_BYTES = 64 << 10, /* of the text, at most */
	VMCOREINFO_NOTE_BYTES = VMCOREINFO_BYTES + 64,
};

/*
 * vmcoreinfo_find(ret, text, len, key):
 * The value of ${key}, "NUMBER(phys_base)" or such, which is not
 * NUL-terminated: how many bytes it has, -1 when there is none.
 */
ptrdiff_t vmcoreinfo_find(
	const char **ret, const char *text, size_t len, const char *key);

/*
 * vmcoreinfo_number(ret, text, len, key):
 * The value as the key says: of SYMBOL(), ADDRESS() and KERNELOFFSET in
 * hexadecimal, of all others in decimal, possibly negative, or with 0x.
 * 0, -ENOENT or -EBADMSG.
 */
int vmcoreinfo_number(uint64_t *ret, const char *text, size_t len,
	const char *key) MUST_CHECK;

/*
 * vmcoreinfo_note(ret, ret_len, note, len):
 * The text in the ELF note "VMCOREINFO" that ${note} begins with or holds
 * among others, borrowed.  -ENOENT, or -EBADMSG when it is cut off.
 */
int vmcoreinfo_note(const char **ret, size_t *ret_len, const void *note,
	size_t len) MUST_CHECK;

#endif
