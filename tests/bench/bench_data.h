/* SPDX-License-Identifier: Apache-2.0 */
/* Memory as a running machine has it, made up: the same for the same files. */
#ifndef BENCH_DATA_H
#define BENCH_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;

struct bench_data {
	uint8_t *p; /* page aligned, page bytes a multiple */
	size_t bytes;
	size_t zero_pages;
};

/*
 * bench_data_make(ret, bytes, zero_percent, files, files_n, e):
 * Runs of pages of zeros, ${zero_percent} of all, and between them pages of
 * the ${files} (7 of 10), of what a heap looks like (2) and of noise (1).  The
 * caller ends ${ret} with bench_data_done().
 */
int bench_data_make(struct bench_data *ret, size_t bytes, unsigned zero_percent,
	char *const *files, size_t files_n, struct err *e) MUST_CHECK;
void bench_data_done(struct bench_data *d);

#endif
