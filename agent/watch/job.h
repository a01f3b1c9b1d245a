/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be captured, and the triggers that want it: one job for all that
 * want the same case, by the same plan, at the same place.  The watch does one
 * after the other.
 */
#ifndef WATCH_JOB_H
#define WATCH_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/order.h"
#include "trigger/event.h"

struct err;
struct feed;

enum {
	JOB_CAUSES_MAX = 64,
	JOB_SOURCE_CHARS = 32,
	JOBS_MAX = 16,
	JOB_PLAN_CHARS = ORDER_PLAN_CHARS,
};

struct job_cause {
	struct feed *feed; /* that is told; NULL = nobody waits */
	char source[JOB_SOURCE_CHARS]; /* the name of a kind */
	struct trigger_event event;
};

struct job {
	char case_name[TRIGGER_CASE_CHARS]; /* "" = that of the plan */
	char plan[JOB_PLAN_CHARS]; /* "" = [capture] itself */
	char pod[TRIGGER_POD_CHARS]; /* "" = the host */
	struct order order; /* id 0 = not ordered; its destination and
			     * recipients overrule the plan's */
	struct job_cause causes[JOB_CAUSES_MAX];
	size_t causes_n;
	unsigned tries; /* that failed */
	uint64_t not_before_ns; /* CLOCK_MONOTONIC */
	uint64_t host_goes_ns; /* CLOCK_REALTIME, 0 = it stays */
	uint64_t begun_realtime_ns;
	uint64_t ended_realtime_ns;
};

/* The oldest first; but what leaves little time goes ahead. */
struct jobs {
	struct job *v[JOBS_MAX];
	size_t n;
};

/*
 * job_same(a, b): one capture does for both.
 */
bool job_same(const struct job *a, const struct job *b);

/*
 * jobs_add(jobs, j, e): copies ${j}, or lets the one that waits do for its
 * triggers, too.  -E2BIG.
 * jobs_take(jobs): the first one, which the caller frees; NULL = none.
 * jobs_first(jobs): the same, which stays.
 * jobs_done(jobs).
 */
int jobs_add(struct jobs *jobs, const struct job *j, struct err *e) MUST_CHECK;
struct job *jobs_take(struct jobs *jobs);
const struct job *jobs_first(const struct jobs *jobs);
void jobs_done(struct jobs *jobs);

/*
 * job_tell(j, ret, cap):
 * The triggers as one line, "ec2: tag icecore=INC-7 (and 2 more)".
 */
void job_tell(const struct job *j, char *ret, size_t cap);

#endif
