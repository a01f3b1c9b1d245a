/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Persistence: what the places hold, compared with what packages own.  What is
 * as its package made it is usual, whatever it says.
 */
#ifndef DISK_PERSIST_H
#define DISK_PERSIST_H

#include "disk/persist_text.h"
#include "disk/picture.h"

enum { PERSIST_FILE_BYTES = 1 << 20 }; /* of a larger one no line is read */

enum persist_level {
	PERSIST_USUAL,
	PERSIST_NOTED, /* not a package's, as is common there */
	PERSIST_ODD, /* not a package's, where only packages put files */
	PERSIST_BAD, /* and its text is odd as well */
};

/* A file of a place; or, before it, a line of that file. */
struct persist_found {
	const struct place *place;
	uint32_t file; /* that has the name in the place */
	uint32_t content; /* where links lead to; else the same */
	const char *path; /* of ->file; borrowed during the call */
	enum disk_state state; /* of ->content */
	enum persist_level level;
	const char *reason; /* NULL = nothing is odd */
	bool whole; /* the file; of a finding it is the worst line */
	struct persist_item item; /* of the file: its worst line, or line 0 */
};

typedef int persist_tell(
	void *arg, const struct persist_found *found, struct err *e);

/*
 * persist_run(p, miss, tell, arg, e):
 * Call ${tell} for each file of each place, after those of its lines that run
 * something or are odd.  What cannot be read is told by ${miss}.
 */
int persist_run(const struct picture *p, walk_miss *miss, persist_tell *tell,
	void *arg, struct err *e) MUST_CHECK;

#endif
