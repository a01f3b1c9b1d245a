/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory against the live picture of the same evidence.  Whoever falsifies what
 * a running system tells of itself does not falsify its memory.  What began or
 * ended between the two is told by its times, and is no finding.
 */
#ifndef INSPECT_COMPARE_H
#define INSPECT_COMPARE_H

#include <stdint.h>

#include "base/cleanup.h"
#include "inspect/verdict.h"

struct bpf_objects;
struct captured;
struct err;
struct hooks;
struct snapshot;
struct sockets_seen;
struct space;
struct tasks;

/* What is no finding. */
struct churn {
	uint64_t began; /* tasks in memory that began after the live picture */
	uint64_t ended; /* tasks that are in it, and not in memory any more */
	uint64_t ending; /* tasks in memory on their way out */
	uint64_t sockets; /* that came after it */
};

/*
 * compare_tasks(vs, churn, c, ts, s, e):
 * What the live picture lacks, and what is missing from lists: tasks_compare()
 * was called.  -ENOMEM.
 */
int compare_tasks(struct verdicts *vs, struct churn *churn,
	const struct captured *c, const struct tasks *ts, struct snapshot *s,
	struct err *e) MUST_CHECK;

/*
 * compare_modules(vs, c, s, e), compare_hooks(vs, hs, s, e):
 * The same of modules and of foreign code that is called; what the live
 * picture has and memory has not, too, as these do not come and go.
 */
int compare_modules(struct verdicts *vs, const struct captured *c,
	const struct snapshot *s, struct err *e) MUST_CHECK;
int compare_hooks(struct verdicts *vs, const struct hooks *hs,
	const struct snapshot *s, struct err *e) MUST_CHECK;

/*
 * compare_bpf(vs, os, s, e):
 * BPF objects that bpf(2) did not tell in the live picture.
 */
int compare_bpf(struct verdicts *vs, const struct bpf_objects *os,
	const struct snapshot *s, struct err *e) MUST_CHECK;

/*
 * compare_sockets(vs, churn, ss, s, e):
 * Sockets that the live picture lacks though it has newer ones.
 */
int compare_sockets(struct verdicts *vs, struct churn *churn,
	const struct sockets_seen *ss, const struct snapshot *s,
	struct err *e) MUST_CHECK;

/*
 * compare_space(vs, c, s, live, e):
 * Executable memory of one process that the live picture lacks, and executable
 * pages that are in none of its mappings: of processes that lived from the live
 * picture to the reading of their memory.
 */
int compare_space(struct verdicts *vs, const struct captured *c,
	const struct space *s, const struct snapshot *live,
	struct err *e) MUST_CHECK;

#endif
