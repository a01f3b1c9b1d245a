/* SPDX-License-Identifier: Apache-2.0 */
/* The records of the live picture as rows of a table, and threads by
 * themselves. */
#ifndef LAB_SHOW_LIVE_H
#define LAB_SHOW_LIVE_H

#include <stdint.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "icecore/v1/record.pb-c.h"

struct buf;
struct err;

enum show_view {
	SHOW_RECORDS, /* each record as it is */
	SHOW_PROCESSES,
	SHOW_THREADS,
	SHOW_MAPPINGS,
};

/*
 * show_live_header(view):
 * The line above the rows.
 */
const char *show_live_header(enum show_view view);

/*
 * show_process_row(ret, p, e), show_thread_row(ret, p, i, e):
 * Append one line, without its line feed.
 */
int show_process_row(struct buf *ret, const Icecore__V1__Process *p,
	struct err *e) MUST_CHECK;
int show_thread_row(struct buf *ret, const Icecore__V1__Process *p, size_t i,
	struct err *e) MUST_CHECK;

int show_mapping_row(struct buf *ret, const Icecore__V1__ProcessMaps *p,
	size_t i, struct err *e) MUST_CHECK;

/*
 * show_thread_json(p, i), show_mapping_json(p, i):
 * {"thread": {"pid": ..., ...}} and the like; NULL when there is no memory.
 */
json_t *show_thread_json(const Icecore__V1__Process *p, size_t i);
json_t *show_mapping_json(const Icecore__V1__ProcessMaps *p, size_t i);

#endif
