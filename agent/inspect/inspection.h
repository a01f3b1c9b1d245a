/* SPDX-License-Identifier: Apache-2.0 */
/* All that icelab inspect looks at, and what came of it. */
#ifndef INSPECT_INSPECTION_H
#define INSPECT_INSPECTION_H

#include <stdbool.h>

#include "inspect/captured.h"
#include "inspect/compare.h"
#include "inspect/smear.h"
#include "inspect/snapshot.h"
#include "inspect/socket.h"
#include "inspect/task.h"
#include "inspect/verdict.h"
#include "kernel/bpf_object.h"
#include "kernel/hook.h"

/* What could not be looked at of the memory of processes. */
struct space_gaps {
	uint64_t processes; /* whose areas or tables break off */
	uint64_t tables; /* page tables that the capture lacks */
	uint64_t areas; /* past the most */
	struct err why; /* of the first */
	uint32_t pid;
};

struct inspection {
	struct captured *captured;
	struct snapshot snapshot;
	struct tasks tasks;
	struct hooks hooks;
	struct bpf_objects objects;
	struct sockets_seen sockets;
	struct space_gaps spaces;
	struct smear smear;
	struct churn churn;
	struct verdicts verdicts;
	bool has_gaps; /* something could not be looked at */
};

/*
 * inspection_run(in, r, options, e), inspection_done(in):
 * Open the memory of ${r}, which was checked, walk it, and compare.
 */
int inspection_run(struct inspection *in, struct reader *r,
	const struct ram_options *options, struct err *e) MUST_CHECK;
void inspection_done(struct inspection *in);

#endif
