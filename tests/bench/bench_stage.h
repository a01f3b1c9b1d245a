/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a capture, each alone, over all of the data. */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include <stddef.h>

#include "base/cleanup.h"

struct bench_data;
struct bench_stage;
struct err;

/*
 * bench_stage_new(ret, d, e):
 * Room for the stages over ${d}, which is borrowed.  Free with
 * bench_stage_free().
 */
int bench_stage_new(struct bench_stage **ret, const struct bench_data *d,
	struct err *e) MUST_CHECK;
void bench_stage_free(struct bench_stage *st);
const struct bench_data *bench_stage_data(const struct bench_stage *st);

/*
 * bench_stage_copy(st), bench_stage_scan(st):
 * Copy each batch as a source does; look for the pages of zeros.  Return the
 * seconds, as the others do in ${ret}.
 */
double bench_stage_copy(struct bench_stage *st);
double bench_stage_scan(struct bench_stage *st);

/*
 * bench_stage_zstd(st, ret, level, e):
 * Compress what is not zeros, as segments do; bench_stage_packed() is then
 * how many bytes it makes.
 */
int bench_stage_zstd(struct bench_stage *st, double *ret, int level,
	struct err *e) MUST_CHECK;
size_t bench_stage_packed(const struct bench_stage *st);

/*
 * bench_stage_age(st, ret, e), bench_stage_sha(st, ret, e):
 * Encrypt, and hash, what the compressor made.
 */
int bench_stage_age(struct bench_stage *st, double *ret, struct err *e) MUST_CHECK;
int bench_stage_sha(struct bench_stage *st, double *ret, struct err *e) MUST_CHECK;

#endif
