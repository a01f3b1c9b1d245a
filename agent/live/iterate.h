/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BPF iterators: load the programs of a skeleton, refuse with a sentence where
 * the kernel does, and run one to its end.  What it saw is in a map that is
 * mapped here: read() returns not one byte that could be rewritten.
 *
 *	AUTO_ITERATE struct iterate it = { 0 };
 *
 *	r = iterate_begin(&it, e);
 *	skel = NAME_bpf__open_opts(&it.opts); ... r = NAME_bpf__load(skel);
 *	if (r < 0)
 *		return iterate_refusal(&it, r, e);
 */
#ifndef LIVE_ITERATE_H
#define LIVE_ITERATE_H

#include <bpf/libbpf.h>

#include "base/cleanup.h"

struct err;

struct iterate {
	struct bpf_object_open_opts opts; /* for NAME_bpf__open_opts() */
	char *log; /* of the verifier */
	libbpf_print_fn_t print;
};

/*
 * iterate_begin(it, e), iterate_end(it):
 * Between them libbpf prints nothing, and what the verifier says is kept.
 */
int iterate_begin(struct iterate *it, struct err *e) MUST_CHECK;
void iterate_end(struct iterate *it);

#define AUTO_ITERATE CLEANUP(iterate_end)

/*
 * iterate_refusal(it, code, e):
 * Say why a skeleton did not open or load with ${code}; returns a negative
 * errno.
 */
int iterate_refusal(const struct iterate *it, int code, struct err *e) MUST_CHECK;

/*
 * iterate_run(prog, e):
 * Run one iterator to its end, in the pid and network namespace of the calling
 * thread; what its program writes by bpf_seq_write() is not read.
 */
int iterate_run(const struct bpf_program *prog, struct err *e) MUST_CHECK;

/*
 * iterate_drain(prog, empty, arg, e):
 * The same with a program that returns 1 where its array is full, and so sees
 * the same object again: then, and at the end, ${empty} takes what is in the
 * array and makes it empty.  At most ITERATE_DRAINS_MAX times; -EFBIG.
 */
enum { ITERATE_DRAINS_MAX = 1024 };
int iterate_drain(const struct bpf_program *prog,
	int (*empty)(void *arg, struct err *e), void *arg,
	struct err *e) MUST_CHECK;

#endif
