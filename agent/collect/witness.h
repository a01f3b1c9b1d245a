/* SPDX-License-Identifier: Apache-2.0 */
/* How one witness did, and the record of it. */
#ifndef COLLECT_WITNESS_H
#define COLLECT_WITNESS_H

#include "base/err.h"
#include "icecore/v1/record.pb-c.h"
#include "live/source.h"

struct witness {
	enum live_witness kind;
	int result;
	struct err why; /* it was refused */
	struct live_seen seen;
};

/*
 * witness_make(ret, w):
 * Fill ${ret}, which borrows from ${w}.
 */
void witness_make(Icecore__V1__WitnessTried *ret, const struct witness *w);

#endif
