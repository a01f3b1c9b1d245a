/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents of captured binaries on their way into a directory: binaries/ID for
 * each, by the hexadecimal of its id, never executable and never under its own
 * name, checked against that id, and binaries/ID.json, what is known of it.
 */
#ifndef LAB_CONTENTS_H
#define LAB_CONTENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct contents;
struct err;

enum {
	CONTENTS_ID_BYTES = 32,
	CONTENTS_MAX = 65536,
	CONTENTS_PIECES_MAX = 1 << 22, /* of all contents */
};

/* How it ended. */
struct contents_result {
	size_t whole; /* files that are what their id says */
	size_t not_whole; /* were named ID.part */
};

/*
 * contents_new(ret, outfd, e), contents_free(c):
 * To the directory ${outfd}, which is borrowed.  Nothing is made there before
 * the first content.
 */
int contents_new(struct contents **ret, int outfd, struct err *e) MUST_CHECK;
void contents_free(struct contents *c);

/*
 * contents_put(c, data, e), contents_tell(c, binary, e):
 * A piece, and a description; in any order, one thread at a time.  -EINVAL
 * for a message that no writer makes.
 */
int contents_put(struct contents *c, const Icecore__V1__BinaryData *data,
	struct err *e) MUST_CHECK;
int contents_tell(struct contents *c, const Icecore__V1__Binary *binary,
	struct err *e) MUST_CHECK;

/*
 * contents_finish(c, ret, e):
 * Check each content against its id and give it its name and its mode, 0400.
 */
int contents_finish(struct contents *c, struct contents_result *ret,
	struct err *e) MUST_CHECK;

#endif
