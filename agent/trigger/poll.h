/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking again and again at the parts of a source: each at its own pace, so
 * that one which does not answer holds none up for longer than its time-out.
 */
#ifndef TRIGGER_POLL_H
#define TRIGGER_POLL_H

#include <stddef.h>

struct err;
struct feed;

enum {
	POLL_PARTS_MAX = 4,
	POLL_BACK_OFF_MS = 30000, /* the longest between two looks */
};

struct poll_part {
	const char *name; /* "tags", for icecore status */
	/*
	 * look(source, f, e): ring for what is there.  0: all of it was looked
	 * at.  -ENOENT and -EACCES: nothing of it can be seen here, and ${e}
	 * says why; -EINTR: the watch ends; else it does not answer well at
	 * the moment.  It is looked at again either way.
	 */
	int (*look)(void *source, struct feed *f, struct err *e);
};

/*
 * poll_run(f, parts, n, source, ms):
 * Look at ${n} parts every ${ms} until the watch ends, with longer and longer
 * waits while they fail, and tell how they are.  Reports are dropped.
 */
void poll_run(struct feed *f, const struct poll_part *parts, size_t n,
	void *source, unsigned ms);

#endif
