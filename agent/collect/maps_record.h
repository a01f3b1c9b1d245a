/* SPDX-License-Identifier: Apache-2.0 */
/* From mappings to ProcessMaps records. */
#ifndef COLLECT_MAPS_RECORD_H
#define COLLECT_MAPS_RECORD_H

#include <stddef.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct err;
struct live_task;
struct maps;
struct maps_record;

/* Of one record, so that it stays below RECORD_HEAD_MAX_BYTES. */
enum { MAPS_RECORD_MAX = 2048, MAPS_RECORD_PATH_BYTES = 768 << 10 };

/*
 * maps_record_new(ret, e), maps_record_free(r):
 * Room for one record after the other.
 */
int maps_record_new(struct maps_record **ret, struct err *e) MUST_CHECK;
void maps_record_free(struct maps_record *r);

/*
 * maps_record_make(r, t, maps, at):
 * The record with the mappings from ${at} on, as many as fit; it is good until
 * the next call, and borrows from ${maps}.
 */
Icecore__V1__ProcessMaps *maps_record_make(struct maps_record *r,
	const struct live_task *t, const struct maps *maps, size_t at);

#endif
