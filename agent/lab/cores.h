/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a capture whose memory was taken, and their core files
 * below cores/: PID.core, and PID.json, which says what the core cannot.  Two
 * passes over the records: cores_see() learns what there is, cores_write()
 * writes the pages.  Any thread.
 */
#ifndef LAB_CORES_H
#define LAB_CORES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct cores;
struct err;
struct extract_result;

enum { CORES_MAX = 4096 };

/*
 * cores_new(ret, e), cores_free(cs):
 * ${cs} may be NULL.
 */
int cores_new(struct cores **ret, struct err *e) MUST_CHECK;
void cores_free(struct cores *cs);

/*
 * cores_see(cs, m, e):
 * The first pass; other records are passed over.
 */
int cores_see(struct cores *cs, const Icecore__V1__Record *m,
	struct err *e) MUST_CHECK;

/*
 * cores_create(cs, outfd, e), cores_write(cs, m, e):
 * Between the passes, and the second.  A process whose records make no sense
 * has no core, and says so in its PID.json.
 */
int cores_create(struct cores *cs, int outfd, struct err *e) MUST_CHECK;
int cores_write(struct cores *cs, const Icecore__V1__ProcessPages *m,
	struct err *e) MUST_CHECK;

/*
 * cores_finish(cs, res, e), cores_count(cs):
 * Make the files durable, and write PID.json with the gaps in ${res}; how many
 * core files there are.
 */
int cores_finish(struct cores *cs, const struct extract_result *res,
	struct err *e) MUST_CHECK;
size_t cores_count(const struct cores *cs);

#endif
