/* SPDX-License-Identifier: Apache-2.0 */
/* All stages, by the agent's own floors: extents, writers, stream. */
#ifndef BENCH_PIPELINE_H
#define BENCH_PIPELINE_H

#include "base/cleanup.h"

struct bench_data;
struct err;

/*
 * bench_pipeline(ret, d, workers, level, e):
 * Send ${d} through ${workers} threads to a sink that forgets everything;
 * ${ret} is in seconds, from the opening of the stream to its final manifest.
 */
int bench_pipeline(double *ret, const struct bench_data *d, unsigned workers,
	int level, struct err *e) MUST_CHECK;

#endif
