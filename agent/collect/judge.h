/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are judged as they are written: each rule that looks at one
 * record alone is a line of the table in judge.c.
 */
#ifndef COLLECT_JUDGE_H
#define COLLECT_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;
struct writer;

/*
 * judge_put(w, m, e):
 * Write ${m}, and after it a finding for each rule that it breaks.
 */
int judge_put(struct writer *w, const Icecore__V1__Record *m,
	struct err *e) MUST_CHECK;

/*
 * judge_is_kernel_name(name, len):
 * Whether it is called "[anything]", or like a kernel's worker.
 */
bool judge_is_kernel_name(const char *name, size_t len);

#endif
