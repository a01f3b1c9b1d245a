/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rows icelab show prints.  A container or a pod is told by processes;
 * of other records those are meant whose pid is such a process's, so records
 * go through the filter in the order of the evidence.
 */
#ifndef LAB_SHOW_FILTER_H
#define LAB_SHOW_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "lab/show_table.h"

struct err;

enum { SHOW_PIDS = 1 << 22 }; /* PID_MAX_LIMIT of Linux */

/* What is UINT64_MAX or NULL does not filter. */
struct show_filter {
	uint64_t pid;
	uint64_t netns;
	const char *container; /* how its id begins */
	const char *pod; /* its uid, or namespace/name */
	uint8_t *pids; /* a bit for each process of the container or pod */
};

/*
 * show_filter_init(f), show_filter_done(f):
 * One that lets everything pass.
 */
void show_filter_init(struct show_filter *f);
void show_filter_done(struct show_filter *f);

/*
 * show_filter_see(f, m, e):
 * To be called with every record, in order.
 */
int show_filter_see(struct show_filter *f, const Icecore__V1__Record *m,
	struct err *e) MUST_CHECK;

/*
 * show_filter_passes(f, body, item):
 * Whether a row made of ${item}, which is in the record's ${body} or is it,
 * passes.  What has no pid belongs to no process, and what has no netns to no
 * network namespace.
 */
bool show_filter_passes(const struct show_filter *f,
	const ProtobufCMessage *body, const ProtobufCMessage *item);

#endif
