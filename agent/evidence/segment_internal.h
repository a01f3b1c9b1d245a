/* SPDX-License-Identifier: Apache-2.0 */
/* How segments are compressed; for segment.c and the benchmark of it. */
#ifndef EVIDENCE_SEGMENT_INTERNAL_H
#define EVIDENCE_SEGMENT_INTERNAL_H

#include <zstd.h>

#include "evidence/segment.h"

/*
 * segment_zstd_set(zstd, level, e):
 * Make ${zstd} ready for a segment at ${level}.
 */
int segment_zstd_set(ZSTD_CCtx *zstd, int level, struct err *e) MUST_CHECK;

#endif
