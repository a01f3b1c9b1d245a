/* SPDX-License-Identifier: Apache-2.0 */
/* A MemoryExtent taken apart into runs, after what it claims was checked. */
#ifndef LAB_EXTENT_H
#define LAB_EXTENT_H

#include <stdint.h>

#include "base/cleanup.h"
#include "base/range.h"
#include "icecore/v1/record.pb-c.h"

struct err;

/*
 * Pages of one status at physical [start, end).  ${data}: their bytes, good
 * during the call; NULL = they are zero.
 */
typedef int extent_see(void *arg, struct range at,
	Icecore__V1__PageStatus status, const uint8_t *data, struct err *e);

/*
 * extent_each(x, see, arg, e):
 * Each run of ${x}, ascending.  -EBADMSG for what no writer makes: a status
 * of pages that are not known, an end past 2^64, too few or too many bytes.
 */
int extent_each(const Icecore__V1__MemoryExtent *x, extent_see *see, void *arg,
	struct err *e) MUST_CHECK;

#endif
