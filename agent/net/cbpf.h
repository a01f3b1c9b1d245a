/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF as text, with the mnemonics of tcpdump -d (bpf(4), and
 * Documentation/networking/filter.rst of the kernel).
 */
#ifndef NET_CBPF_H
#define NET_CBPF_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct buf;
struct err;

enum { CBPF_INSN_BYTES = 8, CBPF_MAX = 4096 };

/*
 * cbpf_text(ret, code, len, e):
 * Append a line for each whole instruction of ${code}, which is struct
 * sock_filter in the order of this host; what is none is "unknown".
 */
int cbpf_text(struct buf *ret, const uint8_t *code, size_t len,
	struct err *e) MUST_CHECK;

/*
 * cbpf_magic(ret, code, len):
 * Whether the filter waits for one magic number in what follows the headers
 * of a packet: a comparison for equality of two or four bytes, loaded at a
 * variable offset (or past the headers), with a constant that is no well-known
 * type, protocol or port.  ${ret} is the first such constant.
 */
int cbpf_magic(uint32_t *ret, const uint8_t *code, size_t len) MUST_CHECK;

#endif
