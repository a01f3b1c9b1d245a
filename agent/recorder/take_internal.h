/* SPDX-License-Identifier: Apache-2.0 */
/* take.c keeps what was taken, take_opened.c listens to fanotify. */
#ifndef RECORDER_TAKE_INTERNAL_H
#define RECORDER_TAKE_INTERNAL_H

#include <sys/types.h>

#include "base/err.h"
#include "recorder/take.h"

struct opened {
	int fd; /* -1 = free */
	dev_t dev;
	ino_t inode;
	uint64_t since_ns;
};

struct opens {
	int fd; /* of fanotify; -1 = none */
	int mounts; /* /proc/self/mountinfo, which tells when it changes */
	size_t ignored;
	uint64_t looked_ns; /* at the mounts */
	struct err why;
	struct opened v[TAKE_PENDING_MAX];
};

void opens_init(struct opens *o);
void opens_done(struct opens *o);

/*
 * opens_read(o, counters):
 * Take in all that is queued, and let go of what was not executed.
 */
void opens_read(struct opens *o, struct take_counters *counters);

/*
 * opens_find(o, dev, inode):
 * The descriptor of that file, which is the caller's now; -1 = none.
 */
int opens_find(struct opens *o, dev_t dev, ino_t inode);

/*
 * opens_ignore(o, fd):
 * Do not tell of this file again before it is changed.
 */
void opens_ignore(struct opens *o, int fd);

#endif
