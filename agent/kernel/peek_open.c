// SPDX-License-Identifier: Apache-2.0
/* The ways into the running kernel's memory: who reads memory that was captured
 * links none of them. */
#include "kernel/peek_internal.h"

int peek_open(struct peek **ret, enum peek_kind kind, struct err *e)
{
	static int (*const open[PEEK_KINDS])(struct peek **, struct err *) = {
		[PEEK_BPF] = peek_bpf_open,
		[PEEK_KCORE] = peek_kcore_open,
	};

	return open[kind](ret, e);
}
