/* SPDX-License-Identifier: Apache-2.0 */
/* From what a disk's logs tell to its records and findings. */
#ifndef COLLECT_DISK_TRACE_H
#define COLLECT_DISK_TRACE_H

#include <stdatomic.h>

#include "base/cleanup.h"
#include "disk/picture.h"

struct err;
struct writer;

enum {
	DISK_BATCH_EVENTS = 256, /* of one record */
	DISK_BATCH_EVENT_BYTES = 256 << 10, /* of their texts */
};

struct disk_trace_config {
	struct writer *writer;
	const struct picture *picture;
	walk_miss *miss;
	void *arg; /* of ->miss */
	const atomic_bool *interrupted;
};

/*
 * disk_put_trace(config, e): all events, then what is odd about logs.
 */
int disk_put_trace(
	const struct disk_trace_config *config, struct err *e) MUST_CHECK;

#endif
