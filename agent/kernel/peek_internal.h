/* SPDX-License-Identifier: Apache-2.0 */
/* Between peek.c and the ways. */
#ifndef KERNEL_PEEK_INTERNAL_H
#define KERNEL_PEEK_INTERNAL_H

#include "kernel/peek.h"

int peek_bpf_open(struct peek **ret, struct err *e) MUST_CHECK;
int peek_kcore_open(struct peek **ret, struct err *e) MUST_CHECK;

/* A part of the kernel's memory in a file. */
struct peek_segment {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
};

enum { PEEK_SEGMENTS_MAX = 4096 };

/*
 * peek_segments(ret, cap, phdrs, n):
 * Of ${n} program headers of an ELF64 file, as they lie there, those that are
 * loaded in the upper half; at most ${cap}.  Return how many.
 */
size_t peek_segments(
	struct peek_segment *ret, size_t cap, const uint8_t *phdrs, size_t n);

#endif
